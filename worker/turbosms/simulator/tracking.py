"""Where a message stands: a walk over its age, unless somebody pinned its status."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from worker.turbosms.simulator.answers import OK, Refused, name_of
from worker.turbosms.simulator.ledger import Account, Message, World
from worker.turbosms.simulator.wire import Content, as_array

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
    """One of the provider's status words."""
    if message.message_id in world.pinned:
        return world.pinned[message.message_id][0]
    return _walk(world, message)[_steps_done(world, message, now)][0]


def _status_row(world: World, account: Account, message_id: object, now: float) -> Mapping[str, object]:
    message = _own(world, account, message_id)
    if isinstance(message, Refused):
        return _refused_row(message_id, message)
    state = {"recipient": message.recipient, **_state(world, message, now)}
    return _row(message_id, OK, state | {"type": _leg(message), "rejected_status": ""})


def _detail_row(world: World, account: Account, message_id: object, now: float) -> Mapping[str, object]:
    message = _own(world, account, message_id)
    if isinstance(message, Refused):
        return _refused_row(message_id, message)
    bill = {"price": float(message.price), "segments": message.segments}
    state = {"recipient": message.recipient, **_state(world, message, now), **bill}
    return _row(message_id, OK, {_leg(message): state})


def _leg(message: Message) -> str:
    """The channel that brought it: here Viber, wherever it is asked, always can."""
    return "sms" if message.viber is None else "viber"


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


def _state(world: World, message: Message, now: float) -> Mapping[str, object]:
    walk, done = _walk(world, message), _steps_done(world, message, now)
    status, updated = world.pinned.get(message.message_id, walk[done])
    was_sent = done > 0 and status != "Queued"
    return {"sent": _local(walk[1][1]) if was_sent else None, "updated": _local(updated), "status": status}


def _steps_done(world: World, message: Message, now: float) -> int:
    return sum(at <= now for _, at in _walk(world, message)[1:])


def _walk(world: World, message: Message) -> tuple[tuple[str, float], ...]:
    switches = world.switches
    return (
        ("Queued", message.created_at),
        ("Accepted", message.due_at + switches.accepted_after_s),
        ("Sent", message.due_at + switches.sent_after_s),
        (switches.final_status, message.due_at + switches.final_after_s),
    )


def _local(moment: float) -> str:
    return datetime.fromtimestamp(moment, _KYIV).strftime("%Y-%m-%d %H:%M:%S")
