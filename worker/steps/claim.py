"""One transaction: rows locked and asked again, those that may go booked, their attempts stored."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from worker.core.account import Account
from worker.core.grouping import Group, posts
from worker.core.limit import Claimed
from worker.core.nudge import Place
from worker.core.pace import Booked, Held, InLine, Pace
from worker.core.pause import Gate
from worker.core.waits import LEASE
from worker.failpoint import reached
from worker.steps import measure
from worker.steps.alert import Alert
from worker.steps.book import HAS_WAITED, PACED, book, under_way_until
from worker.steps.brake import judge, sift_limits
from worker.steps.detour import detoured
from worker.steps.measure import Measured, Waited
from worker.steps.post import Post, Sender
from worker.steps.renew import renew
from worker.steps.sift import parted, sift
from worker.store import claims, departures, pauses
from worker.store.attempts import Stored
from worker.store.departures import Leaving
from worker.store.moves import Move
from worker.store.postgres import Asked, Connection
from worker.turbosms.request import send_body

#: Phones in one POST: far below the provider's 5,000, so that one lost answer leaves few rows in doubt.
PHONES_MAX = 500


@dataclass(frozen=True, slots=True)
class Claim:
    """What one transaction came to.

    Attributes:
        rows: how many left their place.
        posts: what is to be POSTed.
        held: rows that stay as they were, for too many POSTs are under way.
        alerts: what is to be told.
        measured: what is to be counted and timed.
        is_whole: whether nothing else could be claimed.
    """

    rows: int = 0
    posts: tuple[Post, ...] = ()
    held: int = 0
    alerts: tuple[Alert, ...] = ()
    measured: tuple[Measured, ...] = ()
    is_whole: bool = True

    def __add__(self, other: Claim) -> Claim:
        """Both."""
        return Claim(
            self.rows + other.rows,
            self.posts + other.posts,
            self.held + other.held,
            self.alerts + other.alerts,
            self.measured + other.measured,
            self.is_whole and other.is_whole,
        )


@dataclass(frozen=True, slots=True)
class Departure:
    """A POST with its moment: groups of rows and, in the same order, their attempts."""

    at: datetime
    groups: Sequence[Group]
    attempts: tuple[Stored, ...]

    @property
    def rows(self) -> Iterator[tuple[Claimed, Stored]]:
        """Each row with its attempt."""
        for group, attempt in zip(self.groups, self.attempts, strict=True):
            yield from ((row, attempt) for row in group)


@dataclass(slots=True)
class Plan:
    """What becomes of the rows that may go: POSTs, rows in line, how long each waits, and the account's pace then."""

    departures: list[Departure] = field(default_factory=list[Departure])
    lined: list[Move] = field(default_factory=list[Move])
    waited: list[Waited] = field(default_factory=list[Waited])
    pace: Pace | None = None

    def leaving(self, others: Iterable[Move]) -> Leaving:
        """Everything that is to be written."""
        rows = [pair for departure in self.departures for pair in departure.rows]
        return Leaving(
            moves=[*others, *self.lined, *(sending(row, attempt) for row, attempt in rows)],
            attempts=[attempt for departure in self.departures for attempt in departure.attempts],
            going=[row for row, _ in rows],
            pace=self.pace,
        )


