"""One transaction: rows locked and asked again, those that may go booked, their attempts stored."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from worker.core.accounts.account import Account
from worker.core.clock.timeouts import KEY_WAIT, LEASE
from worker.core.sending.eligibility import Claimed, Decision
from worker.core.sending.frequency_cap import counts
from worker.core.sending.nudge import NotificationId
from worker.core.sending.pause import Gate
from worker.core.spending.budget import budget_alerts, day_of
from worker.failpoint import reached
from worker.steps.alerts.alerts import ring, ring_on
from worker.steps.effects import Alert, Effect, Moved, moved
from worker.steps.ends import ended_by
from worker.steps.sending.build_requests import Departure, Plan, depart, since
from worker.steps.sending.eligibility import parted, sift
from worker.steps.sending.phone_change import readdress
from worker.steps.sending.post import Post, Sender
from worker.steps.sending.rerender import renew
from worker.steps.sending.reserve_slots import PACED, load_capacity, was_stopped
from worker.steps.sending.viber_fallback import as_sms, reasons_for_sms
from worker.steps.sending.volume_limits import running_away, sift_limits, stop_people, stop_triggers
from worker.store.accounts.sealed_places import token_of
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Asked, Connection
from worker.store.sending import claims, contact_log, pauses, write_claim
from worker.store.sending.hourly_volumes import Hour
from worker.store.sending.pauses import PauseState
from worker.store.transitions import Move

#: Phones in one POST: far below the provider's 5,000, so that one lost answer leaves few rows in doubt.
PHONES_MAX = 500


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim.

    Attributes:
        held: rows that stay as they were, for too many POSTs are under way.
        is_whole: whether nothing else could be claimed.
    """

    rows: int = 0
    posts: tuple[Post, ...] = ()
    held: int = 0
    alerts: tuple[Alert, ...] = ()
    measured: tuple[Effect, ...] = ()
    is_whole: bool = True

    @property
    def notification_ids(self) -> Iterator[NotificationId]:
        """Rows that go."""
        for post in self.posts:
            for attempt in post.attempts:
                yield from attempt.notification_ids

    def __add__(self, other: Claim) -> Claim:
        return Claim(
            self.rows + other.rows,
            self.posts + other.posts,
            self.held + other.held,
            self.alerts + other.alerts,
            self.measured + other.measured,
            self.is_whole and other.is_whole,
        )


def announce(sender: Sender, claimed: Claim) -> None:
    """Alert and measure what a claim did, once it is committed."""
    for name, facts in claimed.alerts:
        sender.on_alert(name, facts)
    sender.measure(claimed.measured)


def claim(
    sender: Sender,
    account_id: str,
    notification_ids: Sequence[NotificationId],
    began: float,
    asked: Asked,
    connection: Connection,
) -> Claim:
    """Lock rows of one account, drop or postpone what must not go now, store attempts for the rest.

    The caller's transaction began with the account's `pauses.question`.

    Raises:
        OutdatedError: an admin has changed something that is to be read first.
        WrongSecretError: the key was changed since the account's token was read, and ours does not open the salt.
    """
    configuration, now = sender.cache.as_of(asked[0]), asked[1]
    seen = time.monotonic()
    account = configuration.accounts.get(account_id)
    pause_state = pauses.pause_state(connection, account_id, asked[2], now=now)
    if account is None or pause_state.gate is Gate.CLOSED:
        return Claim()
    token = sender.seal.opened_or_none(configuration.tokens[account_id], token_of(account_id))
    if token is None:
        return left_to_others(connection, account_id, notification_ids, now=now)
    limit = 1 if pause_state.gate is Gate.PROBE else PHONES_MAX
    rows = claims.claim(connection, account_id, notification_ids, limit=limit, now=now)
    wanted, ended = parted(
        sift(as_now(connection, rows, account, sender.seal, now=now), account, pause_state.stopped, now=now)
    )
    alerts: list[Alert] = []
    plan, limited = planned(connection, wanted, account, pause_state, alerts, now=now)
    moves = [*ended, *limited, *plan.moves()]
    leaving = plan.leaving(account_id, day_of(account.zone, now))
    made, hours = write_claim.write(connection, moves, [leaving], now=now)
    alerts += judged(connection, account, plan, hours.get(account_id, {}), alerts, now=now)
    reached("claimed")
    measured = (*entered(rows, moves, made), *ended_by(connection, moves, made), *plan.waited)
    posts = posts_of(plan, token, began=began, seen=seen, now=now)
    return Claim(len(moves), posts, len(rows) - len(moves), tuple(alerts), measured, len(rows) < limit)


