"""TurboSMS's delivery callbacks: what one reports, and whether it is signed with an account's security key.

One JSON object a request (https://turbosms.ua/en/callback.html): `id`, `signature`, `type` `dlr`, `try`, and `data`
with `message_id`, `status` and `dlr_date`. The signature is the SHA-1 of the key and the id, and which of them comes
first is published nowhere; it covers nothing else, so that whose event an id is must be remembered.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson

from worker.turbosms.local_time import local_time

#: Bytes of a callback that are read; a real one has about 250.
BODY_AT_MOST = 16_384

_Json = None | bool | int | float | str | list["_Json"] | dict[str, "_Json"]
_RECEIPT = "dlr"
_TOKEN = re.compile(r"[!-~]{1,64}")
_EVENT_ID = re.compile(r"[!-~]{1,128}")
_SIGNATURE = re.compile(r"[0-9a-fA-F]{40}")
_STATUS_MAX = 64
_NTH_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Callback:
    """One event.

    Attributes:
        signature: 40 hex digits, lower case; not verified yet.
        status: as the provider wrote it.
        at: Kyiv time, without an offset unless one was written; None where it cannot be read.
        nth: the provider's count of its tries, from 1.
    """

    event_id: str
    signature: str
    message_id: str
    status: str
    at: datetime | None
    nth: int


def read(body: bytes) -> Callback | str:
    """Read a callback, or return why it is refused, by field and without its value; it never raises."""
    if len(body) > BODY_AT_MOST:
        return f"the body has over {BODY_AT_MOST} bytes"
    try:
        value: _Json = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "the body is not JSON"
    if not isinstance(value, dict):
        return "the body should be a JSON object"
    data = value.get("data")
    return _read(value, data) if isinstance(data, dict) else "data: should be an object with message_id and status"


def signed_by(callback: Callback, secret: str) -> str | None:
    """The order in which key and id were signed, `secret_id` or `id_secret`; None: with another key.

    Both are compared, in constant time.
    """
    orders = {"secret_id": secret + callback.event_id, "id_secret": callback.event_id + secret}
    given = callback.signature.encode()
    # SHA-1 is the provider's choice.
    digests = {name: hashlib.sha1(signed.encode(), usedforsecurity=False) for name, signed in orders.items()}
    matching = [name for name, digest in digests.items() if hmac.compare_digest(digest.hexdigest().encode(), given)]
    return matching[0] if matching and secret else None


def signed(event_id: str, secret: str, *, message_id: str, nth: int) -> bytes:
    """A callback as TurboSMS posts one, to try whether they arrive."""
    # SHA-1 is the provider's choice.
    signature = hashlib.sha1((secret + event_id).encode(), usedforsecurity=False).hexdigest()
    data = {"message_id": message_id, "status": "Delivered"}
    return orjson.dumps({"id": event_id, "signature": signature, "type": _RECEIPT, "try": nth, "data": data})


def _read(top: Mapping[str, _Json], data: Mapping[str, _Json]) -> Callback | str:
    event_id = _matching(_EVENT_ID, top.get("id"))
    signature = _matching(_SIGNATURE, top.get("signature"))
    message_id = _matching(_TOKEN, data.get("message_id"))
    status = data.get("status")
    if event_id is None:
        return "id: should be 1 to 128 visible ASCII characters"
    if signature is None:
        return "signature: should be 40 hexadecimal digits"
    if top.get("type", _RECEIPT) != _RECEIPT:
        return "type: only dlr is known"
    if message_id is None:
        return "data.message_id: should be 1 to 64 visible ASCII characters"
    if not isinstance(status, str) or not 0 < len(status.strip()) <= _STATUS_MAX:
        return f"data.status: should be a word of at most {_STATUS_MAX} characters"
    at = local_time(data.get("dlr_date"))
    return Callback(event_id, signature.lower(), message_id, status, at, _count(top.get("try")))


def _matching(pattern: re.Pattern[str], value: _Json) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value if isinstance(value, str) and pattern.fullmatch(value) else None


def _count(value: _Json) -> int:
    """The number of a try, which may come as a string; what is no number is the first."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return min(max(int(text), 1), _NTH_MAX) if re.fullmatch(r"[0-9]{1,9}", text) else 1
