"""What an event says, as the JSON it came in: sections by name, values by dotted path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

Facts = Mapping[str, object]
NOTHING: Facts = {}


def section(facts: Facts, name: str) -> Facts:
    """One section (`invoice`, `client`), or an empty one."""
    value = facts.get(name)
    # An object of JSON is a dict; to ask for a Mapping takes five times as long, and a text asks a dozen times.
    return cast("Facts", value) if isinstance(value, dict) else NOTHING


def at(facts: Facts, path: str) -> object | None:
    """The value at a dotted path such as `invoice.status`, or None."""
    *names, last = path.split(".")
    for name in names:
        facts = section(facts, name)
    return facts.get(last)


#: Below this every whole number is a double of its own.
EXACT = 2**53
#: What CRMs, PHP and its forms write for true, and what they write for false.
YES = frozenset({"1", "true", "t", "yes", "y", "on", "так", "да"})
NO = frozenset({"0", "false", "f", "no", "n", "off", "ні", "нет"})


def word(value: object) -> str:
    """A string or a number as text; anything else is empty. JSON knows no difference between 5 and 5.0 (RFC 8259)."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
        return str(int(value))
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def code(value: object) -> str:
    """A code of the CRM as rules compare it: a word without spaces around it, or a truth value as JSON spells it."""
    return str(value).lower() if isinstance(value, bool) else word(value).strip()


def is_true(value: object) -> bool:
    """Whether a flag is set, however it is spelt."""
    return code(value).casefold() in YES
