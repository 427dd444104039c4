"""Where a message stands on each leg that has begun, unless somebody pinned its status."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from worker.simulator.answers import OK, Refused, name_of
from worker.simulator.channel_routes import Leg
from worker.simulator.http_request import Content, as_array
from worker.simulator.ledger import Account, Message, World

_MOST_IDS = 100
_MESSAGE_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_KYIV = ZoneInfo("Europe/Kyiv")

Rows = tuple[Mapping[str, object], ...]


def status_rows(world: World, account: Account, content: Content, now: float) -> Rows | Refused:
    """The rows of `message/status`."""
    ids = _ids(content)
    return ids if isinstance(ids, Refused) else tuple(_status_row(world, account, i, now) for i in ids)


def detail_rows(world: World, account: Account, content: Content, now: float) -> Rows | Refused:
    """The rows of `message/details`, the only method that tells price and segments."""
    ids = _ids(content)
    return ids if isinstance(ids, Refused) else tuple(_detail_row(world, account, i, now) for i in ids)


def status_of(world: World, message: Message, now: float) -> str:
    """One of the provider's status words: that of the leg it is on."""
    return _state_of(world, message, newest_leg(message, now), now).status


def newest_leg(message: Message, now: float) -> Leg:
    """The leg that a message is on."""
    return _begun(message, now)[-1]


def costs(world: World, message: Message, now: float) -> list[dict[str, object]]:
    """Each leg that has begun, with what it costs as things stand."""
    return [{"channel": leg.channel, **_bill(world, message, leg, now)} for leg in _begun(message, now)]


@dataclass(frozen=True, slots=True)
class _State:
    status: str
    sent: float | None
    updated: float
    rejected: str


def _status_row(world: World, account: Account, message_id: object, now: float) -> Mapping[str, object]:
    message = _own(world, account, message_id)
    if isinstance(message, Refused):
        return _refused_row(message_id, message)
    leg = newest_leg(message, now)
    state = _state_of(world, message, leg, now)
    row = {"recipient": message.recipient, **_state(state)}
    return _row(message_id, OK, row | {"type": leg.channel, "rejected_status": state.rejected})


def _detail_row(world: World, account: Account, message_id: object, now: float) -> Mapping[str, object]:
    message = _own(world, account, message_id)
    if isinstance(message, Refused):
        return _refused_row(message_id, message)
    legs = {leg.channel: _detail(world, message, leg, now) for leg in _begun(message, now)}
    return _row(message_id, OK, legs)


def _detail(world: World, message: Message, leg: Leg, now: float) -> Mapping[str, object]:
    state = _state_of(world, message, leg, now)
    own = {"rejected_status": state.rejected} if leg.channel == "viber" else {}
    bill = _bill(world, message, leg, now)
    return {"recipient": message.recipient, **_state(state), **own, "price": bill["price"], "segments": leg.segments}


def _bill(world: World, message: Message, leg: Leg, now: float) -> dict[str, object]:
    status = _state_of(world, message, leg, now).status
    return {"status": status, "price": float(leg.cost(status)), "segments": leg.segments}


def _begun(message: Message, now: float) -> tuple[Leg, ...]:
    """The legs under way; a clock put back before the first one leaves that one."""
    return tuple(leg for leg in message.legs if leg.steps[0][1] <= now) or message.legs[:1]


def _ids(content: Content) -> list[object] | Refused:
    ids = as_array(content.get("messages"))
    return Refused(300) if not ids or len(ids) > _MOST_IDS else ids


def _own(world: World, account: Account, message_id: object) -> Message | Refused:
    if not (isinstance(message_id, str) and _MESSAGE_ID.fullmatch(message_id)):
        return Refused(307)
    message = world.by_id.get(message_id.lower())
    return Refused(414) if message is None or message.account != account.name else message


def _refused_row(message_id: object, refused: Refused) -> Mapping[str, object]:
    return _row(message_id, refused.code, {})


def _row(message_id: object, code: int, state: Mapping[str, object]) -> Mapping[str, object]:
    return {"message_id": message_id, "response_code": code, "response_status": name_of(code), **state}


def _state_of(world: World, message: Message, leg: Leg, now: float) -> _State:
    done = leg.reached(now)
    status, updated = leg.steps[done]
    rejected = leg.rejected if status == "Rejected" else ""
    if pinned := world.pinned.get((message.message_id, leg.channel)):
        status, updated, rejected = pinned.status, pinned.at, pinned.rejected
    was_sent = done > 0 and status != "Queued"
    return _State(status, leg.steps[1][1] if was_sent else None, updated, rejected)


def _state(state: _State) -> Mapping[str, object]:
    sent = None if state.sent is None else _local(state.sent)
    return {"sent": sent, "updated": _local(state.updated), "status": state.status}


def _local(moment: float) -> str:
    return datetime.fromtimestamp(moment, _KYIV).strftime("%Y-%m-%d %H:%M:%S")
