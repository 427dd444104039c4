import logging
import socket
import ssl
import threading
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.support.waiting import PATIENCE_S
from tests.turbosms.raw_server import Script, answer, close, drip, reset, self_signed, serving
from worker.turbosms.client import NoReply, OnReachability, Reply, TurboSms, ignore
from worker.turbosms.transport import ssl_context

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
BODY = b'{"sequence_id":"k","recipients":["380501112233"],"sms":{"sender":"Shop","text":"Hi"}}'
TOKEN = "not-a-real-token"
DEADLINE_S = 1.0


@contextmanager
def turbosms(url: str, on_reachability: OnReachability = ignore) -> Generator[TurboSms]:
    client = TurboSms(url, deadline_s=DEADLINE_S, on_reachability=on_reachability)
    yield client
    client.close()


def send(script: Script, tls: ssl.SSLContext | None = None) -> Reply | NoReply:
    with serving(script, tls) as server, turbosms(server.url) as client:
        return client.send(BODY, token=TOKEN)


def test_request_carries_the_exact_body_and_the_token_in_its_header_only() -> None:
    with serving(answer(OK)) as server, turbosms(server.url) as client:
        reply = client.send(BODY, token=TOKEN)

    head, body = server.requests[0].split(b"\r\n\r\n")
    assert (reply, body) == (Reply(200, b"{}"), BODY)
    assert head.startswith(b"POST /message/send.json HTTP/1.1\r\n")
    assert b"\r\nAuthorization: Bearer not-a-real-token\r\n" in head
    assert b"\r\nContent-Type: application/json" in head
    assert b"\r\nAccept-Encoding: identity\r\n" in head
    assert server.requests[0].count(TOKEN.encode()) == 1


def test_head_and_body_leave_in_one_send(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def send_noting(connected: socket.socket, data: memoryview) -> int:
        sizes.append(len(data))
        return super(socket.socket, connected).send(data)

    monkeypatch.setattr(socket.socket, "send", send_noting)
    with serving(answer(OK)) as server, turbosms(server.url) as client:
        client.send(BODY, token=TOKEN)

    assert sizes == [len(server.requests[0])]


def test_ping_and_balance_ask_without_a_body() -> None:
    with serving(answer(OK)) as server, turbosms(f"{server.url}/") as client:
        client.ping(token=TOKEN)
        client.balance(token=TOKEN)

    lines = [request.split(b"\r\n")[0] for request in server.requests]
    assert lines == [b"GET /message/ping.json HTTP/1.1", b"GET /user/balance.json HTTP/1.1"]


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n",
        b"HTTP/1.1 200 OK\r\nX-Drip: ",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\nX-Drip: ",
    ],
    ids=["status", "body", "chunk", "header", "informational"],
)
def test_dripped_answer_is_cut_at_the_deadline(begun: bytes) -> None:
    start = time.monotonic()

    reply = send(drip(begun))

    assert reply == NoReply("timeout", left=True)
    assert time.monotonic() - start >= DEADLINE_S


def test_body_that_nobody_takes_is_left_at_the_deadline() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    with listener, turbosms(f"http://127.0.0.1:{listener.getsockname()[1]}") as client:
        reply = client.send(b"x" * 20_000_000, token=TOKEN)

    assert reply == NoReply("timeout", left=True)


def test_answer_to_a_request_that_was_not_read_whole_is_read() -> None:
    def refuse() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(1)
            connection.sendall(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\n{}")

    listener = socket.create_server(("127.0.0.1", 0))
    with (
        listener,
        turbosms(f"http://127.0.0.1:{listener.getsockname()[1]}") as client,
        ThreadPoolExecutor(1) as threads,
    ):
        threads.submit(refuse)
        reply = client.send(b"x" * 20_000_000, token=TOKEN)

    assert reply == Reply(413, b"{}")


@pytest.mark.parametrize("head", [b"Content-Length: 2097152\r\n\r\n", b"\r\n"], ids=["declared", "undeclared"])
def test_huge_answer_is_not_read_to_its_end(head: bytes) -> None:
    reply = send(answer(b"HTTP/1.1 200 OK\r\n" + head + b"1" * 2_097_152))

    assert reply == NoReply("too_large", left=True)


def test_compressed_answer_is_handed_over_as_it_travelled() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n"

    assert send(answer(head + b"\x1f\x8b\x08\x00")) == Reply(200, b"\x1f\x8b\x08\x00")


@pytest.mark.parametrize("address", [b"/elsewhere", b"http://[::", b"http://xn--/"], ids=["path", "torn", "no_name"])
def test_redirect_is_handed_over_and_not_followed(address: bytes) -> None:
    head = b"HTTP/1.1 307 Temporary Redirect\r\nLocation: " + address + b"\r\nContent-Length: 0\r\n\r\n"
    with serving(answer(head)) as server, turbosms(server.url) as client:
        reply = client.send(BODY, token=TOKEN)

    assert (reply, len(server.requests)) == (Reply(307, b""), 1)


@pytest.mark.parametrize(
    "script",
    [reset, close, answer(OK[:-1], then=close), answer(b"SSH-2.0\r\n\r\n")],
    ids=["reset", "closed", "cut", "nonsense"],
)
def test_a_connection_lost_after_the_request_sends_nothing_twice(script: Script) -> None:
    with serving(script) as server, turbosms(server.url) as client:
        reply = client.send(BODY, token=TOKEN)

    assert isinstance(reply, NoReply)
    assert reply.left
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "torn",
    [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnumber\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: some\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nno header\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 10_000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"b" * 200_000 + b"\r\n\r\n",
        b"HTTP/1.1 many OK\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\n\r\n",
    ],
    ids=lambda torn: torn[9:60].decode(),
)
def test_answer_that_is_torn_or_no_http_is_no_reply(torn: bytes) -> None:
    assert send(answer(torn, then=close)) == NoReply("not_http", left=True)


