"""What the simulated provider asks of a Viber message beyond its sender and words, as codes; 0 is none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from worker.simulator.answers import OK
from worker.simulator.http_request import Content
from worker.simulator.ledger import Account, World
from worker.simulator.phone_countries import country_of, digits_of
from worker.simulator.send_request import Order, Part
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
