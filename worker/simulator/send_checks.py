"""The order in which the simulated provider checks a send, as decisions that change nothing."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from functools import lru_cache

import phonenumbers

from worker.core.clock.kyiv_time import KYIV
from worker.simulator.answers import OK, Refused, Row, row_of
from worker.simulator.faults import Fault
from worker.simulator.http_request import Content, Order, read_order
from worker.simulator.ledger import Account, World, sameness
from worker.simulator.messages import Mailing
from worker.simulator.settings import Switches, digits_of

LONGEST_TEXT = 1000

_LONGEST_CAPTION = 30
_LONGEST_TTL_S = 86_400
_ADDRESS = re.compile(r"https?://[^\s?#]+\S*")
_SUFFIX = re.compile(r"/[^/?#]*\.([a-z0-9]+)(?:[?#].*)?$", re.IGNORECASE)
_UKRAINIAN_MOBILE = re.compile(r"380(?:39|50|6[36-8]|7[1-357]|9[1-9])[0-9]{7}")
_PICTURES = frozenset({"jpg", "jpeg", "png", "gif"})


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


def _transactional_code(viber: Content, account: Account, recipients: Iterable[str]) -> int:
    if viber.get("is_transactional") not in {1, "1"}:
        return OK
    if any(viber.get(name) for name in ("caption", "action", "image_url", "file_id")):
        return 410
    if viber["sender"] in account.shared_viber_senders:
        return 415
    is_known = any(fnmatchcase(str(viber["text"]), pattern) for pattern in account.viber_patterns)
    is_for_ukraine = any(_country_of(digits_of(phone)) == "UA" for phone in recipients)
    return 416 if is_for_ukraine and not is_known else OK


_GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_7_PAIRS = frozenset("\f^{}\\[~]|€")
_GSM_7_ALL = _GSM_7 | _GSM_7_PAIRS


def segments_of(text: str) -> int:
    """Segments billed: 160 or 153 septets, 70 or 67 16-bit units each (3GPP TS 23.038 and 23.040)."""
    units = _units(text)
    single, joined = (160, 153) if _GSM_7_ALL.issuperset(text) else (70, 67)
    return 1 if units <= single else -(-units // joined)


def _is_too_long(text: str) -> bool:
    """Whether TurboSMS would refuse the text of an SMS with 413."""
    return _units(text) > (1521 if _GSM_7_ALL.issuperset(text) else 661)


def _units(text: str) -> int:
    if _GSM_7_ALL.issuperset(text):
        return len(text) + sum(map(text.count, _GSM_7_PAIRS))
    return len(text.encode("utf-16-le")) // 2


_SENDER = re.compile(r"[A-Za-z0-9 ._&-]{1,25}")
_VIBER_SENDER = re.compile(r"[^\x00-\x1f]{1,50}")
_FURTHEST_START_S = 14 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Passed:
    """A request that is not refused as a whole, its accepted rows without ids yet."""

    mailing: Mailing
    rows: Sequence[Row]
    top_code: int


def checked(
    world: World, account: Account, content: Content, *, now: float, fault: Fault | None = None
) -> Passed | Refused:
    """What a body asks for, or the first code against the whole of it."""
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
    if fault is not None:
        rows = [row_of(row["phone"], fault.code) if _is_hit(row, fault) else row for row in rows]
    created = sum(row["response_code"] == OK for row in rows)
    if mailing.price * created > account.balance:
        return Refused(203)
    if created == 0:
        return Passed(mailing, rows, world.switches.all_refused_code)
    complete, partial = (800, 802) if due_at > now else (801, 803)
    return Passed(mailing, rows, complete if created == len(rows) else partial)


def _codes(order: Order, account: Account, switches: Switches) -> Iterator[int]:
    """A code against either channel is against the whole of a hybrid; 0 is none."""
    sms, viber = order.sms, order.viber
    if sms:
        yield _sender_code(sms["sender"], account.senders, account.inactive_senders, _SENDER)
    if viber:
        yield _sender_code(viber["sender"], account.viber_senders, account.inactive_viber_senders, _VIBER_SENDER)
    if sms:
        yield _text_code(sms["text"], switches, is_viber=False)
    if viber:
        yield _text_code(viber["text"], switches, is_viber=True)
        yield _ttl_code(viber.get("ttl"), switches)
        yield OK if sms is None else _ttl_code(sms.get("hybrid_ttl"), switches)
        yield _button_code(viber)
        yield _picture_code(viber.get("image_url"))
        yield _transactional_code(viber, account, order.recipients)
        yield _file_code(viber.get("file_id"))


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
    if len(text) > LONGEST_TEXT if is_viber else _is_too_long(text):
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
    due_at = (start if start.tzinfo else start.replace(tzinfo=KYIV)).timestamp()
    return due_at if now <= due_at <= now + _FURTHEST_START_S else Refused(403)


def _rows(world: World, account: Account, order: Order, *, mailing: Mailing, now: float) -> list[Row]:
    seen: set[str] = set()
    rows: list[Row] = []
    for phone in map(digits_of, order.recipients):
        code = (
            _phone_code(world, account, phone)
            or (407 if phone in seen else OK)
            or _test_sender_code(world, account, mailing, phone)
            or _duplicate_code(world, account, mailing, phone=phone, now=now)
        )
        rows.append(row_of(phone, code))
        seen.add(phone)
    return rows


def _country_of(digits: str) -> str | None:
    """The ISO country of an international number, or None when no operator would know it."""
    if digits.startswith("380"):
        return "UA" if _UKRAINIAN_MOBILE.fullmatch(digits) else None
    return _foreign_country(digits)


@lru_cache(maxsize=4096)
def _foreign_country(digits: str) -> str | None:
    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.region_code_for_number(number) if phonenumbers.is_valid_number(number) else None


def _phone_code(world: World, account: Account, phone: str) -> int:
    country = _country_of(phone)
    if country is None:
        return 305
    if country not in account.countries:
        return 406
    return 404 if phone in world.stoplist else OK


def _test_sender_code(world: World, account: Account, mailing: Mailing, phone: str) -> int:
    sender = mailing.viber and mailing.viber.get("sender")
    if sender not in account.test_viber_senders:
        return OK
    if phone != account.own_number:
        return 425
    others = (message.mailing.viber for message in world.messages if message.account == account.name)
    written = sum(other is not None and other.get("sender") == sender for other in others)
    return 426 if written >= world.switches.test_messages else OK


def _duplicate_code(world: World, account: Account, mailing: Mailing, *, phone: str, now: float) -> int:
    created_at = world.recent.get(sameness(world, account, mailing, phone))
    is_recent = created_at is not None and now - created_at < world.switches.duplicate_window_s
    return 427 if is_recent else OK


def _is_hit(row: Row, fault: Fault) -> bool:
    return row["response_code"] == OK and fault.refuses(row["phone"])


def _mailing(order: Order, switches: Switches, due_at: float) -> Mailing:
    """What an order whose channels are sound comes to."""
    sms, own = order.sms, order.viber
    first = sms or own
    if first is None:
        raise AssertionError
    text = str(first["text"])
    segments = 1 if sms is None else segments_of(text)
    wait = sms.get("hybrid_ttl") if sms and own else None
    return Mailing(
        channel="viber" if sms is None else "sms" if own is None else "viber_then_sms",
        sender=str(first["sender"]),
        text=text,
        viber=own and {name: own[name] for name in own if name not in {"recipients", "start_time"}},
        hybrid_ttl=wait if isinstance(wait, int) else None,
        segments=segments,
        price=switches.viber_price if sms is None else switches.price * segments,
        sequence_id=order.key,
        due_at=due_at,
    )