def test_answer_after_early_hints_is_the_reply() -> None:
    hint = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"
    with serving(answer(hint + hint + OK)) as server, turbosms(server.url) as client:
        replies = [client.send(BODY, token=TOKEN) for _ in range(2)]

    assert (replies, server.connections) == ([Reply(200, b"{}")] * 2, 1)


def test_chunked_answer_leaves_its_connection_to_the_next_call() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;a=b\r\n}\r\n0\r\n\r\n"
    with serving(answer(chunked)) as server, turbosms(server.url) as client:
        replies = [client.send(BODY, token=TOKEN) for _ in range(2)]

    assert (replies, server.connections) == ([Reply(200, b"{}")] * 2, 1)


@pytest.fixture
def lookups(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The hosts that were looked up: one for each try to connect."""
    hosts: list[object] = []
    look_up = socket.getaddrinfo

    def look_up_noting(host: str, port: int, family: int, kind: int) -> list[object]:
        hosts.append(host)
        return list(look_up(host, port, family, kind))

    monkeypatch.setattr(socket, "getaddrinfo", look_up_noting)
    return hosts


def nowhere() -> str:
    """An address that refuses connections."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_refused_connection_is_tried_three_times_and_never_left(lookups: list[object]) -> None:
    with turbosms(nowhere()) as client:
        reply = client.send(BODY, token=TOKEN)

    assert reply == NoReply("unreachable", left=False)
    assert lookups == ["127.0.0.1"] * 3


def test_address_that_never_connects_is_left_at_the_deadline() -> None:
    obstacles: list[str | None] = []
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        first.connect(listener.getsockname())
        second.settimeout(0)
        second.connect_ex(listener.getsockname())
        with turbosms(f"http://127.0.0.1:{listener.getsockname()[1]}", obstacles.append) as client:
            reply = client.send(BODY, token=TOKEN)

    assert (reply, obstacles) == (NoReply("unreachable", left=False), ["ConnectTimeout"])


def test_silent_name_server_is_left_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    released, answered = threading.Event(), threading.Event()

    def silent(*_: object) -> list[object]:
        released.wait(PATIENCE_S)
        answered.set()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", silent)

    with turbosms("http://nowhere.invalid") as client:
        reply = client.send(BODY, token=TOKEN)

    assert reply == NoReply("unreachable", left=False)
    assert not answered.is_set()
    released.set()


@pytest.mark.parametrize("host", ["a..b", "a" * 64], ids=["empty_label", "long_label"])
def test_host_that_no_name_server_can_be_asked_for_is_unreachable(host: str) -> None:
    with turbosms(f"http://{host}") as client:
        reply = client.send(BODY, token=TOKEN, is_wanted=lambda: False)

    assert reply == NoReply("unreachable", left=False)


def test_unknown_certificate_keeps_the_request_at_home(tmp_path: Path) -> None:
    with serving(answer(OK), self_signed(tmp_path)) as server, turbosms(server.url) as client:
        reply = client.send(BODY, token=TOKEN)

    assert reply == NoReply("unreachable", left=False)
    assert (server.requests, server.connections) == ([], 3)


def test_known_certificate_carries_the_request_and_its_deadline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
    monkeypatch.setattr("worker.turbosms.transport.ssl_context", ssl_context.__wrapped__)  # which is read once

    reply = send(answer(OK), tls)
    dripped = send(drip(b"HTTP/1.1 200 OK\r\nX-Drip: "), tls)

    assert (reply, dripped) == (Reply(200, b"{}"), NoReply("timeout", left=True))


def test_connection_is_kept_for_the_next_call_and_shared_by_accounts() -> None:
    with serving(answer(OK)) as server, turbosms(server.url) as client:
        replies = [client.send(BODY, token=token) for token in ("one", "two", "three")]

    assert replies == [Reply(200, b"{}")] * 3
    assert server.connections == 1


def test_connection_that_the_server_closed_meanwhile_is_replaced_unnoticed() -> None:
    with serving(answer(OK, then=close)) as server, turbosms(server.url) as client:
        first = client.send(BODY, token=TOKEN)
        assert server.closed.acquire(timeout=PATIENCE_S)
        second = client.send(BODY, token=TOKEN)

    assert first == second == Reply(200, b"{}")
    assert (len(server.requests), server.connections) == (2, 2)


def test_connection_on_which_more_came_than_was_asked_for_is_replaced() -> None:
    with serving(answer(OK + OK.replace(b"{}", b"[]"))) as server, turbosms(server.url) as client:
        replies = [client.send(BODY, token=TOKEN) for _ in range(2)]

    assert (replies, server.connections) == ([Reply(200, b"{}")] * 2, 2)


@pytest.mark.parametrize("said", [b"HTTP/1.1 200 OK\r\nConnection: close", b"HTTP/1.0 200 OK"], ids=["close", "1.0"])
def test_connection_that_the_server_will_close_is_replaced(said: bytes) -> None:
    with serving(answer(said + b"\r\nContent-Length: 2\r\n\r\n{}")) as server, turbosms(server.url) as client:
        replies = [client.send(BODY, token=TOKEN) for _ in range(2)]

    assert (replies, server.connections) == ([Reply(200, b"{}")] * 2, 2)


def test_connection_that_rested_too_long_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.turbosms.transport._KEEPALIVE_S", 0.0)
    with serving(answer(OK)) as server, turbosms(server.url) as client:
        replies = [client.send(BODY, token=TOKEN) for _ in range(2)]

    assert (replies, server.connections) == ([Reply(200, b"{}")] * 2, 2)


def test_threads_share_the_client() -> None:
    with serving(answer(OK)) as server, turbosms(server.url) as client, ThreadPoolExecutor(8) as threads:
        calls = [threads.submit(client.send, BODY, token=TOKEN) for _ in range(40)]
        replies = [call.result() for call in calls]

    assert replies == [Reply(200, b"{}")] * 40
    assert len(server.requests) == 40


def test_proxies_and_cookies_play_no_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    cookie = OK.replace(b"\r\n\r\n", b"\r\nSet-Cookie: a=b\r\n\r\n")

    with serving(answer(cookie)) as server, turbosms(server.url) as client:
        replies = [client.send(BODY, token=TOKEN) for _ in range(2)]

    assert replies == [Reply(200, b"{}")] * 2
    assert not any(b"cookie" in request.lower() for request in server.requests)


def test_logs_show_neither_token_nor_text(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(HTTPConnection, "debuglevel", 1)  # which prints each request

    replies = [send(answer(said + BODY)) for said in (OK, TOKEN.encode() + b"\r\n")]

    shown = f"{caplog.text} {capfd.readouterr()} {replies[1]}"
    assert replies == [Reply(200, b"{}"), NoReply("not_http", left=True)]
    assert not any(secret in shown for secret in (TOKEN, "380501112233", "sequence_id"))


@pytest.mark.parametrize("token", ["", "line\nbreak", "ключ", "two words"])
def test_token_that_no_header_can_carry_never_leaves(token: str) -> None:
    with serving(answer(OK)) as server, turbosms(server.url) as client:
        reply = client.send(BODY, token=token)

    assert reply == NoReply("unusable_token", left=False)
    assert not server.requests


@pytest.mark.parametrize(
    "url", ["", "api.turbosms.ua", "ftp://api.turbosms.ua", "https://", "https://a:b", "https://xn--"]
)
def test_url_that_leads_nowhere_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="url:"):
        TurboSms(url)


def test_what_is_not_wanted_after_the_pause_between_tries_is_not_tried_again(
    lookups: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    paused: list[float] = []
    monkeypatch.setattr(time, "sleep", paused.append)
    client = TurboSms(nowhere(), deadline_s=DEADLINE_S)

    reply = client.send(BODY, token=TOKEN, is_wanted=lambda: not paused)
    client.close()

    assert reply == NoReply("unreachable", left=False)
    assert (len(lookups), len(paused)) == (1, 1)


def test_a_connection_that_is_not_wanted_any_more_is_tried_once(lookups: list[object]) -> None:
    obstacles: list[str | None] = []
    client = TurboSms(nowhere(), deadline_s=DEADLINE_S, on_reachability=obstacles.append)
    reply = client.send(BODY, token=TOKEN, is_wanted=lambda: False)
    client.close()

    assert reply == NoReply("unreachable", left=False)
    assert lookups == ["127.0.0.1"]
    assert obstacles == ["[Errno 111] Connection refused"]
