"""The signed address of a client's page: a CRM makes it with its key, and whoever holds it sees that client alone.

    /embed/client?account=acme&client=5&expires=1796115600&key=7&rights=phones&frame=https://crm.example.com&signature=…

The signature is HMAC-SHA256 of everything before `&signature=`, path included, by the key as `apikey add` printed it.
"""

import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args
from urllib.parse import parse_qsl

PATH = "/embed/client"
#: What whoever sees the page may do: see whole phones; take the list along.
Right = Literal["phones", "export"]
RIGHTS: tuple[Right, ...] = get_args(Right)
NEEDED, OPTIONAL = frozenset({"account", "client", "expires", "key"}), frozenset({"rights", "frame"})
#: A site that may show the page inside its own, as a browser names it: a policy cannot be made to say anything else.
FRAME = re.compile(r"https?://[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?(?::[1-9]\d{0,4})?", re.ASCII)
LIFETIME = timedelta(hours=1)
#: The CRM's clock may be so far ahead.
SKEW = timedelta(minutes=1)
QUERY_MAX, CLIENT_MAX = 2_000, 200
SIGNATURE = "&signature="
SHA_256 = re.compile("[0-9a-f]{64}")
NUMBER = re.compile(r"[1-9]\d{0,17}", re.ASCII)
SECONDS = re.compile(r"[1-9]\d{0,10}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Address:
    """Whose texts are shown, until when, by which key, and inside which site's pages."""

    account: str
    client: str
    expires: datetime
    rights: frozenset[Right]
    key: int
    frame: str | None = None

    def is_timely(self, now: datetime) -> bool:
        """Whether it is valid now; one that is made for longer than it may be is not."""
        return now < self.expires <= now + LIFETIME + SKEW


@dataclass(frozen=True, slots=True)
class Presented:
    """An address as somebody sent it, to be proved.

    Attributes:
        signed: what the signature is of.
        rest: what follows it, which nobody signed.
    """

    address: Address
    signed: str
    signature: str
    rest: str

    def is_signed_with(self, key: str) -> bool:
        return hmac.compare_digest(self.signature, signature_of(self.signed, key))


def signature_of(signed: str, key: str) -> str:
    return hmac.new(key.encode(), signed.encode(), "sha256").hexdigest()


def presented(query: bytes) -> Presented | None:
    """Read the query of an address; None where it is none, whoever may have signed it."""
    text = query.decode("latin-1")
    given, _, after = text.partition(SIGNATURE)
    signature, _, rest = after.partition("&")
    if len(text) > QUERY_MAX or not text.isascii() or not SHA_256.fullmatch(signature):
        return None
    address = address_of(given)
    return None if address is None else Presented(address, f"{PATH}?{given}", signature, rest)


def address_of(query: str) -> Address | None:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True, errors="strict")
    except ValueError:
        return None
    fields = dict(pairs)
    is_whole = len(fields) == len(pairs) and NEEDED <= fields.keys() <= NEEDED | OPTIONAL
    rights = rights_of(fields.get("rights", ""))
    if not is_whole or rights is None or not is_written_well(fields):
        return None
    expires = datetime.fromtimestamp(int(fields["expires"]), UTC)
    return Address(fields["account"], fields["client"], expires, rights, int(fields["key"]), fields.get("frame"))


def is_written_well(fields: dict[str, str]) -> bool:
    client = fields["client"]
    return (
        0 < len(client) <= CLIENT_MAX
        and "\0" not in client
        and SECONDS.fullmatch(fields["expires"]) is not None
        and NUMBER.fullmatch(fields["key"]) is not None
        and FRAME.fullmatch(fields.get("frame", "https://none")) is not None
    )


def rights_of(text: str) -> frozenset[Right] | None:
    """Read `phones,export`; nothing is no right."""
    named = text.split(",") if text else []
    known = frozenset[Right](right for right in RIGHTS if right in named)
    return known if len(known) == len(named) else None
