"""Forgetting a person: what waits is cancelled at once, everything else is made anonymous, slice by slice.

What is on its way keeps its bytes until it is settled; the erasure names it, and the scheduler finishes then. Keys of
events and texts stay, so nothing is announced twice, and so does the key on a stop-list.
"""

import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice, takewhile
from typing import TypeVar

from worker.core.audit.action import person_of
from worker.core.privacy.person import Traces, plain_pattern_of
from worker.core.sending.nudge import NotificationId
from worker.core.triggers.recipients import key_of
from worker.logs.setup import log
from worker.steps.effects import Measure, unmeasured
from worker.steps.ends import Ending, ended_ones
from worker.steps.privacy.search import learned, rewrite
from worker.store.audit.audit import note
from worker.store.db.postgres import Connection, Pool, clock, committed, each_alone
from worker.store.privacy import erasures, letters, rows
from worker.store.privacy.erasures import Erasure
from worker.store.privacy.rows import About, Person

T = TypeVar("T")

#: Texts of one transaction.
SLICE = 500
#: Deletions that one run begins to carry out, and for how long it goes on with what is open.
AT_ONCE = 100
RUN_S = 30.0
#: Who cancels what nobody asked for by hand.
ACTOR = "erasure"


@dataclass(frozen=True, slots=True)
class Requested:
    """An erasure that has begun, and how many texts it cancelled."""

    id: int
    cancelled: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an erasure is: rows made anonymous by table, and what it waits for, with the keys of its attempts."""

    id: int
    erased: Mapping[str, int]
    waits_for: Mapping[NotificationId, Sequence[str]]

    @property
    def is_finished(self) -> bool:
        return not self.waits_for


def request(connection: Connection, phone: str, account: str | None, *, salt: bytes, by: str) -> Requested:
    """Begin to forget a phone, in an account or in all: cancel what waits, and remember what is to be done."""
    now, key = clock(connection), key_of(phone, salt=salt)
    number = erasures.add(connection, account, key, Traces(frozenset({phone})), by=by, now=now)
    cancelled = rows.cancel(connection, Person(account, [key], [phone]), actor=f"operator/{by}", now=now)
    after = {"erasure": number, "cancelled": len(cancelled)}
    note(connection, by, "privacy_erase", person_of(key), account=account, after=after, now=now)
    return Requested(number, len(cancelled))


def request_deleted(connection: Connection) -> None:
    """Begin to forget some of the contacts that were deleted, in accounts that want it so."""
    now = clock(connection)
    for number, account, contact in erasures.add_deleted(connection, limit=AT_ONCE, now=now):
        after = {"erasure": number}
        note(connection, ACTOR, "privacy_erase", f"contact {contact}", account=account, after=after, now=now)


def carry_on(pool: Pool, measure: Measure = unmeasured) -> int:
    """Begin what deletions ask for, and go on with open erasures for a while; count those that were finished."""
    ends_at = time.monotonic() + RUN_S
    with each_alone(pool) as connection:
        with connection.transaction():
            request_deleted(connection)
        waiting = erasures.open_ones(connection)
    in_time = takewhile(lambda _: time.monotonic() < ends_at, waiting)
    return sum(is_finished_by(pool, number, measure) for number in in_time)


def is_finished_by(pool: Pool, number: int, measure: Measure) -> bool:
    """Go on with an erasure; one that fails is tried again, and the others do not pay for it."""
    try:
        progress = carry_out(pool, number, measure)
    except Exception as error:  # noqa: BLE001 (whatever it is, the next erasure has not got it)
        log.warning("erasure.failed", erasure=number, exc_info=error)
        return False
    return bool(progress and progress.is_finished)


def carry_out(pool: Pool, number: int, measure: Measure = unmeasured) -> Progress | None:
    """Do what can be done of an erasure now; None where another does, or where it is finished already.

    Raises:
        Exception: PostgreSQL cannot take it; what was done stays done, and the rest may be done again.
    """
    with each_alone(pool) as connection:
        if not erasures.take(connection, number):
            return None
        try:
            erasure = erasures.load(connection, number)
            return None if erasure is None else done(connection, erasure, measure)
        finally:
            if not connection.closed:
                erasures.give_back(connection, number)


def done(connection: Connection, erasure: Erasure, measure: Measure) -> Progress:
    counts = Counter(erasure.erased)
    erasure = with_phones(connection, erasure)
    # What was on its way, or in the hands of a claim, may wait again since.
    person = person_of_erasure(connection, erasure, erasure.traces)
    cancel(connection, person, measure)
    # What was not settled when everything was looked through is all that is left to do.
    speaking = (
        rows.which_are_own(connection, person, erasure.waits_for)
        if erasure.searched_at
        else search(connection, erasure, counts, measure)
    )
    left: dict[NotificationId, bool] = {}
    for part in slices(speaking):
        with connection.transaction():
            left |= forget(connection, erasure, part, counts)
    return conclude(connection, erasure, left, counts)


def cancel(connection: Connection, person: Person, measure: Measure) -> None:
    cancelled = rows.cancel(connection, person, actor=ACTOR, now=clock(connection))
    measure(ended_ones(connection, (Ending(text, "cancelled", "erased") for text in cancelled)))


def with_phones(connection: Connection, erasure: Erasure) -> Erasure:
    """A contact that was deleted has the phones that its texts went to, and nobody else's."""
    if erasure.contact is None or erasure.account is None or erasure.searched_at:
        return erasure
    phones = frozenset(rows.phones_of(connection, erasure.account, erasure.contact))
    traces = erasure.traces | Traces(phones)
    erasures.remember(connection, erasure.id, traces)
    return replace(erasure, traces=traces)


