"""The transaction of a batch: take the ids · keep the records · match · render · write the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from queue import SimpleQueue

from worker.core.contract import TYPES
from worker.core.delivery import Delivery
from worker.core.draft import MISSING_VALUE, Draft, drafts, suppressed
from worker.core.event import Event
from worker.core.nudge import WINDOW, Nudge, Place, nudges
from worker.core.occasion import record_of
from worker.core.trigger import is_wanted, matching
from worker.failpoint import reached
from worker.steps.falter import job
from worker.steps.measure import Moved, moved
from worker.steps.solitude import Solitude
from worker.steps.sort import SortedOut, sort_out
from worker.store import dead_letters, events, notifications, records, suppressions, suspects
from worker.store.configuration import Configuration, ConfigurationCache
from worker.store.dead_letters import DeadLetter
from worker.store.events import Stored
from worker.store.notifications import Born
from worker.store.postgres import Connection, Pool
from worker.store.records import RecordState


@dataclass(frozen=True, slots=True)
class Intake:
    """What accepting needs; `owed` holds suspects whose count is to be taken back when PostgreSQL is there again."""

    pool: Pool
    cache: ConfigurationCache
    salt: bytes
    solitude: Solitude = field(default_factory=Solitude)
    owed: SimpleQueue[bytes] = field(default_factory=SimpleQueue[bytes])


@dataclass(frozen=True, slots=True)
class Accepted:
    """What one batch came to.

    Attributes:
        cleaned: values of its texts that held markup, escapes, controls or odd spaces.
        cut: values that were too long.
    """

    events: int = 0
    repeats: int = 0
    refused: int = 0
    planned: int = 0
    postponed: int = 0
    skipped: int = 0
    failed: int = 0
    cleaned: int = 0
    cut: int = 0
    nudges: tuple[Nudge, ...] = ()
    measured: tuple[Moved, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """The figures alone."""
        names = ("events", "repeats", "refused", "planned", "postponed", "skipped", "failed", "cleaned", "cut")
        return {name: getattr(self, name) for name in names}


def plan(intake: Intake, deliveries: Sequence[Delivery], connection: Connection) -> Accepted:
    """Everything a batch asks for, in the caller's transaction."""
    configuration, now = intake.cache.look(connection)
    month = now.date().replace(day=1)
    batch = sort_out(connection, configuration, deliveries, month=month, now=now)
    reached("parsed")
    records.upsert(connection, map(state_of, filter(keeps_a_record, batch.fresh.values())))
    written = list(write_drafts(connection, intake, configuration, batch, now=now))
    places = notifications.plan(connection, written, month=month, now=now)
    heard = {born.event for born in written}
    told = {born.event for born in written if born.draft.key in places}
    stored = [
        Stored(number, event, outcome(event, configuration, is_heard=number in heard, is_told=number in told))
        for number, event in batch.fresh.items()
    ]
    events.insert(connection, stored, month=month, now=now)
    failed = [lacking(places[one.draft.key], one.draft) for one in written if is_failed(one.draft, places)]
    dead_letters.bury(connection, batch.dead + failed, now=now)
    for delivery in deliveries:
        if delivery.is_suspect:
            suspects.forget(connection, delivery.hash)
    planned = [born.draft for born in written if born.draft.key in places and born.draft.state == "planned"]
    first = {born.draft.key: born.draft for born in reversed(written)}
    return Accepted(
        events=len(stored),
        repeats=batch.repeats,
        refused=len(batch.dead),
        planned=len(planned),
        postponed=sum(born.draft.key in places and born.draft.state == "postponed" for born in written),
        skipped=sum(born.draft.state == "skipped" for born in written),
        failed=len(failed),
        cleaned=sum(born.draft.written.cleaned for born in written),
        cut=sum(born.draft.written.cut for born in written),
        nudges=tuple(nudges((draft.account, draft.lane, places[draft.key]) for draft in planned)),
        measured=moved(Counter((draft.lane, draft.state) for key, draft in first.items() if key in places)),
    )


def write_drafts(
    connection: Connection, intake: Intake, configuration: Configuration, batch: SortedOut, *, now: datetime
) -> Iterator[Born]:
    """Render every notification, strike out who is on a stop-list, and leave what is not nudged to the sweeper."""
    born = [
        Born(number, draft)
        for number, event in batch.fresh.items()
        for draft in drafts(event, configuration.accounts[event.account], salt=intake.salt, now=now)
    ]
    stopped = suppressions.among(connection, {item.draft.recipient_key for item in born})
    nudged: Counter[tuple[str, str]] = Counter()
    for item in born:
        written = item.draft
        if (written.account, written.recipient_key) in stopped and written.state != "skipped":
            written = suppressed(written)
        if written.state == "planned":
            nudged[written.account, written.lane] += 1
            if nudged[written.account, written.lane] > WINDOW:
                written = replace(written, due_at=now)
        yield Born(item.event, written)


def is_failed(draft: Draft, places: Mapping[bytes, Place]) -> bool:
    """Whether it was born failed just now."""
    return draft.state == "failed" and draft.key in places


def lacking(place: Place, draft: Draft) -> DeadLetter:
    """The letter of a row that its template does not let go with a hole."""
    return job(place, draft.account, MISSING_VALUE, what_lacks(draft))


def what_lacks(draft: Draft) -> str:
    """The sentence about the values that a row needs."""
    codes = ", ".join(f"{{{code}}}" for code in draft.written.holes)
    return f"{draft.trigger}: no value for {codes}. Publish the fact with it, or mend the template and replay."


def outcome(event: Event, configuration: Configuration, *, is_heard: bool, is_told: bool) -> str:
    """One word on what came of an event."""
    if is_told:
        return "planned"
    if is_heard:
        return "told_before"
    if any(matching(event, configuration.accounts[event.account])):
        return "nobody"
    return "switched_off" if is_wanted(event) else "recorded"


def keeps_a_record(event: Event) -> bool:
    """Whether an event speaks of a record; what is sent by hand does not."""
    return TYPES[event.type].record is not None


def state_of(event: Event) -> RecordState:
    """What an event says of its record."""
    event_type, ref = TYPES[event.type], record_of(event)
    return RecordState(event.account, ref, event_type.said_of_record(event.facts), event_type.is_deletion)
