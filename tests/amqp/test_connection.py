import struct
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import pika
import pika.data
import pytest

from tests.faults.network.tls import authority, certificate, tls_door
from worker.amqp import connection as amqp_connection
from worker.amqp import pika_internals

# The seam itself: pika's tables call `decode_value` by its name in this module, for every value at every depth.
decode_table = cast("Callable[[bytes, int], tuple[dict[str, Any], int]]", pika.data.decode_table)
DEEP = 20_000


def test_every_header_that_pika_reads_passes_our_door() -> None:
    assert pika.data.decode_value.__module__ == pika_internals.__name__


def sized(type_: bytes, content: bytes) -> bytes:
    return type_ + struct.pack(">I", len(content)) + content


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
def test_an_undecodable_header_is_none_beside_its_neighbours(name: str) -> None:
    inner = sized(b"F", named(b"in", UNREADABLE[name]) + named(b"beside", b"t\x01"))
    content = named(b"odd", UNREADABLE[name]) + named(b"table", inner) + named(b"last", b"I\x00\x00\x00\x07")
    table = struct.pack(">I", len(content)) + content

    fields, end = decode_table(table, 0)

    assert fields == {"odd": None, "table": {"in": None, "beside": True}, "last": 7}
    assert end == len(table)


def in_a_list(value: bytes) -> bytes:
    return sized(b"A", value)


def in_a_table(value: bytes) -> bytes:
    return sized(b"F", named(b"", value))


@pytest.mark.parametrize("wrap", [in_a_list, in_a_table])
def test_a_header_nested_without_end_is_cut_and_its_neighbour_stays(wrap: Callable[[bytes], bytes]) -> None:
    content = named(b"deep", nested(wrap)) + named(b"last", b"t\x01")
    table = struct.pack(">I", len(content)) + content

    fields, end = decode_table(table, 0)

    assert fields["last"] is True
    assert end == len(table)


def test_headers_that_pika_can_read_are_read_as_before() -> None:
    deaths = [{"reason": "rejected", "queue": "sms.urgent", "time": datetime(2026, 11, 23, tzinfo=UTC)}]
    headers: dict[str, Any] = {"x-delivery-count": 2, "x-death": deaths, "none": None, "bytes": b"\xff"}
    pieces: list[bytes] = []
    pika.data.encode_table(pieces, headers)

    fields, _ = decode_table(b"".join(pieces), 0)

    assert fields == headers


def refused(url: str) -> tuple[str, str]:
    with pytest.raises(amqp_connection.CONNECTION_ERRORS) as caught:
        pika.BlockingConnection(amqp_connection.parameters(url, name="test"))
    return amqp_connection.describe(caught.value), amqp_connection.fix(caught.value)


def test_a_refusal_of_rabbitmq_is_reported_with_the_fix(amqp_url: str) -> None:
    password = urlsplit(amqp_url).password or ""

    login = refused(amqp_url.replace(password, "hunter2"))
    vhost = refused(urlsplit(amqp_url)._replace(path="/nowhere").geturl())
    plain = refused(amqp_url.replace("amqp://", "amqps://"))

    assert "ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN" in login[0]
    assert login[1] == "Fix the user or the password in SMS_AMQP_URL."
    assert "NOT_ALLOWED - vhost nowhere not found" in vhost[0]
    assert "rabbitmqctl add_vhost" in vhost[1]
    assert "wrong version number" in plain[0]
    assert "speaks no TLS" in plain[1]
    assert not any(secret in f"{login}{vhost}{plain}" for secret in ("hunter2", password))


def test_a_socket_error_is_reported_with_the_fix() -> None:
    assert refused("amqp://127.0.0.1:1") == (
        "ConnectionRefusedError: Connection refused",
        "Start it, or fix SMS_AMQP_URL.",
    )
    assert refused("amqp://nowhere.invalid")[1] == "Fix the host in SMS_AMQP_URL."


def test_a_certificate_is_believed_only_where_the_url_trusts_its_maker(amqp_url: str, tmp_path: Path) -> None:
    signer = authority(tmp_path)
    who, _, address = urlsplit(amqp_url).netloc.rpartition("@")
    with tls_door(f"http://{address}", certificate(tmp_path, signer, name="ours")) as door:
        url = amqp_url.replace("amqp://", "amqps://").replace(f"{who}@{address}", f"{who}@{urlsplit(door.url).netloc}")
        text, hint = refused(url)

        with pika.BlockingConnection(
            amqp_connection.parameters(f"{url}?cacertfile={signer.file}", name="test")
        ) as ours:
            assert ours.is_open

    assert text.startswith("SSLCertVerificationError: certificate verify failed")
    assert "cacertfile" in hint
