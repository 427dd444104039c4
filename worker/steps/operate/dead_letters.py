"""The dead-letter desk: which letters are meant, and what a person does to them besides replaying."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from worker.core.contract.event import Malformed, read
from worker.core.contract.event_types import TYPES
from worker.core.history.dead_letter_meanings import DEAD_LETTERS
from worker.language import _
from worker.steps.operate.replay import keep_edited, letter_name
from worker.store.audit import audit
from worker.store.db.postgres import Connection
from worker.store.ingest import dead_letter_list, dead_letter_replay
from worker.store.ingest.dead_letter_list import KeptDeadLetter, Wanted
from worker.store.ingest.dead_letter_replay import Closing
from worker.store.ingest.dead_letters import TOO_MANY

KINDS = ("event", "job", "message")


@dataclass(frozen=True, slots=True)
class UnknownValue:
    """A filter that can find nothing, and the values that it may have."""

    name: str
    value: str
    known: Sequence[str]


@dataclass(frozen=True, slots=True)
class Edited:
    bytes: int


@dataclass(frozen=True, slots=True)
class NotEdited:
    """Why a letter stays as it is; `reason` where the new body would be refused as an event."""

    why: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Dropped:
    id: int
    is_done: bool


def unknown_value(connection: Connection, wanted: Wanted) -> UnknownValue | None:
    """The first filter whose value nobody has ever heard of."""
    closed_sets = (("reason", wanted.reason, sorted(DEAD_LETTERS)), ("kind", wanted.letter_kind, KINDS))
    for name, value, known in closed_sets:
        if value is not None and value not in known:
            return UnknownValue(name, value, known)
    if wanted.account is not None:
        accounts = dead_letter_list.known_accounts(connection)
        if wanted.account not in accounts:
            return UnknownValue("account", wanted.account, accounts)
    if wanted.event_type is not None and wanted.event_type not in TYPES:
        types = sorted({*TYPES, *dead_letter_list.known_types(connection)})
        return None if wanted.event_type in types else UnknownValue("type", wanted.event_type, types)
    return None


def edit(
    connection: Connection, dead_letter: KeptDeadLetter, body: bytes, *, by: str, now: datetime
) -> Edited | NotEdited:
    """Keep an event as a person edited it, beside what arrived; one that would be malformed again is not kept."""
    if why_not := uneditable(dead_letter):
        return NotEdited(why_not)
    if body == dead_letter.newest_body:
        return NotEdited(_("it is that already"))
    parsed = read(body, routing_key=dead_letter.routing_key or "", now=now)
    if isinstance(parsed, Malformed):
        return NotEdited(parsed.detail, parsed.reason)
    if not keep_edited(connection, dead_letter, body, by=by, now=now):
        return NotEdited(_("somebody edited or closed it a moment ago; look at it again"))
    return Edited(len(body))


def uneditable(dead_letter: KeptDeadLetter) -> str | None:
    summary = dead_letter.summary
    if summary.state != "open":
        return _("it is {state} already, by {name}", state=summary.state, name=summary.closed_by)
    if summary.kind != "event":
        return _("only an event has a body to edit")
    return _("it only counts those that had no room") if summary.reason == TOO_MANY else None


def drop(connection: Connection, numbers: Sequence[int], *, why: str, by: str, now: datetime) -> list[Dropped]:
    """Close letters without replaying them, each with a note in the audit."""
    known = {summary.id: summary for summary in dead_letter_list.summaries(connection, numbers)}
    dropped: list[Dropped] = []
    for number in numbers:
        is_done = dead_letter_replay.close(connection, number, Closing("dropped", by, why), now=now)
        if is_done:
            summary = known[number]
            after, subject = {"reason": summary.reason}, letter_name(number)
            audit.note(connection, by, "dead_drop", subject, account=summary.account, after=after, now=now)
        dropped.append(Dropped(number, is_done))
    return dropped


def see_phones(connection: Connection, dead_letter: KeptDeadLetter, *, by: str) -> None:
    """Note that somebody looks at a letter's body with its phones."""
    summary = dead_letter.summary
    audit.note(connection, by, "phones_seen", letter_name(summary.id), account=summary.account)
