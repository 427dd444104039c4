"""The status of a message on each channel that has begun, by its steps or pinned by hand."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from worker.core.clock.kyiv_time import KYIV
from worker.simulator.answers import OK, Answer, Refused, answer_of, name_of
from worker.simulator.http_request import Content, as_array
from worker.simulator.ledger import Account, World
from worker.simulator.messages import ChannelTimeline, Message
from worker.simulator.send import Sending

_MOST_IDS = 100
_MESSAGE_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

Fields = dict[str, object]


def status(sending: Sending, content: Content) -> Answer | Refused:
    """`message/status`."""
    return _tracked(sending, content, _status)


def details(sending: Sending, content: Content) -> Answer | Refused:
    """`message/details`, the only method that has price and segments."""
    return _tracked(sending, content, _details)


def _tracked(sending: Sending, content: Content, fields: Callable[[World, Message, float], Fields]) -> Answer | Refused:
    ids = as_array(content.get("messages"))
    if not ids or len(ids) > _MOST_IDS:
        return Refused(300)
    rows: list[Fields] = []
    for message_id in ids:
        message = _own(sending.world, sending.account, message_id)
        code = message.code if isinstance(message, Refused) else OK
        row: Fields = {"message_id": message_id, "response_code": code, "response_status": name_of(code)}
        if not isinstance(message, Refused):
            row |= fields(sending.world, message, sending.now)
        rows.append(row)
    return answer_of(OK, rows)


def newest_channel(message: Message, now: float) -> ChannelTimeline:
    """The channel that a message is on."""
    return _begun(message, now)[-1]


def costs(world: World, message: Message, now: float) -> list[Fields]:
    """Each channel that has begun, with what it costs at its status."""
    bills: list[Fields] = []
    for channel in _begun(message, now):
        status = _state_of(world, message, channel, now).status
        cost = {"price": channel.cost(status), "segments": channel.segments}
        bills.append({"channel": channel.channel, "status": status, **cost})
    return bills


@dataclass(frozen=True, slots=True)
class _State:
    status: str
    sent: float | None
    updated: float
    rejected: str

    def to_json(self, message: Message) -> Fields:
        sent, updated = (
            at and f"{datetime.fromtimestamp(at, KYIV):%Y-%m-%d %H:%M:%S}" for at in (self.sent, self.updated)
        )
        return {"recipient": message.recipient, "sent": sent, "updated": updated, "status": self.status}


def _status(world: World, message: Message, now: float) -> Fields:
    channel = newest_channel(message, now)
    state = _state_of(world, message, channel, now)
    return state.to_json(message) | {"type": channel.channel, "rejected_status": state.rejected}


def _details(world: World, message: Message, now: float) -> Fields:
    fields: Fields = {}
    for channel in _begun(message, now):
        state = _state_of(world, message, channel, now)
        own = {"rejected_status": state.rejected} if channel.channel == "viber" else {}
        bill = {"price": float(channel.cost(state.status)), "segments": channel.segments}
        fields[channel.channel] = state.to_json(message) | own | bill
    return fields


def _begun(message: Message, now: float) -> tuple[ChannelTimeline, ...]:
    """The channels under way; a clock put back before the first one leaves that one."""
    return tuple(channel for channel in message.channels if channel.steps[0][1] <= now) or message.channels[:1]


def _own(world: World, account: Account, message_id: object) -> Message | Refused:
    if not (isinstance(message_id, str) and _MESSAGE_ID.fullmatch(message_id)):
        return Refused(307)
    message = world.by_id.get(message_id.lower())
    return Refused(414) if message is None or message.account != account.name else message


def _state_of(world: World, message: Message, channel: ChannelTimeline, now: float) -> _State:
    done = channel.reached(now)
    status, updated = channel.steps[done]
    rejected = channel.rejected if status == "Rejected" else ""
    if pinned := world.pinned.get((message.message_id, channel.channel)):
        status, updated, rejected = pinned.status, pinned.at, pinned.rejected
    was_sent = done > 0 and status != "Queued"
    return _State(status, channel.steps[1][1] if was_sent else None, updated, rejected)
