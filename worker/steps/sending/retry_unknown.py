"""Attempts that were left behind: the same bytes under the same key, by whoever was given the lease."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from worker.core.accounts.account import Account
from worker.core.clock.timeouts import KEY_WAIT, PAUSE_WAIT, ROOM_WAIT
from worker.core.sending.eligibility import Decision, Dropped, decide
from worker.core.sending.nudge import NotificationId
from worker.core.sending.pause import Gate
from worker.core.sending.rate_limiter import Booked, Demand, Held, InLine
from worker.core.sending.settlement import Keep, Settle, before_repeat
from worker.steps.effects import Alert, Effect, moved
from worker.steps.sending.post import Post, Sender, post_all
from worker.steps.sending.record_result import keep, settle
from worker.steps.sending.reserve_slots import book_demands, load_capacity, under_way_until, was_stopped
from worker.store.accounts.sealed_places import token_of
from worker.store.db.postgres import Connection, committed
from worker.store.sending import attempts, claims, pauses, rate_limiter
from worker.store.sending.attempts import HandedOver, Loaded, Stored


def repeat(sender: Sender, handed_over: Sequence[HandedOver]) -> int:
    """POST each attempt again if its lease is still ours and a row still wants it; count those settled."""
    # So that no transaction of these has to read what an admin changed.
    sender.cache.fresh(sender.pool)
    posts: list[Post] = []
    for item in handed_over:
        alerts: list[Alert] = []
        prepared = committed(sender.pool, partial(prepare, sender, item, alerts))
        for name, facts in alerts:
            sender.on_alert(name, facts)
        sender.measure(prepared.measured)
        if prepared.post:
            posts.append(prepared.post)
    return post_all(sender, posts)


@dataclass(frozen=True, slots=True)
class Prepared:
    post: Post | None = None
    measured: tuple[Effect, ...] = ()


def prepare(sender: Sender, handed_over: HandedOver, alerts: list[Alert], connection: Connection) -> Prepared:
    alerts.clear()
    month, key, lease = handed_over
    loaded = next(iter(attempts.load(connection, month, {key: lease})), None)
    if loaded is None or loaded.body is None or loaded.attempt.lease != lease:
        return Prepared()
    configuration, now = sender.cache.look(connection)
    account = configuration.accounts.get(loaded.attempt.account)
    decisions, repeated = look(connection, loaded, account, now=now)
    match before_repeat(loaded.attempt, decisions, repeated, now=now):
        case Settle() as settled:
            over = settle(connection, [(loaded.attempt, settled)], alerts, now=now)
            states = Counter((loaded.lane, move.after) for move in over.moves)
            return Prepared(measured=(*moved(states), *over.ended))
        case Keep() as kept:
            keep(connection, loaded.attempt, kept, alerts, now=now)
        case None if account:
            return Prepared(depart(sender, connection, loaded, account, configuration.tokens[account.id], now=now))
        case None:
            pass
    return Prepared()


def look(
    connection: Connection, loaded: Loaded, account: Account | None, *, now: datetime
) -> tuple[list[Decision], set[NotificationId]]:
    """Decide about each row now, and name those that would rather go twice than never."""
    if account is None:
        return [Dropped("cancelled", "account_removed")], set()
    rows = claims.look(connection, (row.notification_id for row in loaded.attempt.rows))
    decided = [(row, decide(row, account, now=now)) for row in rows]
    repeated = {
        row.notification_id
        for row, decision in decided
        if account.is_resent_if_unconfirmed(row.trigger) and not isinstance(decision, Dropped)
    }
    return [decision for _, decision in decided], repeated


def depart(
    sender: Sender, connection: Connection, loaded: Loaded, account: Account, token: bytes, *, now: datetime
) -> Post | None:
    attempt, seen = loaded.attempt, time.monotonic()
    opened = sender.seal.opened_or_none(token, token_of(account.id))
    if opened is None:
        attempts.leave(connection, attempt, until=now + KEY_WAIT)
        return None
    pause_state = pauses.pause_state(connection, account.id, pauses.scopes(connection, account.id), now=now)
    if pause_state.gate is Gate.CLOSED:
        attempts.keep(connection, attempt, until=now + PAUSE_WAIT)
        return None
    # Its segments were counted when it first went; the provider will most likely only look it up.
    capacity = load_capacity(connection, account, [loaded.lane], now=now)
    if was_stopped(pause_state, capacity):
        attempts.keep(connection, attempt, until=now + PAUSE_WAIT)
        return None
    asked = [(loaded.lane, Demand(0, is_in_line=True))]
    [slot], pace = book_demands(account, asked, capacity, now=now)
    rate_limiter.save(connection, account.id, pace)
    match slot:
        case Booked(at=at):
            is_probe = pause_state.gate is Gate.PROBE
            if is_probe:
                pauses.probe(connection, account.id, now=now)
            attempts.repost(connection, attempt, post_until=under_way_until(at), is_probe=is_probe)
            until = seen + (loaded.leased_until - now).total_seconds()
            return Post((stored(loaded, at, is_probe=is_probe),), opened, seen + (at - now).total_seconds(), until)
        case InLine(until=later):
            attempts.keep(connection, attempt, until=later)
        case Held():
            attempts.keep(connection, attempt, until=now + ROOM_WAIT)
    return None


def stored(loaded: Loaded, at: datetime, *, is_probe: bool) -> Stored:
    attempt = loaded.attempt
    return Stored(
        month=attempt.month,
        key=attempt.key,
        lease=attempt.lease,
        leased_until=loaded.leased_until,
        body=loaded.body or b"",
        notification_ids=tuple(row.notification_id for row in attempt.rows),
        phones=tuple(row.digits for row in attempt.rows),
        account=attempt.account,
        lane=loaded.lane,
        mode=loaded.mode,
        post=attempt.key,
        post_until=under_way_until(at),
        is_probe=is_probe,
        key_expires_at=attempt.key_expires_at,
        trigger=attempt.rows[0].trigger,
        channel=attempt.rows[0].channel,
    )
