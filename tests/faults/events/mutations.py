"""Valid events with something broken in them: bytes, or fields. Everything drawn comes from one random source."""

import copy
import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, cast

Slot = tuple[Any, Any]

#: What a field may suddenly hold.
STRANGE: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 2**31, 2**63, -(2**64), 1e308, float("nan"), float("inf")),
    *("", " ", "x", "null", "0", "-1", "1e400", "\x00", "\ud800", "\x1b[31m", "\u202e", "{contact_firstname}", "😀"),
    *("9999-12-31T23:59:59Z", "0000-00-00", "2026-02-30T00:00:00Z", "2026-11-23T10:15:00+99:99", "/accounts/acme"),
    *("invoice.overdue", "paid", "cancelled", "067 123 45 67", "+380", "80671234567", "044 123 45 67", "x" * 5000),
    *([], {}, [[]], [None], [{}], {"": ""}, {"id": {"id": {"id": 1}}}, [[[[[[[[[[]]]]]]]]]]),
)
PIECES = (b"", b"\x00", b"\xff", b'"', b"{", b"}", b"[", b"]", b",", b":", b"\\", b"null", b"1e999", b"\\ud800", b"\n")
BYTE_CHANGES, FIELD_CHANGES = 4, 3
#: Where people of an event are copied: around the contract's limit of 500.
CROWDS = (2, 3, 501)


def mutated(random: Random, body: dict[str, Any]) -> bytes:
    """A body with a few things broken, in its fields or in its bytes."""
    if random.random() < 0.5:
        return bytes_mutated(random, json.dumps(body, ensure_ascii=False).encode())
    broken = copy.deepcopy(body)
    for _ in range(random.randint(1, FIELD_CHANGES)):
        random.choice(FIELD_WAYS)(random, broken)
    return json.dumps(broken).encode()


def bytes_mutated(random: Random, body: bytes) -> bytes:
    """The same bytes but for a few."""
    for _ in range(random.randint(1, BYTE_CHANGES)):
        body = random.choice(BYTE_WAYS)(random, body)
    return body


def flip(random: Random, body: bytes) -> bytes:
    """One bit."""
    index = random.randrange(len(body) or 1)
    return (
        body[:index]
        + bytes((number ^ 1 << random.randrange(8)) for number in body[index : index + 1])
        + body[index + 1 :]
    )


def cut(random: Random, body: bytes) -> bytes:
    """A piece is missing."""
    first, last = span(random, body)
    return body[:first] + body[last:]


def double(random: Random, body: bytes) -> bytes:
    """A piece comes twice."""
    first, last = span(random, body)
    return body[:last] + body[first:]


def put_in(random: Random, body: bytes) -> bytes:
    """Something that JSON has a meaning for."""
    index = random.randrange(len(body) + 1)
    return body[:index] + random.choice(PIECES) + body[index:]


def end_early(random: Random, body: bytes) -> bytes:
    """The rest is missing, as when somebody counted characters for bytes."""
    return body[: len(body) - random.randrange(40)]


def span(random: Random, body: bytes) -> tuple[int, int]:
    """A short piece."""
    first = random.randrange(len(body) + 1)
    return first, min(len(body), first + random.randrange(1, 30))


def replace_value(random: Random, body: dict[str, Any]) -> None:
    """Another value."""
    home, key = random.choice(slots(body))
    home[key] = copy.deepcopy(random.choice(STRANGE))


def remove_value(random: Random, body: dict[str, Any]) -> None:
    """No value."""
    home, key = random.choice(slots(body))
    del home[key]


def swap_two(random: Random, body: dict[str, Any]) -> None:
    """Two values, swapped."""
    (home, key), (other, name) = random.choice(slots(body)), random.choice(slots(body))
    home[key], other[name] = copy.deepcopy(other[name]), copy.deepcopy(home[key])


def wrap_value(random: Random, body: dict[str, Any]) -> None:
    """A value inside a list, or inside an object."""
    home, key = random.choice(slots(body))
    home[key] = random.choice(([home[key]], {"value": home[key]}))


def rename_key(random: Random, body: dict[str, Any]) -> None:
    """A value under another name."""
    home, key = random.choice(slots(body))
    if isinstance(key, str):
        home[f"{key}{random.choice('_ Aё')}"] = home.pop(key)


def crowd(random: Random, body: dict[str, Any]) -> None:
    """The same people many times."""
    data = body.get("data")
    people = cast("dict[str, Any]", data).get("recipients") if isinstance(data, dict) else None
    if isinstance(people, list) and len(alone := cast("list[Any]", people)) == 1:
        alone *= random.choice(CROWDS)


def slots(value: Any) -> list[Slot]:
    """The path of every value of a body; its root if nothing is left."""
    positions: list[Slot] = []
    waiting = [value]
    while waiting:
        home = waiting.pop()
        positions += [(home, key) for key in keys_of(home)]
        waiting += [home[key] for key in keys_of(home)]
    return positions or [({"": None}, "")]


def keys_of(value: object) -> Sequence[Any]:
    """What a list or an object is read by."""
    if isinstance(value, list):
        return range(len(cast("list[Any]", value)))
    return list(cast("dict[str, Any]", value)) if isinstance(value, dict) else ()


BYTE_WAYS: tuple[Callable[[Random, bytes], bytes], ...] = (flip, cut, double, put_in, end_early)
FIELD_WAYS: tuple[Callable[[Random, dict[str, Any]], None], ...] = (
    *(replace_value, replace_value, replace_value),
    *(remove_value, swap_two, wrap_value, rename_key, crowd),
)