def claim(
    sender: Sender, account_id: str, places: Sequence[Place], began: float, asked: Asked, connection: Connection
) -> Claim:
    """Lock rows of one account, drop or postpone what must not go now, store attempts for the rest.

    The caller's transaction began with the account's `pauses.question`.
    """
    configuration, now = sender.cache.after(asked, connection)
    seen = time.monotonic()
    account = configuration.accounts.get(account_id)
    standing = pauses.standing(connection, account_id, asked[2], now=now)
    if account is None or standing.gate is Gate.CLOSED:
        return Claim()
    is_probe = standing.gate is Gate.PROBE
    alerts: list[Alert] = []
    limit = 1 if is_probe else PHONES_MAX
    rows = claims.claim(connection, account_id, places, limit=limit, now=now)
    wanted, ended = parted(sift(renew(connection, rows, account, now=now), account, standing.stopped, now=now))
    allowed, limited = parted(sift_limits(connection, wanted, account, alerts, now=now))
    allowed = detoured(connection, allowed, account, standing.stopped, now=now)
    plan = depart(connection, account, allowed, is_probe=is_probe, now=now)
    if is_probe and plan.departures:
        pauses.probe(connection, account_id, now=now)
    leaving = plan.leaving([*ended, *limited])
    made, hours = departures.write(connection, account_id, leaving, key_life=account.key_life, now=now)
    judge(connection, hours, account, alerts, now=now)
    # Opened before the commit: a token that cannot be opened must leave no attempt behind.
    token = sender.seal.open(configuration.tokens[account_id]) if plan.departures else ""
    until = began + LEASE.total_seconds()
    posted = (
        Post(one.attempts, token, seen + since(one.at, now), until, born(one, seen, now)) for one in plan.departures
    )
    lanes = {row.place: row.lane for row in rows}
    entered = Counter((lanes[move.place], move.after) for move in leaving.moves if move.place in made)
    reached("claimed")
    told, gone = (*measure.moved(entered), *plan.waited), len(leaving.moves)
    return Claim(gone, tuple(posted), len(rows) - gone, tuple(alerts), told, len(rows) < limit)


def born(departure: Departure, seen: float, now: datetime) -> tuple[float, ...]:
    """When the events of a departure's rows were accepted, on the clock that says `seen` when PostgreSQL's says `now`.

    Rows that have waited for anything but the pace are left out: their way says nothing of ours.
    """
    direct = (row for row, _ in departure.rows if row.reason in {None, PACED})
    return tuple(seen + since(row.created_at, now) for row in direct)


def since(moment: datetime, now: datetime) -> float:
    """Seconds from `now` on; negative for what is past."""
    return (moment - now).total_seconds()


def depart(
    connection: Connection, account: Account, allowed: Sequence[Claimed], *, is_probe: bool, now: datetime
) -> Plan:
    """Book a moment for each POST."""
    planned = list(posts(allowed, account))
    slots, pace = book(connection, account, planned, now=now)
    plan = Plan(pace=pace)
    for groups, slot in zip(planned, slots, strict=True):
        match slot:
            case Booked(at=at):
                found = attempts_of(account, groups, at, is_probe=is_probe, now=now)
                plan.departures.append(Departure(at, groups, found))
                plan.waited.append(Waited(groups[0][0].lane, max(0.0, since(at, now))))
            case InLine(until=until):
                plan.lined += [in_line(row, until) for group in groups for row in group]
                plan.waited.append(Waited(groups[0][0].lane, max(0.0, since(until, now))))
            case Held():
                pass
    return plan


def attempts_of(
    account: Account, groups: Sequence[Group], at: datetime, *, is_probe: bool, now: datetime
) -> tuple[Stored, ...]:
    """The exact bytes of one POST, each group's under a fresh key."""
    keys = [uuid.uuid4().hex for _ in groups]
    return tuple(
        Stored(
            month=now.date().replace(day=1),
            key=key,
            lease=1,
            leased_until=now + LEASE,
            body=body_of(key, group, now=now),
            places=tuple(row.place for row in group),
            phones=phones_of(group),
            account=account.id,
            lane=group[0].lane,
            mode=account.post_mode,
            post=keys[0],
            post_until=under_way_until(at),
            is_probe=is_probe,
        )
        for key, group in zip(keys, groups, strict=True)
    )


def body_of(key: str, group: Group, *, now: datetime) -> bytes:
    """What is POSTed for a group under a key."""
    one = group[0]
    viber = one.viber and one.viber.within(one.expires_at - now)
    return send_body(key=key, text=one.text, phones=phones_of(group), sender=one.sms_sender, viber=viber)


def phones_of(group: Group) -> tuple[str, ...]:
    """Whom a group speaks to, as digits."""
    return tuple(row.phone.removeprefix("+") for row in group)


def in_line(row: Claimed, until: datetime) -> Move:
    """A row that stands in line; one that waits for the second time for another reason keeps that."""
    reason = row.reason if row.reason in HAS_WAITED else PACED
    return Move(row.place, row.state, "postponed", reason, min(until, row.expires_at))


def sending(row: Claimed, attempt: Stored) -> Move:
    """A row on its way; it keeps the reason why it waited last."""
    return Move(row.place, row.state, "sending", row.reason, attempt.leased_until, attempt=(attempt.month, attempt.key))
