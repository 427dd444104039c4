"""Which reminders an account's people would get, without sending any."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from worker.core.accounts.account import Account
from worker.core.planning.recipient_checks import Known, check_recipient
from worker.core.reminders.newest_phone import named_in, with_newest
from worker.core.reminders.schedule import rules_of
from worker.core.reminders.simulation import Foreseen, Outlook, Span, foreseen
from worker.store.db.postgres import Connection
from worker.store.reminders import simulation
from worker.store.sending import phone_changes

#: Why somebody would not get the same reminder again.
ALREADY_PLANNED = "already_planned"


@dataclass(frozen=True, slots=True)
class Page:
    entries: int
    foreseen: tuple[Foreseen, ...]


def simulate(connection: Connection, account: Account, span: Span, *, salt: bytes) -> Iterator[Page]:
    rules = {(rule.record_kind, rule.moment): rule for rule in rules_of(account)}
    fired = simulation.fired_before(connection, account.id, begins=span.begins)
    outlook = Outlook(account, span, fired, salt)
    seen = set[bytes]()
    for page in simulation.entries(connection, account.id):
        now = phone_changes.known(connection, named_in(entry for entry, _ in page))
        reminders = [
            reminder
            for entry, newest in page
            if (rule := rules.get((entry.record_kind, entry.moment)))
            for reminder in foreseen(with_newest(entry, now), newest, rule, outlook)
        ]
        yield Page(len(page), tuple(checked(connection, account, reminders, seen)))


def checked(
    connection: Connection, account: Account, reminders: list[Foreseen], seen: set[bytes]
) -> Iterator[Foreseen]:
    """Check recipients, and skip reminders whose fact was announced before."""
    people = simulation.people(connection, account.id, (reminder.draft for reminder in reminders))
    known = simulation.known(connection, (reminder.draft.key for reminder in reminders))
    for reminder in reminders:
        permitted = recipient_checked(reminder, people, account)
        draft = permitted.draft
        if draft.state == "skipped":
            yield permitted
        elif draft.key in known or draft.key in seen:
            yield replace(permitted, draft=replace(draft, state="skipped", reason=ALREADY_PLANNED, due_at=None))
        else:
            seen.add(draft.key)
            yield permitted


def recipient_checked(reminder: Foreseen, people: Known, account: Account) -> Foreseen:
    draft = check_recipient(reminder.draft, people, account, now=reminder.at)
    held_until = draft.due_at if draft.state == "postponed" else None
    return Foreseen(held_until or reminder.at, reminder.entry, draft)