def planned(
    connection: Connection,
    wanted: Sequence[Claimed],
    account: Account,
    pause_state: PauseState,
    alerts: list[Alert],
    *,
    now: datetime,
) -> tuple[Plan, list[Move]]:
    """Plan rows to which nothing objects by themselves; rows whose person may get no more come as moves.

    What others claimed for the same people, and what was paused, is asked once the account's pace is locked: until
    then they may not have committed it.
    """
    if not wanted:
        return Plan(), []
    capacity = load_capacity(connection, account, {row.lane for row in wanted}, now=now)
    if was_stopped(pause_state, capacity):
        return Plan(), []
    wanted, held = parted(sift(wanted, account, capacity.stopped, now=now))
    contacts = contact_log.recent_contacts(connection, account.id, contacted(wanted), now=now)
    runaway = running_away(wanted, contacts, account, now=now)
    alerts += stop_people(connection, account.id, runaway, now=now)
    allowed, limited = parted(sift_limits(wanted, contacts, runaway, account, now=now))
    for_sms = reasons_for_sms(allowed, account, capacity.stopped, now=now)
    claims.as_sms(connection, for_sms)
    is_probe = pause_state.gate is Gate.PROBE
    plan = depart(account, as_sms(allowed, for_sms), capacity, is_probe=is_probe, now=now)
    if is_probe and plan.departures:
        pauses.probe(connection, account.id, now=now)
    return plan, [*held, *limited]


def contacted(rows: Iterable[Claimed]) -> set[bytes]:
    """Keys of the people of rows that limits count."""
    return {row.recipient_key for row in rows if counts(row)}


def judged(
    connection: Connection,
    account: Account,
    plan: Plan,
    hours: Mapping[str, Hour],
    raised: Sequence[Alert],
    *,
    now: datetime,
) -> list[Alert]:
    """Look at what was written: stop triggers that run away, ring for them and what was `raised`, and for budgets."""
    stopped = list(stop_triggers(connection, hours, account, now=now))
    ring_on(connection, [*raised, *stopped], now=now)
    due = budget_alerts(plan.was_spent, plan.spent, plan.full, account, now=now)
    news = (alert for alert in due if plan.alerted.get(alert.name) != alert.subject)
    return [*stopped, *ring(connection, news, now=now)]


def posts_of(plan: Plan, token: str, *, began: float, seen: float, now: datetime) -> tuple[Post, ...]:
    """POSTs of departures; `seen` is what the steady clock showed at `now`, the lease counts from when it `began`."""
    until = began + LEASE.total_seconds()
    return tuple(
        Post(departure.attempts, token, seen + since(departure.at, now), until, accepted_moments(departure, seen, now))
        for departure in plan.departures
    )


def entered(rows: Iterable[Claimed], moves: Iterable[Move], made: Container[NotificationId]) -> tuple[Moved, ...]:
    lanes = {row.notification_id: row.lane for row in rows}
    return moved(Counter((lanes[move.notification_id], move.after) for move in moves if move.notification_id in made))


def as_now(
    connection: Connection, rows: Sequence[Claimed], account: Account, seal: Seal, *, now: datetime
) -> Iterator[Claimed | tuple[Claimed, Decision]]:
    """Refresh phones and texts of claimed rows; rows decided by that come with their decision."""
    rows, decided = readdress(connection, rows, account.id, seal, now=now)
    return chain(decided, renew(connection, rows, account, now=now))


def left_to_others(
    connection: Connection, account_id: str, notification_ids: Sequence[NotificationId], *, now: datetime
) -> Claim:
    """Leave rows to workers whose key opens token and salt: that ours does not is no fault of the rows."""
    claims.give_back(connection, account_id, notification_ids, until=now + KEY_WAIT)
    return Claim()


def accepted_moments(departure: Departure, seen: float, now: datetime) -> tuple[float, ...]:
    """When the events of a departure's rows were accepted, on the clock that showed `seen` at `now`.

    Rows that waited for anything but the pace are left out: their delay is not ours.
    """
    direct = (row for row, _ in departure.rows if row.reason in {None, PACED})
    return tuple(seen + since(row.created_at, now) for row in direct)
