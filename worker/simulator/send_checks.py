"""The order in which the simulated provider judges a send, as decisions that change nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from worker.simulator.answers import OK, Refused, Row, row_of
from worker.simulator.http_request import Content, Order, Part, read_order
from worker.simulator.ledger import Account, Kept, Mailing, World, sameness
from worker.simulator.phone_countries import country_of, digits_of
from worker.simulator.settings import Switches

LONGEST_TEXT = 1000

_LONGEST_CAPTION = 30
_LONGEST_TTL_S = 86_400
_ADDRESS = re.compile(r"https?://[^\s?#]+\S*")
_SUFFIX = re.compile(r"/[^/?#]*\.([a-z0-9]+)(?:[?#].*)?$", re.IGNORECASE)
_PICTURES = frozenset({"jpg", "jpeg", "png", "gif"})
_YES = (1, "1")


def options_code(order: Order, account: Account, switches: Switches) -> int:
    """The first code that stands against an order's Viber options, those of its SMS's wait among them."""
    if order.viber is None:
        return OK
    own = order.viber.own
    wait = None if order.sms is None else order.sms.own.get("hybrid_ttl")
    return (
        _ttl_code(own.get("ttl"), switches)
        or _ttl_code(wait, switches)
        or _button_code(own)
        or _picture_code(own.get("image_url"))
        or _transactional_code(order.viber, account, order.recipients)
        or _file_code(own.get("file_id"))
    )


def recipient_code(world: World, account: Account, asked: Mapping[str, object] | None, phone: str) -> int:
    """The code that a test sender gives to one recipient."""
    sender = asked and asked.get("sender")
    if sender not in account.test_viber_senders:
        return OK
    if phone != digits_of(account.own_number):
        return 425
    others = (message.viber for message in world.messages if message.account == account.name)
    written = sum(other is not None and other.get("sender") == sender for other in others)
    return 426 if written >= world.switches.test_messages else OK


def _ttl_code(ttl: object, switches: Switches) -> int:
    if ttl is None:
        return OK
    if not isinstance(ttl, int) or isinstance(ttl, bool):
        return 306
    return OK if switches.ttl_min <= ttl <= _LONGEST_TTL_S else 409


def _button_code(own: Content) -> int:
    caption, action = own.get("caption"), own.get("action")
    if isinstance(caption, str) and len(caption) > _LONGEST_CAPTION:
        return 408
    if not caption and not action:
        return 204 if own.get("image_url") else OK
    if not (isinstance(caption, str) and caption):
        return 205
    return OK if isinstance(action, str) and _ADDRESS.fullmatch(action) else 206


def _picture_code(address: object) -> int:
    if address is None:
        return OK
    if not (isinstance(address, str) and _ADDRESS.fullmatch(address)):
        return 402
    suffix = _SUFFIX.search(address.partition("://")[2])
    return OK if suffix is None or suffix[1].lower() in _PICTURES else 402


def _file_code(file_id: object) -> int:
    """No account has a file here."""
    if file_id is None:
        return OK
    return 417 if isinstance(file_id, int) and not isinstance(file_id, bool) else 308


def _transactional_code(viber: Part, account: Account, recipients: Iterable[str]) -> int:
    if viber.own.get("is_transactional") not in _YES:
        return OK
    if any(viber.own.get(name) for name in ("caption", "action", "image_url", "file_id")):
        return 410
    if viber.sender in account.shared_viber_senders:
        return 415
    is_known = any(fnmatchcase(str(viber.text), pattern) for pattern in account.viber_patterns)
    is_for_ukraine = any(country_of(digits_of(phone)) == "UA" for phone in recipients)
    return 416 if is_for_ukraine and not is_known else OK


_GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_7_PAIRS = frozenset("\f^{}\\[~]|€")
_GSM_7_ALL = _GSM_7 | _GSM_7_PAIRS

_LONGEST_GSM_7 = 1521
_LONGEST_UCS_2 = 661


def segments_of(text: str) -> int:
    """Segments billed: 160 or 153 septets, 70 or 67 16-bit units each (3GPP TS 23.038 and 23.040)."""
    units = _units(text)
    single, joined = (160, 153) if _is_gsm_7(text) else (70, 67)
    return 1 if units <= single else -(-units // joined)


def is_too_long(text: str) -> bool:
    """Whether TurboSMS would refuse the text with 413."""
    return _units(text) > (_LONGEST_GSM_7 if _is_gsm_7(text) else _LONGEST_UCS_2)


def _is_gsm_7(text: str) -> bool:
    return _GSM_7_ALL.issuperset(text)


def _units(text: str) -> int:
    if _is_gsm_7(text):
        return len(text) + sum(map(text.count, _GSM_7_PAIRS))
    return len(text.encode("utf-16-le")) // 2


_SENDER = re.compile(r"[A-Za-z0-9 ._&-]{1,25}")
_VIBER_SENDER = re.compile(r"[^\x00-\x1f]{1,50}")
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
    code = next(filter(None, _codes(order, account, world.switches)), OK)
    if code != OK:
        return Refused(code)
    due_at = _due_at(order.start_time, now)
    if isinstance(due_at, Refused):
        return due_at
    mailing = _mailing(order, world.switches, due_at)
    rows = _rows(world, account, order, mailing=mailing, now=now)
    if imposed is not None:
        rows = tuple(_with_imposed(row, imposed) for row in rows)
    cost = mailing.price * sum(row.response_code == OK for row in rows)
    top_code = _top_code(rows, world.switches, is_delayed=due_at > now)
    return Refused(203) if cost > account.balance else replace(mailing, top_code=top_code, rows=rows)


def _codes(order: Order, account: Account, switches: Switches) -> Iterator[int]:
    """Whatever stands against either channel stands against the whole of a hybrid; 0 is nothing."""
    sms, own = order.sms, order.viber
    if sms:
        yield _sender_code(sms.sender, account.senders, account.inactive_senders, _SENDER)
    if own:
        yield _sender_code(own.sender, account.viber_senders, account.inactive_viber_senders, _VIBER_SENDER)
    if sms:
        yield _text_code(sms.text, switches, is_viber=False)
    if own:
        yield _text_code(own.text, switches, is_viber=True)
    yield options_code(order, account, switches)


def _sender_code(sender: object, active: frozenset[str], inactive: frozenset[str], shape: re.Pattern[str]) -> int:
    if sender is None or sender == "":
        return 200
    if not (isinstance(sender, str) and shape.fullmatch(sender)):
        return 302
    if sender in inactive:
        return 401
    return OK if sender in active else 400


def _text_code(text: object, switches: Switches, *, is_viber: bool) -> int:
    if text is None or text == "":
        return 201
    if not isinstance(text, str):
        return 304
    if len(text) > LONGEST_TEXT if is_viber else is_too_long(text):
        return 413
    return 412 if any(fragment in text for fragment in switches.forbidden_texts) else OK


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


def _rows(world: World, account: Account, order: Order, *, mailing: Mailing, now: float) -> tuple[Row, ...]:
    seen: set[str] = set()
    rows: list[Row] = []
    for given in order.recipients:
        phone = digits_of(given)
        code = _phone_code(world, account, phone) or (407 if phone in seen else OK)
        code = code or recipient_code(world, account, mailing.viber, phone)
        rows.append(row_of(phone, code or _duplicate_code(world, account, mailing, phone=phone, now=now)))
        seen.add(phone)
    return tuple(rows)


def _phone_code(world: World, account: Account, phone: str) -> int:
    country = country_of(phone)
    if country is None:
        return 305
    if country not in account.countries:
        return 406
    return 404 if phone in world.stoplist else OK


def _duplicate_code(world: World, account: Account, mailing: Mailing, *, phone: str, now: float) -> int:
    created_at = world.recent.get(sameness(world, account, mailing, phone))
    is_recent = created_at is not None and now - created_at < world.switches.duplicate_window_s
    return 427 if is_recent else OK


def _with_imposed(row: Row, imposed: Imposed) -> Row:
    is_meant = row.response_code == OK and imposed.recipient in {None, row.phone}
    return row_of(row.phone, imposed.code) if is_meant else row


def _mailing(order: Order, switches: Switches, due_at: float) -> Mailing:
    """What an order that is sound comes to; its recipients are not looked at yet."""
    first = order.sms or order.viber
    if first is None:
        raise AssertionError
    text = str(first.text)
    segments = 1 if order.sms is None else segments_of(text)
    return Mailing(
        key=order.key,
        channel="viber" if order.sms is None else "sms" if order.viber is None else "viber_then_sms",
        sender=str(first.sender),
        text=text,
        viber=None if order.viber is None else _asked(order.viber),
        hybrid_ttl=None if order.sms is None or order.viber is None else _wait(order.sms),
        due_at=due_at,
        segments=segments,
        price=switches.viber_price if order.sms is None else switches.price * segments,
    )


def _asked(part: Part) -> Mapping[str, object]:
    own = {name: value for name, value in part.own.items() if name not in {"recipients", "start_time"}}
    return {**own, "sender": part.sender, "text": part.text}


def _wait(sms: Part) -> int | None:
    wait = sms.own.get("hybrid_ttl")
    return wait if isinstance(wait, int) else None


def _top_code(rows: tuple[Row, ...], switches: Switches, *, is_delayed: bool) -> int:
    created = sum(row.response_code == OK for row in rows)
    if created == 0:
        return switches.all_refused_code
    complete, partial = (800, 802) if is_delayed else (801, 803)
    return complete if created == len(rows) else partial
