"""Values of an event's JSON as text: strings, numbers, codes and flags, however they are spelt."""

from collections.abc import Mapping
from typing import cast

Facts = Mapping[str, object]
NOTHING: Facts = {}
#: Below this every whole number is a double of its own.
EXACT = 2**53
#: What CRMs, PHP and its forms write for true, and what they write for false.
YES = frozenset({"1", "true", "t", "yes", "y", "on", "так", "да"})
NO = frozenset({"0", "false", "f", "no", "n", "off", "ні", "нет"})


def as_facts(value: object) -> Facts:
    return cast("Facts", value) if isinstance(value, dict) else NOTHING


def as_text(value: object) -> str:
    """A string or a number as text; anything else is empty. JSON knows no difference between 5 and 5.0 (RFC 8259)."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
        return str(int(value))
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def code(value: object) -> str:
    """A code of the CRM as rules compare it: a word without spaces around it, or a truth value as JSON spells it."""
    return str(value).lower() if isinstance(value, bool) else as_text(value).strip()


def truth(value: object) -> bool | None:
    """A flag however it is spelt; None where it is none."""
    text = code(value).casefold()
    return True if text in YES else False if text in NO else None


def is_true(value: object) -> bool:
    return truth(value) is True
