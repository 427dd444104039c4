"""A phone that somebody types as an argument: one number, and no doubt which."""

from __future__ import annotations

from worker.core.triggers.phone import BadPhone, normalise, numbers_in


def only_phone(text: str) -> str:
    """The one number of an argument, in E.164.

    Raises:
        ValueError: there is none, or more than one; in words.
    """
    found = normalise(text)
    if isinstance(found, BadPhone):
        raise ValueError(f"no mobile number ({found.reason})")  # noqa: TRY004 (a value, not a type)
    if len(numbers_in(text).usable) > 1:
        raise ValueError("several numbers: give one")
    return found
