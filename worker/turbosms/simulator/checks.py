"""The order in which the simulated provider judges a send, as decisions that change nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from worker.turbosms.simulator.answers import OK, Refused, Row, row_of
from worker.turbosms.simulator.ledger import Account, Kept, Mailing, World
from worker.turbosms.simulator.numbering import country_of, digits_of
from worker.turbosms.simulator.order import Order, read_order
from worker.turbosms.simulator.segments import is_too_long, segments_of
from worker.turbosms.simulator.switches import Switches
from worker.turbosms.simulator.wire import Content

_SENDER = re.compile(r"[A-Za-z0-9 ._&-]{1,25}")
_FURTHEST_START_S = 14 * 24 * 3600
_KYIV = ZoneInfo("Europe/Kyiv")


@dataclass(frozen=True, slots=True)
class Imposed:
    """A code that a fault gives to one recipient, or to all of them."""

    code: int
    recipient: str | None


def kept_under(world: World, account: Account, key: object, now: float) -> Kept | None:
    """What is still remembered under a `sequence_id`; keys are the whole account's, whatever the body."""
    if not (isinstance(key, str) and world.switches.keys_honoured):
        return None
    kept = world.keys.get((account.token, key))
    return kept if kept is not None and now - kept.at < world.switches.key_life_s else None


def judged(
    world: World, account: Account, content: Content, *, now: float, imposed: Imposed | None = None
) -> Mailing | Refused:
    """The mailing that a body asks for, or the first code that stands against the whole of it."""
    order = read_order(content, world.switches.key_cap)
    if isinstance(order, Refused):
        return order
    wording = _wording(order, account, world.switches, now)
    if isinstance(wording, Refused):
        return wording
    rows = _rows(world, account, order, wording=wording, now=now)
    if imposed is not None:
        rows = tuple(_with_imposed(row, imposed) for row in rows)
    mailing = _mailing(order, wording, rows, switches=world.switches, now=now)
    cost = mailing.price * sum(row.response_code == OK for row in rows)
    return Refused(203) if cost > account.balance else mailing


@dataclass(frozen=True, slots=True)
class _Wording:
    sender: str
    text: str
    due_at: float


def _wording(order: Order, account: Account, switches: Switches, now: float) -> _Wording | Refused:
    sender = _sender(order, account)
    if isinstance(sender, Refused):
        return sender
    text = _text(order.text, switches)
    if isinstance(text, Refused):
        return text
    due_at = _due_at(order.start_time, now)
    if isinstance(due_at, Refused):
        return due_at
    return _Wording(sender, text, due_at)


def _sender(order: Order, account: Account) -> str | Refused:
    sender = order.sender
    if sender is None or sender == "":
        return Refused(200)
    if not (isinstance(sender, str) and _SENDER.fullmatch(sender)):
        return Refused(302)
    if order.viber or sender not in account.senders | account.inactive_senders:
        return Refused(400)  # no account has a Viber sender, which refuses a hybrid order as a whole
    return Refused(401) if sender in account.inactive_senders else sender


def _text(text: object, switches: Switches) -> str | Refused:
    if text is None or text == "":
        return Refused(201)
    if not isinstance(text, str):
        return Refused(304)
    if is_too_long(text):
        return Refused(413)
    return Refused(412) if any(fragment in text for fragment in switches.forbidden_texts) else text


def _due_at(start_time: object, now: float) -> float | Refused:
    """When to send; a time without an offset is Kyiv's."""
    if start_time is None or start_time == "":
        return now
    try:
        start = datetime.fromisoformat(start_time if isinstance(start_time, str) else "")
    except ValueError:
        return Refused(303)
    due_at = (start if start.tzinfo else start.replace(tzinfo=_KYIV)).timestamp()
    return due_at if now <= due_at <= now + _FURTHEST_START_S else Refused(403)


def _rows(world: World, account: Account, order: Order, *, wording: _Wording, now: float) -> tuple[Row, ...]:
    seen: set[str] = set()
    rows: list[Row] = []
    for given in order.recipients:
        phone = digits_of(given)
        code = _phone_code(world, account, phone) or (407 if phone in seen else OK)
        rows.append(row_of(phone, code or _duplicate_code(world, account, wording, phone=phone, now=now)))
        seen.add(phone)
    return tuple(rows)


def _phone_code(world: World, account: Account, phone: str) -> int:
    country = country_of(phone)
    if country is None:
        return 305
    if country not in account.countries:
        return 406
    return 404 if phone in world.stoplist else OK


def _duplicate_code(world: World, account: Account, wording: _Wording, *, phone: str, now: float) -> int:
    created_at = world.recent.get((account.token, wording.sender, phone, wording.text))
    is_recent = created_at is not None and now - created_at < world.switches.duplicate_window_s
    return 427 if is_recent else OK


def _with_imposed(row: Row, imposed: Imposed) -> Row:
    is_meant = row.response_code == OK and imposed.recipient in {None, row.phone}
    return row_of(row.phone, imposed.code) if is_meant else row


def _mailing(order: Order, wording: _Wording, rows: tuple[Row, ...], *, switches: Switches, now: float) -> Mailing:
    segments = segments_of(wording.text)
    return Mailing(
        key=order.key,
        sender=wording.sender,
        text=wording.text,
        due_at=wording.due_at,
        segments=segments,
        price=switches.price * segments,
        top_code=_top_code(rows, switches, is_delayed=wording.due_at > now),
        rows=rows,
    )


def _top_code(rows: tuple[Row, ...], switches: Switches, *, is_delayed: bool) -> int:
    created = sum(row.response_code == OK for row in rows)
    if created == 0:
        return switches.all_refused_code
    complete, partial = (800, 802) if is_delayed else (801, 803)
    return complete if created == len(rows) else partial
