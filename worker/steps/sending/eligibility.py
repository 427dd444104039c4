"""What speaks against claimed rows: they are parted into those that may go and the moves of the others."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from worker.core.accounts.account import Account
from worker.core.clock.timeouts import STOP_WAIT
from worker.core.planning.channel import VIBER
from worker.core.sending.eligibility import Allowed, Claimed, Decision, Dropped, Postponed, decide
from worker.core.sending.pause import RUNAWAY, VIBER_SENDER, of_person, of_trigger
from worker.store.transitions import Move


def sift(
    rows: Iterable[Claimed | tuple[Claimed, Decision]], account: Account, stopped: Collection[str], *, now: datetime
) -> Iterator[tuple[Claimed, Decision]]:
    """Decide each row by its own facts, its account's hours, and pauses of its trigger, person or channel."""
    for item in rows:
        row, decision = item if isinstance(item, tuple) else (item, decide(item, account, now=now))
        scopes = {of_trigger(row.trigger), of_person(row.recipient_key)}
        if isinstance(decision, Allowed) and not scopes.isdisjoint(stopped):
            decision = Postponed(now + STOP_WAIT, RUNAWAY)
        elif isinstance(decision, Allowed) and row.channel == VIBER and VIBER in stopped:
            decision = Postponed(now + STOP_WAIT, VIBER_SENDER)
        yield row, decision


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
