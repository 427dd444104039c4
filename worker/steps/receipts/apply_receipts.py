"""Apply receipts: update channel statuses, move notifications, schedule the next poll."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from worker.core.clock.timeouts import RECEIPT_WAIT
from worker.core.planning.channel import VIBER
from worker.core.receipts.channel_status import ARRIVED, NOT_VIBER_USER, ChannelStatus, reason_of
from worker.core.receipts.receipt import STEPS, Message, StatusReport, delivery_status, is_settled, onward, with_reports
from worker.core.sending.notification_states import ENDS
from worker.steps.effects import Effect, Ended, moved
from worker.store import transitions
from worker.store.consent import viber_reach
from worker.store.db.postgres import Connection
from worker.store.receipts import channel_statuses, poll_queue, receipts
from worker.store.receipts.receipts import Tracked
from worker.store.transitions import Move

#: States that wait for receipts.
OPEN = frozenset({"accepted", "sent"})

MessageReports = Mapping[str, Sequence[StatusReport]]


@dataclass(frozen=True, slots=True)
class Plan:
    """When to ask next.

    Attributes:
        opened: for an open notification; None: never again.
        ended: for a message, by its id, that lacks only price or reading; None: never again.
    """

    opened: Callable[[Tracked], datetime | None]
    ended: Callable[[str, Message], datetime | None]


@dataclass(frozen=True, slots=True)
class Received:
    known: frozenset[str]
    tracked: Sequence[Tracked]
    measured: tuple[Effect, ...]


def receive(connection: Connection, account: str, reports: MessageReports, plan: Plan, *, now: datetime) -> Received:
    """Record reports of an account's messages; messages that are not ours are left out."""
    tracked = receipts.lock(connection, account, reports.keys())
    changed = [(item, *change) for item in tracked for change in apply_reports(item, reports, now=now)]
    channel_statuses.write(connection, account, [(message_id, channel) for _, message_id, channel in changed])
    by_viber = [(item.recipient_key, channel) for item, _, channel in changed if channel.channel == VIBER]
    viber_reach.delete(connection, account, {key for key, channel in by_viber if channel.status in ARRIVED})
    out_of_reach = {key for key, channel in by_viber if reason_of(channel) == NOT_VIBER_USER}
    viber_reach.learn(connection, account, out_of_reach, now=now)
    wanted = [move for item in tracked if (move := step(item, now=now))]
    made = transitions.apply(connection, wanted, actor="receipt", now=now)
    poll_queue.plan(connection, {(account, message_id): ask_at for message_id, ask_at in asks(tracked, plan)})
    lanes = {item.notification_id: item.lane for item in tracked}
    moves = [move for move in wanted if move.notification_id in made]
    states = Counter((lanes[move.notification_id], move.after) for move in moves)
    known = frozenset(message_id for item in tracked for message_id in item.messages)
    return Received(known, tracked, (*moved(states), *ended(account, tracked, moves)))


def ended(account: str, tracked: Iterable[Tracked], moves: Iterable[Move]) -> Iterator[Ended]:
    names = {item.notification_id: item for item in tracked}
    for move in moves:
        if move.after in ENDS:
            item = names[move.notification_id]
            yield Ended(account, item.trigger, move.notification_id, item.event, move.after, move.reason)


def apply_reports(tracked: Tracked, reports: MessageReports, *, now: datetime) -> Iterable[tuple[str, ChannelStatus]]:
    for message_id in tracked.messages.keys() & reports.keys():
        before = tracked.messages[message_id]
        after = tracked.messages[message_id] = with_reports(tracked.channel, before, reports[message_id], now=now)
        yield from (
            (message_id, channel) for way, channel in after.channels.items() if before.channels.get(way) != channel
        )


def step(tracked: Tracked, *, now: datetime) -> Move | None:
    """Move a notification by all that is known of its messages, and update it in place."""
    before = tracked.status
    after = onward(before, delivery_status(tracked.channel, list(tracked.messages.values()), now=now))
    if after is None:
        return None
    if before.state not in STEPS:
        tracked.ask_at = now + RECEIPT_WAIT
    tracked.status = after
    return Move(tracked.notification_id, before.state, after.state, after.reason)


def asks(tracked: Iterable[Tracked], plan: Plan) -> Iterable[tuple[str, datetime | None]]:
    """When messages are asked for next, where that is news: those of an open notification all at once.

    Of others only price and reading are asked for; all of them cost.
    """
    for item in tracked:
        is_open = item.status.state in OPEN
        item.ask_at = plan.opened(item) if is_open else None
        for message_id, message in item.messages.items():
            rest = None if is_open or is_settled(message) else plan.ended(message_id, message)
            ask_at = item.ask_at or rest
            if ask_at != message.ask_at:
                yield message_id, ask_at
