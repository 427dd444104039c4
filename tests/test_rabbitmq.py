from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

import pika.data
import pytest

from worker import rabbitmq

# The seam itself: pika's tables call `decode_value` by its name in this module, for every value at every depth.
decode_table = cast("Callable[[bytes, int], tuple[dict[str, Any], int]]", pika.data.decode_table)
DEEP = 20_000


def test_every_header_that_pika_reads_passes_our_door() -> None:
    assert pika.data.decode_value.__module__ == rabbitmq.__name__


def sized(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack(">I", len(content)) + content


def named(name: bytes, value: bytes) -> bytes:
    return bytes([len(name)]) + name + value


def nested(wrap: Callable[[bytes], bytes]) -> bytes:
    value = b"V"
    for _ in range(DEEP):
        value = wrap(value)
    return value


UNREADABLE = {
    "milliseconds as a timestamp": b"T" + struct.pack(">Q", 1_795_459_379_448),
    "the largest timestamp": b"T" + b"\xff" * 8,
    "a double that is no number": b"d" + struct.pack(">d", float("nan")),
    "an endless double": b"d" + struct.pack(">d", float("inf")),
    "a float that is no number": b"f" + struct.pack(">f", float("nan")),
    "an endless float": b"f" + struct.pack(">f", float("-inf")),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_header_that_no_python_value_fits_is_nothing_and_its_neighbours_stay(name: str) -> None:
    inner = sized(b"F", named(b"in", UNREADABLE[name]) + named(b"beside", b"t\x01"))
    content = named(b"odd", UNREADABLE[name]) + named(b"table", inner) + named(b"last", b"I\x00\x00\x00\x07")
    table = struct.pack(">I", len(content)) + content

    found, end = decode_table(table, 0)

    assert found == {"odd": None, "table": {"in": None, "beside": True}, "last": 7}
    assert end == len(table)


def in_a_list(value: bytes) -> bytes:
    return sized(b"A", value)


def in_a_table(value: bytes) -> bytes:
    return sized(b"F", named(b"", value))


@pytest.mark.parametrize("wrap", [in_a_list, in_a_table])
def test_a_header_nested_without_end_is_cut_and_its_neighbour_stays(wrap: Callable[[bytes], bytes]) -> None:
    content = named(b"deep", nested(wrap)) + named(b"last", b"t\x01")
    table = struct.pack(">I", len(content)) + content

    found, end = decode_table(table, 0)

    assert found["last"] is True
    assert end == len(table)


def test_what_pika_reads_well_is_read_as_before() -> None:
    deaths = [{"reason": "rejected", "queue": "sms.urgent", "time": datetime(2026, 11, 23, tzinfo=UTC)}]
    headers: dict[str, Any] = {"x-delivery-count": 2, "x-death": deaths, "none": None, "bytes": b"\xff"}
    pieces: list[bytes] = []
    pika.data.encode_table(pieces, headers)

    found, _ = decode_table(b"".join(pieces), 0)

    assert found == headers
