import re
import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import orjson
import pika
import pytest
from pika import data

from tests.pipeline.conftest import System, wait_for_accepted
from tests.support.crm import Json, event, row, rows
from tests.support.waiting import wait_until
from worker.amqp.topology import DEAD_QUEUE
from worker.store.db.postgres import Pool

Publish = Callable[[Iterable[Json]], None]
#: What RabbitMQ hands on as it came; it takes as deep a nest as fits into one frame.
HOSTILE = {
    "a timestamp in milliseconds": b"T" + struct.pack(">Q", 1_795_459_379_448),
    "lists within lists": b"".join(b"A" + struct.pack(">I", 5 * level) for level in reversed(range(20_000))),
}


class Raw:
    """A header value that pika writes as the bytes it is given."""

    def __init__(self, encoded: bytes) -> None:
        self.encoded = encoded


@pytest.fixture
def raw_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    encode: Callable[[list[bytes], Any], int] = data.encode_value

    def encode_value(pieces: list[bytes], value: Any) -> int:
        if isinstance(value, Raw):
            pieces.append(value.encoded)
            return len(value.encoded)
        return encode(pieces, value)

    monkeypatch.setattr(data, "encode_value", encode_value)


@pytest.mark.usefixtures("raw_headers")
@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_header_that_pika_cannot_read_stops_nothing(
    system: System, publish: Publish, pool: Pool, channel: Any, hostile: str
) -> None:
    system.start("worker")
    publish([event()])
    wait_for_accepted(pool, 1)

    headers: Any = {"published": Raw(HOSTILE[hostile]), "after": "it"}
    properties = pika.BasicProperties(headers=headers)
    channel.basic_publish("crm.events", "acme.order.created", orjson.dumps(event("order.created")), properties)
    publish([event("order.created")])

    wait_for_accepted(pool, 3)
    # Two queues of one newcomer declared at once are an internal error to RabbitMQ 3.10 now and then.
    assert all("INTERNAL_ERROR" in line["sms.reason"] for line in system.log_lines("rabbitmq.away"))


def test_a_routing_key_that_is_no_text_is_a_dead_letter(
    system: System, publish: Publish, pool: Pool, channel: Any
) -> None:
    system.start("worker")
    publish([event()])
    wait_for_accepted(pool, 1)

    channel.basic_publish("crm.events", b"\xff\xfe.x", orjson.dumps(event()))
    publish([event()])

    wait_for_accepted(pool, 2)
    wait_until(lambda: rows(pool, "SELECT 1 FROM dead_letters WHERE reason = 'account_mismatch'"), "the dead letter")
    assert not system.log_lines("batch.returned")


def test_a_forged_death_is_kept_like_any_other(system: System, publish: Publish, pool: Pool, channel: Any) -> None:
    system.start("worker")
    publish([])
    headers: Any = {"x-death": [{"reason": "rejected\x00", "queue": "sms.\x00urgent"}]}

    channel.queue_declare(DEAD_QUEUE, passive=True)
    channel.basic_publish("", DEAD_QUEUE, b"\x00", pika.BasicProperties(headers=headers))
    channel.basic_publish("", DEAD_QUEUE, b"another")

    wait_until(lambda: row(pool, "SELECT count(*) FROM dead_letters") == (2,), "both are kept")


def test_a_queue_of_huge_bodies_does_not_fill_the_memory(
    system: System, publish: Publish, pool: Pool, channel: Any
) -> None:
    publish([event()])
    for number in range(60):
        channel.basic_publish("crm.events", "acme.x", str(number).encode() + b"x" * 10_000_000)
    worker = system.start("worker")

    refused = "SELECT count(*) FROM dead_letters WHERE reason = 'too_large' AND size > 10000000"
    wait_until(lambda: row(pool, refused) == (60,), "each is refused by its size")

    assert peak_kb(worker.pid) < 400_000


def peak_kb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    match = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert match
    return int(match[1])
