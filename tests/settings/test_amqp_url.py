import ssl
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.faults.network.tls import authority, certificate
from worker.amqp.connection import parameters
from worker.settings.amqp_url import KNOWN, AmqpUrl, amqp_url

URL = "amqp://user:hunter2@broker"


def problem(url: str) -> str:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (its message is looked at)
        amqp_url(url)
    assert "hunter2" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("url", "host", "port", "virtual_host"),
    [
        ("amqp://broker", "broker", 5672, "/"),
        ("amqps://broker/", "broker", 5671, "/"),
        ("amqp://broker//", "broker", 5672, "/"),
        ("amqp://u:p@broker:1234/%2Fsms", "broker", 1234, "/sms"),
        ("amqp://[::1]/sms", "::1", 5672, "sms"),
    ],
)
def test_host_port_and_virtual_host_are_read_from_a_url(url: str, host: str, port: int, virtual_host: str) -> None:
    parsed = amqp_url(url)

    assert (parsed.host, parsed.port, parsed.virtual_host) == (host, port, virtual_host)


def test_user_and_password_are_read_from_a_url() -> None:
    assert (amqp_url("amqp://h").user, amqp_url("amqp://h").password) == ("guest", "guest")
    assert (amqp_url("amqp://a%40b:p%2F@h").user, amqp_url("amqp://a%40b:p%2F@h").password) == ("a@b", "p/")
    assert amqp_url("amqp://u:p,;p@h").password == "p,;p"
    assert amqp_url("amqps://user@h?auth_mechanism=EXTERNAL").password is None


def test_rabbitmqs_and_pikas_spellings_are_kept() -> None:
    url = f"{URL}/sms?heartbeat=7&connection_timeout=2500&channel_max=11&frame_max=8192&auth_mechanism=plain"

    result = parameters(url, name="test")

    assert (result.heartbeat, result.socket_timeout, result.stack_timeout) == (7, 2.5, 5.0)
    assert (result.channel_max, result.frame_max, result.virtual_host) == (11, 8192, "sms")
    assert parameters(f"{URL}?socket_timeout=9", name="test").socket_timeout == 9
    assert parameters(URL, name="test").heartbeat == 30


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("http://h", "does not begin with amqp:// or amqps://"),
        ("amqp:///vhost", "names no host"),
        ("amqp://h:0", "names no host or no usable port"),
        ("amqp://h:port", "is not a URL that can be read"),
        ("amqp://user@h", "names a user without a password"),
        ("amqp://a,b/", "names several hosts"),
        ("amqp://u:hunter2@a:5672,b:5672/", "names several hosts"),
        ("amqp://a;amqp://b", "names several hosts"),
        ("amqp://h/a/b", "write %2F"),
        ("amqp://user:hunter2/x@h", "percent-encoded"),
        ("amqp://user:hunter2?x@h", "percent-encoded"),
        ("amqp://user:1#hunter2@h", "percent-encoded"),
        (URL + "?heartbeat=x", "has a parameter heartbeat that is no whole number from 0 to 65535"),
        (URL + "?heartbeat=-1", "heartbeat"),
        (URL + "?heartbeat=1&heartbeat=2", "has heartbeat more than once"),
        (URL + "?hartbeat=1", "did you mean heartbeat?"),
        (URL + "?connection_timeout=0", "connection_timeout"),
        (URL + "?auth_mechanism=amqplain", "is none of plain, external"),
        (URL + "?client_properties=[1]", "is no dictionary"),
        (URL + "?verify=verify_peer", "has verify without TLS: write amqps://"),
        ("amqps://h?verify=maybe", "is none of verify_peer, verify_none"),
        ("amqps://h?cacertfile=/nowhere", "has a cacertfile that cannot be read"),
        ("amqps://h?certfile=/nowhere", "has a certfile or keyfile that cannot be read"),
        ("amqps://h?keyfile=/nowhere", "has a keyfile without a certfile"),
        ("amqps://h?ssl_options={'ciphers':'x'}", "has ssl_options with 1 unknown"),
    ],
)
def test_a_wrong_amqp_url_has_a_problem_in_words(url: str, text: str) -> None:
    assert text in problem(url)


def test_tls_trusts_the_certificates_of_its_options(tmp_path: Path) -> None:
    signer = authority(tmp_path)
    chain, key = certificate(tmp_path, signer, name="ours")

    rabbitmqs = amqp_url(f"amqps://h?cacertfile={signer.file}&certfile={chain}&keyfile={key}")
    pikas = amqp_url(f"amqps://h?ssl_options={{'cafile':'{signer.file}','server_hostname':'other'}}")
    careless = amqp_url("amqps://h?verify=verify_none")
    nameless = amqp_url("amqps://h?server_name_indication=disable")

    assert [trusted(parsed) for parsed in (rabbitmqs, pikas)] == [1, 1]
    assert (rabbitmqs.server_name, pikas.server_name, nameless.server_name) == ("h", "other", None)
    assert careless.tls is not None
    assert careless.tls.verify_mode == ssl.CERT_NONE
    assert nameless.tls is not None
    assert (nameless.tls.check_hostname, nameless.tls.verify_mode) == (False, ssl.CERT_REQUIRED)


def trusted(url: AmqpUrl) -> int:
    assert url.tls is not None
    return len(url.tls.get_ca_certs())


PIECES = st.sampled_from([
    *("amqp://", "amqps://", "http://", "@", ":", "/", "//", "?", "&", "=", ",", ";", "#", "[::1]", "%2F", "%zz"),
    *("host", "hunter2", "0", "7", "65536", "9" * 12, "1.5", "-1", "{}", "{'a':1}", "verify_none", "external", "plain"),
    *(f"{text}=" for text in KNOWN),
])  # fmt: skip


@given(st.lists(PIECES, max_size=12).map("".join) | st.lists(PIECES, max_size=9).map(lambda some: URL + "".join(some)))
def test_a_valid_url_is_taken_by_pika_and_a_refusal_has_no_secret(url: str) -> None:
    try:
        amqp_url(url)
    except ValueError:
        problem(url)
    else:
        parameters(url, name="test")