def person_of_erasure(connection: Connection, erasure: Erasure, traces: Traces) -> Person:
    keys = {erasure.key} if erasure.key else rows.keys_of(connection, erasure.account or "", traces.phones)
    return Person(erasure.account, keys, traces.phones, traces.people)


def search(
    connection: Connection, erasure: Erasure, counts: Counter[str], measure: Measure
) -> Iterator[tuple[NotificationId, bool]]:
    """Rewrite what speaks of the person, and yield the texts that do, and whether each is their own."""
    now = clock(connection)
    traces = learned(connection, erasure.account, erasure.traces)
    # Whoever goes on after a crash still knows the names, though the documents that had them have them no more.
    erasures.remember(connection, erasure.id, traces)
    rewritten = rewrite(connection, erasure.id, erasure.account, traces, now=now)
    counts.update(rewritten.counts)
    person = person_of_erasure(connection, erasure, traces)
    cancel(connection, person, measure)
    forget_lists(connection, person, traces, counts)
    plain = plain_pattern_of(sorted(traces.phones))
    about = rows.subjects_of(connection, person, until=now) | About(traces.events | rewritten.events, traces.records)
    others: list[NotificationId] = []
    for text in rows.speaking(connection, person, about, plain=plain, until=now):
        if not text.is_cleared and (text.is_own or traces.in_text(text.text)):
            yield text.notification_id, text.is_own
        else:
            others.append(text.notification_id)
    # A search may know their events' words, which bodies no longer have.
    for part in slices(others):
        rows.enter_anew(connection, part)


def forget_lists(connection: Connection, person: Person, traces: Traces, counts: Counter[str]) -> None:
    with connection.transaction():
        counts["contact_log"] += rows.forget_texts(connection, person)
        for account, key, reason in rows.stops(connection, person):
            kept = "erased" if traces.in_text(reason) else reason
            counts["suppressions"] += rows.forget_stop(connection, account, key, reason=kept)


def forget(
    connection: Connection, erasure: Erasure, part: Sequence[tuple[NotificationId, bool]], counts: Counter[str]
) -> dict[NotificationId, bool]:
    """Erase these texts, and their attempts' hashes and letters; return those that are not settled."""
    now, wanted = clock(connection), dict(part)
    waiting = rows.unsettled(connection, wanted)
    plain = plain_pattern_of(sorted(erasure.traces.phones))
    settled = {notification_id: own for notification_id, own in wanted.items() if notification_id not in waiting}
    erased = rows.erase(connection, settled.items(), plain=plain)
    counts["notifications"] += len(erased)
    counts["attempts"] += rows.forget_attempts(connection, erased)
    counts["dead_letters"] += letters.forget_jobs(connection, erased, now=now)
    return {notification_id: own for notification_id, own in wanted.items() if notification_id not in set(erased)}


def conclude(
    connection: Connection, erasure: Erasure, left: Collection[NotificationId], counts: Counter[str]
) -> Progress:
    """Finish an erasure, or name what it waits for."""
    counts = +counts
    with connection.transaction():
        now = clock(connection)
        if left:
            erasures.searched(connection, erasure.id, left, counts, now=now)
        else:
            erasures.finish(connection, erasure.id, counts, now=now)
            note(
                connection, erasure.by, "privacy_erase", f"erasure {erasure.id}", account=erasure.account, after=counts
            )
    waiting = rows.unsettled(connection, left)
    return Progress(erasure.id, counts, {item: waiting.get(item, ()) for item in left})


def slices(items: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(items)
    yield from iter(lambda: [*islice(iterator, SLICE)], [])


def erase(pool: Pool, phone: str, account: str | None, *, salt: bytes, by: str) -> tuple[Requested, Progress | None]:
    """Forget a phone, as far as it can be done now."""
    requested = committed(pool, partial(request, phone=phone, account=account, salt=salt, by=by))
    return requested, carry_out(pool, requested.id)
