"""A key of the API: whose it is, what it may do, and how it is written."""

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from worker.language import _

#: `embed` signs addresses of clients' pages and calls nothing.
Scope = Literal["read", "send", "settings", "embed"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
EMBED: Scope = "embed"
NAME_MAX = 60
#: Requests a second, unless a key has its own rate.
RATE, RATE_MAX = 100, 10_000
SECRET_BYTES = 32
#: The number is a positive bigint; the secret is base64url of 256 bits.
FORM = re.compile(r"psms_([1-9]\d{0,17})_([A-Za-z0-9_-]{43})", re.ASCII)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """Who calls; it belongs to one account, of which alone it learns.

    Attributes:
        sees_phones: whether phones are answered whole, else masked.
        rate: requests a second.
    """

    id: int
    account: str
    name: str
    scopes: frozenset[Scope]
    sees_phones: bool
    rate: int = RATE

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes

    @property
    def as_operator(self) -> str:
        """How the audit names it."""
        return f"key/{self.id} {self.name}"


class Presented(NamedTuple):
    """A key as a caller wrote it, to be checked."""

    id: int
    secret: str


def written(key_id: int, secret: str) -> str:
    """The key as it is shown once."""
    return f"psms_{key_id}_{secret}"


def presented(authorization: str | None) -> Presented | None:
    """Read the header `Authorization: Bearer psms_…`; None where it holds no key."""
    scheme, _space, text = (authorization or "").partition(" ")
    match = FORM.fullmatch(text.strip()) if scheme.lower() == "bearer" else None
    return None if match is None else Presented(int(match[1]), match[2])


def digest(secret: str) -> bytes:
    """What is kept of a secret: 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def fault(name: str, scopes: Collection[str], rate: int) -> str | None:
    """Say what is wrong with a key that somebody asks for, and the fix."""
    if not name.strip() or len(name) > NAME_MAX or not name.isprintable():
        return _("--name: give one line of at most {most} characters", most=NAME_MAX)
    if not scopes or not set(scopes) <= set(SCOPES):
        return _("--scope: give one or more of {scopes}", scopes=", ".join(SCOPES))
    if EMBED in scopes and len(scopes) > 1:
        return _("--scope: embed stands alone, for its key is kept where it can be read; make a second key")
    if not 1 <= rate <= RATE_MAX:
        return _("--rate: give 1 to {most} requests a second", most=RATE_MAX)
    return None
