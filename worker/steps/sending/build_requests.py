"""Rows that may go get their POSTs: as far as the day's budgets and the account's pace have room for them.

Decided by values alone, so that every way of claiming decides alike.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from worker.core.accounts.account import Account
from worker.core.clock.months import month_of
from worker.core.clock.timeouts import LEASE
from worker.core.sending.eligibility import Claimed
from worker.core.sending.rate_limiter import Book, Booked, Held, InLine, Pace, book
from worker.core.sending.request_groups import Group, posts
from worker.core.spending.budget import Afforded, afford, cost_of, day_of
from worker.core.spending.cost_estimate import Spent
from worker.steps.effects import Waited
from worker.steps.sending.eligibility import parted
from worker.steps.sending.reserve_slots import HAS_WAITED, PACED, Capacity, book_demands, demands_of, under_way_until
from worker.store.sending.attempts import Stored
from worker.store.sending.write_claim import Leaving
from worker.store.transitions import Move
from worker.turbosms.request import send_body


@dataclass(frozen=True, slots=True)
class Departure:
    """A POST with its moment: groups of rows and, in the same order, their attempts."""

    at: datetime
    groups: Sequence[Group]
    attempts: tuple[Stored, ...]

    @property
    def rows(self) -> Iterator[tuple[Claimed, Stored]]:
        for group, attempt in zip(self.groups, self.attempts, strict=True):
            yield from ((row, attempt) for row in group)


@dataclass(slots=True)
class Plan:
    """POSTs, postponed rows, waits, and the account's pace after them.

    Attributes:
        beyond: rows that the budgets in `full` have no room for.
        was_spent: what each trigger had spent that day before.
        alerted: the subject of each alert's last message.
        spent: what each trigger spends now.
    """

    departures: list[Departure] = field(default_factory=list[Departure])
    beyond: list[Move] = field(default_factory=list[Move])
    full: set[str] = field(default_factory=set[str])
    was_spent: Mapping[str, Spent] = field(default_factory=dict[str, Spent])
    alerted: Mapping[str, str] = field(default_factory=dict[str, str])
    spent: dict[str, Spent] = field(default_factory=dict[str, Spent])
    lined: list[Move] = field(default_factory=list[Move])
    waited: list[Waited] = field(default_factory=list[Waited])
    pace: Pace | None = None

    @property
    def going(self) -> Iterator[tuple[Claimed, Stored]]:
        for departure in self.departures:
            yield from departure.rows

    def leaving(self, account: str, day: date) -> Leaving:
        return Leaving(
            account,
            day,
            attempts=[attempt for departure in self.departures for attempt in departure.attempts],
            going=[row for row, _ in self.going],
            pace=self.pace,
            spent=self.spent,
        )

    def moves(self) -> list[Move]:
        return [*self.beyond, *self.lined, *(sending(row, attempt) for row, attempt in self.going)]

    def depart(self, departure: Departure) -> None:
        self.departures.append(departure)
        for group, attempt in zip(departure.groups, departure.attempts, strict=True):
            trigger = group[0].trigger
            self.spent[trigger] = self.spent.get(trigger, Spent()) + attempt.row_spent.times(len(group))


def since(moment: datetime, now: datetime) -> float:
    """Seconds from `now` on; negative for what is past."""
    return (moment - now).total_seconds()


def depart(
    account: Account,
    allowed: Sequence[Claimed],
    capacity: Capacity,
    *,
    is_probe: bool = False,
    booked: Book = book,
    now: datetime,
) -> Plan:
    if not allowed:
        return Plan()
    afforded = afford(allowed, capacity.spent, account, now=now) if account.has_budgets else Afforded()
    affordable, beyond = parted(afforded.decided) if account.has_budgets else (allowed, [])
    planned = list(posts(affordable, account))
    slots, pace = book_demands(account, demands_of(planned), capacity, booked, now=now)
    plan = Plan(pace=pace, beyond=beyond, full=afforded.full, was_spent=capacity.spent, alerted=capacity.alerted)
    for groups, slot in zip(planned, slots, strict=True):
        match slot:
            case Booked(at=at):
                attempts = attempts_of(account, groups, at, is_probe=is_probe, now=now)
                plan.depart(Departure(at, groups, attempts))
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
    keys = [uuid.uuid4().hex for _ in groups]
    return tuple(
        Stored(
            month=month_of(now),
            key=key,
            key_expires_at=now + account.key_life,
            lease=1,
            leased_until=now + LEASE,
            body=body_of(key, group, now=now),
            notification_ids=tuple(row.notification_id for row in group),
            phones=phones_of(group),
            account=account.id,
            lane=group[0].lane,
            mode=account.post_mode,
            post=keys[0],
            post_until=under_way_until(at),
            is_probe=is_probe,
            trigger=group[0].trigger,
            channel=group[0].channel,
            spent_on=day_of(account.zone, now),
            row_spent=cost_of(group[0], account),
        )
        for key, group in zip(keys, groups, strict=True)
    )


def body_of(key: str, group: Group, *, now: datetime) -> bytes:
    claimed = group[0]
    viber = claimed.viber and claimed.viber.within(claimed.expires_at - now)
    return send_body(key=key, text=claimed.text, phones=phones_of(group), sender=claimed.sms_sender, viber=viber)


def phones_of(group: Group) -> tuple[str, ...]:
    return tuple(row.phone.removeprefix("+") for row in group)


def in_line(row: Claimed, until: datetime) -> Move:
    """Postpone a row to its slot; one that waits for the second time for another reason keeps that."""
    reason = row.reason if row.reason in HAS_WAITED else PACED
    return Move(row.notification_id, row.state, "postponed", reason, min(until, row.expires_at))


def sending(row: Claimed, attempt: Stored) -> Move:
    """Move a row to `sending`; it keeps the reason why it waited last."""
    return Move(
        row.notification_id,
        row.state,
        "sending",
        row.reason,
        attempt.leased_until,
        attempt=(attempt.month, attempt.key),
    )
