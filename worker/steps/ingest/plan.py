"""The transaction of a batch: take the ids · keep the records · write the rows."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from queue import SimpleQueue

from worker.core.accounts.account import Account
from worker.core.authoring.unrecognized_values import Misread, misread
from worker.core.clock.months import month_of
from worker.core.contract.event import Event
from worker.core.contract.event_types import TYPES
from worker.core.contract.inbound_message import Delivery
from worker.core.planning.consent import statement_of
from worker.core.planning.draft import MISSING_VALUE, Draft
from worker.core.planning.recipient_checks import Known, check_recipient
from worker.core.reminders.calendar_entry import entry_of
from worker.core.sending.nudge import WINDOW, NotificationId, Nudge, nudges
from worker.core.triggers.match import record_of
from worker.core.triggers.matching import is_wanted, matching
from worker.failpoint import reached
from worker.steps.effects import Moved, Reported, moved
from worker.steps.ingest.outcomes import outcomes
from worker.steps.ingest.parse import Prepared, split_repeats
from worker.steps.quarantine import Solitude
from worker.steps.sending.claim import Claim
from worker.steps.sending.row_failure import job_dead_letter
from worker.steps.sending.straight.claim import Ready, ask_for_pace, claim_straight
from worker.steps.sending.straight.straight_posts import StraightPosts
from worker.store.accounts.configuration import Configuration, ConfigurationCache
from worker.store.db.postgres import Connection, Pool
from worker.store.ingest import dead_letters, notifications, suspect_messages, write_batch
from worker.store.ingest import unrecognized_values as misread_fields
from worker.store.ingest.dead_letters import DeadLetter
from worker.store.ingest.events import Stored
from worker.store.ingest.notifications import NewNotification
from worker.store.ingest.records import RecordState
from worker.store.ingest.write_batch import Arriving, Taken
from worker.store.sending.straight import New


@dataclass(frozen=True, slots=True)
class Intake:
    """What accepting needs.

    Attributes:
        straight_posts: takes what may go at once; without it everything is planned.
        uncounted: suspects whose count is to be taken back.
    """

    pool: Pool
    cache: ConfigurationCache
    salt: bytes
    straight_posts: StraightPosts | None = None
    solitude: Solitude = field(default_factory=Solitude)
    uncounted: SimpleQueue[bytes] = field(default_factory=SimpleQueue[bytes])


@dataclass(frozen=True, slots=True)
class Accepted:
    """Counts of one batch.

    Attributes:
        cleaned: values that held markup, escapes, controls or odd spaces.
        cut: values that were too long.
        misread: fields that no rule could read.
        claims: what goes at once, now that it is committed.
    """

    events: int = 0
    repeats: int = 0
    refused: int = 0
    planned: int = 0
    sending: int = 0
    postponed: int = 0
    skipped: int = 0
    failed: int = 0
    cleaned: int = 0
    cut: int = 0
    misread: tuple[Misread, ...] = ()
    nudges: tuple[Nudge, ...] = ()
    measured: tuple[Moved, ...] = ()
    reported: tuple[Reported, ...] = ()
    claims: tuple[Claim, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        texts = ("planned", "sending", "postponed", "skipped", "failed")
        return {name: getattr(self, name) for name in ("events", "repeats", "refused", *texts, "cleaned", "cut")}


def plan(prepared: Prepared, deliveries: Sequence[Delivery], connection: Connection) -> Accepted:
    configuration, now, batch, drafted = prepared.configuration, prepared.now, prepared.batch, prepared.drafted
    month = month_of(now)
    events = [event for event, _ in batch.firsts.values()]
    taken = write_batch.take(connection, events, drafted, month=month)
    again = batch.again + [pair for key, pair in batch.firsts.items() if key not in taken.events]
    reused, repeated = split_repeats(connection, again)
    fresh = [(taken.events[event.key], event) for event in events if event.key in taken.events]
    statements = [statement for _, event in fresh if (statement := statement_of(event))]
    known = taken.known.with_statements(statements) if statements else taken.known
    written = list(write_down(drafted, taken, known, configuration, now=now))
    notification_ids = ids_by_key(connection, written, taken, month=month, now=now)
    stored = list(with_outcomes(fresh, written, notification_ids, configuration))
    rows = {
        notification.draft.key: notification
        for notification in reversed(written)
        if notification.draft.key in taken.rows
    }
    new = [(taken.rows[key], row) for key, row in rows.items()]
    states = [state_of(event, configuration.accounts[event.account]) for _, event in fresh if TYPES[event.type].record]
    texts = [New(number, notification.draft) for number, notification in new]
    with connection.pipeline() if prepared.straight.posts else nullcontext():
        write_batch.write(connection, Arriving(states, statements, stored), month=month, now=now)
        ready = ask_for_pace(connection, texts, prepared.straight)
    claims = write_texts(connection, prepared, new, ready, month=month)
    lacking = [
        job_dead_letter(notification_ids[key], row.draft.account, MISSING_VALUE, what_lacks(row.draft))
        for key, row in rows.items()
        if row.draft.state == "failed"
    ]
    dead = [*batch.dead, *reused, *lacking]
    settle_refused(connection, deliveries, dead, now=now)
    misreadings = [(event.account, reading) for _, event in fresh for reading in misread(event)]
    misread_fields.count(connection, misreadings, now=now)
    result = accepted(stored, written, notification_ids, claims, repeated, dead)
    return replace(result, misread=tuple(reading for _, reading in misreadings)) if misreadings else result


def with_outcomes(
    fresh: Iterable[tuple[int, Event]],
    written: Sequence[NewNotification],
    notification_ids: Mapping[bytes, NotificationId],
    configuration: Configuration,
) -> Iterator[Stored]:
    with_recipients = {new.event for new in written}
    with_texts = {new.event for new in written if new.draft.key in notification_ids}
    for number, event in fresh:
        came_to = outcome(
            event, configuration, has_recipients=number in with_recipients, has_texts=number in with_texts
        )
        yield Stored(number, event, came_to)


def write_texts(
    connection: Connection, prepared: Prepared, new: Sequence[tuple[int, NewNotification]], ready: Ready, *, month: date
) -> list[Claim]:
    """Write new texts; those that may go now with their attempts."""
    accepted_at = prepared.now
    going = claim_straight(connection, ready, prepared.configuration, prepared.straight, month=month, now=accepted_at)
    now = going[0].now if going else accepted_at
    leaving = [each.leaving for each in going]
    hours = write_batch.insert(connection, new, leaving, month=month, accepted_at=accepted_at, now=now)
    claims = [each.claimed(connection, hours) for each in going]
    if claims:
        reached("claimed_straight")
    return claims


def write_down(
    drafted: Iterable[tuple[Event, Draft]], taken: Taken, known: Known, configuration: Configuration, *, now: datetime
) -> Iterator[NewNotification]:
    """Check drafts by what is known of their recipients; beyond WINDOW nudges of a lane, rows go to the sweeper."""
    nudged: Counter[tuple[str, str]] = Counter()
    for event, draft in drafted:
        if event.key not in taken.events:
            continue
        written = check_recipient(draft, known, configuration.accounts[draft.account], now=now)
        if written.state == "planned":
            nudged[written.account, written.lane] += 1
            if nudged[written.account, written.lane] > WINDOW:
                written = replace(written, due_at=now)
        yield NewNotification(taken.events[event.key], written)


def ids_by_key(
    connection: Connection, written: Iterable[NewNotification], taken: Taken, *, month: date, now: datetime
) -> dict[bytes, NotificationId]:
    known = {new.draft.key: new for new in reversed(list(written)) if new.draft.key not in taken.rows}
    revived = notifications.revive(connection, list(known.values()), month=month, now=now)
    return {key: (month, number) for key, number in taken.rows.items()} | revived


def settle_refused(
    connection: Connection, deliveries: Iterable[Delivery], dead: Sequence[DeadLetter], *, now: datetime
) -> None:
    dead_letters.bury(connection, dead, now=now)
    for delivery in deliveries:
        if delivery.is_suspect:
            suspect_messages.clear(connection, delivery.hash)


def accepted(
    stored: Sequence[Stored],
    written: Sequence[NewNotification],
    notification_ids: Mapping[bytes, NotificationId],
    claims: Sequence[Claim],
    repeated: Sequence[Event],
    dead: Sequence[DeadLetter],
) -> Accepted:
    drafts = [new.draft for new in written if new.draft.key in notification_ids]
    planned = [draft for draft in drafts if draft.state == "planned"]
    first = {draft.key: draft for draft in reversed(drafts)}
    going = {notification_id for claim in claims for notification_id in claim.notification_ids}
    return Accepted(
        events=len(stored),
        repeats=len(repeated),
        refused=sum(dead_letter.letter_kind == "event" for dead_letter in dead),
        planned=len(planned) - len(going),
        sending=len(going),
        postponed=sum(draft.state == "postponed" for draft in drafts),
        skipped=sum(new.draft.state == "skipped" for new in written),
        failed=sum(draft.state == "failed" for draft in first.values()),
        cleaned=sum(new.draft.written.cleaned for new in written),
        cut=sum(new.draft.written.cut for new in written),
        nudges=tuple(
            nudges(
                (draft.account, draft.lane, notification_ids[draft.key])
                for draft in planned
                if notification_ids[draft.key] not in going
            )
        ),
        measured=moved(
            Counter(
                (draft.lane, "sending" if notification_ids[draft.key] in going else draft.state)
                for draft in first.values()
            )
        ),
        claims=tuple(claims),
        reported=tuple(outcomes(stored, written, notification_ids, repeated, dead)),
    )


def what_lacks(draft: Draft) -> str:
    codes = ", ".join(f"{{{code}}}" for code in draft.written.holes)
    return f"{draft.trigger}: no value for {codes}. Publish the fact with it, or change the template and replay."


def outcome(event: Event, configuration: Configuration, *, has_recipients: bool, has_texts: bool) -> str:
    if has_texts:
        return "planned"
    if has_recipients:
        return "already_planned"
    if any(matching(event, configuration.accounts[event.account])):
        return "no_recipient"
    return "switched_off" if is_wanted(event) else "recorded"


def state_of(event: Event, account: Account) -> RecordState:
    event_type, ref = TYPES[event.type], record_of(event)
    record = event_type.newest_record(event.data)
    return RecordState(event.account, ref, record, event_type.is_deletion, entry_of(event, ref, account))
