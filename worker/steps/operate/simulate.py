"""What the clock would tell an account's people, without telling it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from worker.core.accounts.account import Account
from worker.core.planning.recipient_checks import Known, welcome
from worker.core.reminders.newest_phone import named_in, with_newest
from worker.core.reminders.schedule import rules_of
from worker.core.reminders.simulation import Foreseen, Outlook, Span, foreseen
from worker.store.db.postgres import Connection
from worker.store.reminders import simulation
from worker.store.sending import phone_changes

#: Why somebody would not be told once more.
ALREADY_PLANNED = "already_planned"


@dataclass(frozen=True, slots=True)
class Page:
    """What some entries of the calendar would tell."""

    entries: int
    foreseen: tuple[Foreseen, ...]


def simulate(connection: Connection, account: Account, span: Span, *, salt: bytes) -> Iterator[Page]:
    """Go through an account's calendar; nothing is written."""
    rules = {(rule.record_kind, rule.moment): rule for rule in rules_of(account)}
    identities = simulation.fired_before(connection, account.id, begins=span.begins)
    outlook = Outlook(account, span, identities, salt)
    seen = set[bytes]()
    for page in simulation.entries(connection, account.id):
        now = phone_changes.known(connection, named_in(entry for entry, _ in page))
        results = [
            item
            for entry, newest in page
            if (rule := rules.get((entry.record_kind, entry.moment)))
            for item in foreseen(with_newest(entry, now), newest, rule, outlook)
        ]
        yield Page(len(page), tuple(checked(connection, account, results, seen)))


def checked(connection: Connection, account: Account, results: list[Foreseen], seen: set[bytes]) -> Iterator[Foreseen]:
    """The same as it may go to its people, with the facts that were told before struck out."""
    people = simulation.people(connection, account.id, (item.draft for item in results))
    known = simulation.known(connection, (item.draft.key for item in results))
    for result in results:
        outcome = welcomed(result, people, account)
        draft = outcome.draft
        if draft.state == "skipped":
            yield outcome
        elif draft.key in known or draft.key in seen:
            yield replace(outcome, draft=replace(draft, state="skipped", reason=ALREADY_PLANNED, due_at=None))
        else:
            seen.add(draft.key)
            yield outcome


def welcomed(result: Foreseen, people: Known, account: Account) -> Foreseen:
    """The same, by what is known of its person: the stop-list, consent, whether Viber reaches them."""
    draft = welcome(result.draft, people, account, now=result.at)
    held_until = draft.due_at if draft.state == "postponed" else None
    return Foreseen(held_until or result.at, result.entry, draft)
