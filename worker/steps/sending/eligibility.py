"""What speaks against claimed rows: they are parted into those that may go and the moves of the others."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from worker.core.accounts.account import Account
from worker.core.clock.timeouts import STOP_WAIT
from worker.core.hands.pause_scope import PAUSED, Ends, held_until, own_scopes_of
from worker.core.planning.channel import VIBER
from worker.core.sending.eligibility import Allowed, Claimed, Decision, Dropped, Postponed, decide
from worker.core.sending.pause import RUNAWAY, VIBER_SENDER
from worker.store.transitions import Move


def sift(
    rows: Iterable[Claimed | tuple[Claimed, Decision]], account: Account, stopped: Ends, *, now: datetime
) -> Iterator[tuple[Claimed, Decision]]:
    """Decide each row by its own facts, its account's hours, and what is paused of its account."""
    for item in rows:
        row, decision = item if isinstance(item, tuple) else (item, decide(item, account, now=now))
        if stopped and isinstance(decision, Allowed):
            decision = pause_of(row, stopped, now=now) or decision
        yield row, decision


def pause_of(row: Claimed, stopped: Ends, *, now: datetime) -> Postponed | None:
    """Ask what a person paused, then what was paused by itself: of a trigger, a person, or Viber."""
    if until := held_until(stopped, row.trigger, row.lane, row.channel, now=now):
        return Postponed(until, PAUSED)
    own = [scope for scope in own_scopes_of(row.trigger, row.channel, row.recipient_key) if scope in stopped]
    if own == [VIBER]:
        return Postponed(now + STOP_WAIT, VIBER_SENDER)
    return Postponed(now + STOP_WAIT, RUNAWAY) if own else None


def parted(decided: Iterable[tuple[Claimed, Decision]]) -> tuple[list[Claimed], list[Move]]:
    """Split rows into those that may go now and the moves of the others; no wait outlasts `expires_at`."""
    allowed: list[Claimed] = []
    others: list[Move] = []
    for row, decision in decided:
        match decision:
            case Allowed():
                allowed.append(row)
            case Postponed(until=until, reason=reason):
                others.append(Move(row.notification_id, row.state, "postponed", reason, min(until, row.expires_at)))
            case Dropped(state=state, reason=reason):
                others.append(Move(row.notification_id, row.state, state, reason))
    return allowed, others
