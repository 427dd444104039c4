"""Passwords: kept as Argon2id hashes, with the least cost that OWASP recommends (19 MiB, two passes, one lane)."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hashed(password: str) -> str:
    return HASHER.hash(password)


def is_right(password: str, kept: str | None) -> bool:
    """Whether it is the password; where none is kept it takes as long to say no."""
    try:
        HASHER.verify(kept or nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Whether it was hashed at another cost than today's."""
    return HASHER.check_needs_rehash(kept)


@cache
def nobodys() -> str:
    return hashed("nobody has this password")
