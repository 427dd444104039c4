"""Tokens, forms of a request, and the methods beside the send."""

import socket

import pytest

from tests.simulator.client import PHONE, TOKEN, Provider, send_body

FORM = {"recipients[0]": PHONE, "sms[sender]": "DemoShop", "sms[text]": "Order 7 is ready"}
BEARER = {"authorization": f"Bearer {TOKEN}"}
JSON = BEARER | {"content-type": "application/json"}


@pytest.mark.parametrize("module", ["message", "user", "file", "senders", "chat"])
def test_every_module_answers_a_ping(provider: Provider, module: str) -> None:
    response = provider.http.get(f"/{module}/ping.json", headers=BEARER)

    assert response.text == '{"response_code":1,"response_status":"PONG","response_result":null}'


@pytest.mark.parametrize(
    ("headers", "code", "name"),
    [
        ({}, 103, "REQUIRED_TOKEN"),
        ({"authorization": "Bearer"}, 103, "REQUIRED_TOKEN"),
        ({"authorization": "Bearer wrong"}, 105, "REQUIRED_AUTH"),
        ({"authorization": "Digest wrong"}, 301, "INVALID_TOKEN"),
    ],
)
def test_a_wrong_token_opens_nothing(provider: Provider, headers: dict[str, str], code: int, name: str) -> None:
    answer = provider.http.post("/message/send.json", json=send_body(), headers=headers).json()

    assert answer == {"response_code": code, "response_status": name, "response_result": None}
    assert provider.state()["created"] == 0


def test_the_token_may_come_in_four_ways(provider: Provider) -> None:
    http, path = provider.http, "/user/balance.json"

    answers = (
        http.get(path, headers=BEARER),
        http.get(path, headers={"authorization": f"Basic {TOKEN}"}),
        http.get(f"{path}?token={TOKEN}"),
        http.post(path, data={"token": TOKEN}),
    )

    assert [answer.json()["response_code"] for answer in answers] == [0, 0, 0, 0]
    assert http.post(path, json={"token": TOKEN}).json()["response_code"] == 103


def test_a_query_and_a_form_are_read_like_json(provider: Provider) -> None:
    provider.set(duplicate_window_s=0)

    answers = (
        provider.http.get("/message/send.json", params=FORM, headers=BEARER),
        provider.http.post("/message/send", data=FORM, headers=BEARER),
        provider.http.post("/message/send.json", json=send_body(), headers=BEARER),
    )

    assert [answer.json()["response_code"] for answer in answers] == [801, 801, 801]
    wanted = {(PHONE, "DemoShop", "Order 7 is ready")}
    assert {(m["recipient"], m["sender"], m["text"]) for m in provider.messages()} == wanted


def test_a_long_address_is_refused(provider: Provider) -> None:
    answer = provider.http.get("/message/send.json", params=FORM | {"x": "y" * 2000}, headers=BEARER)

    assert answer.json()["response_code"] == 300


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        (b'{"recipients":', JSON, 502),
        (b'{"recipients":\n["380501112233"]}', JSON, 502),
        (b"\xff", JSON, 502),
        (b"", JSON, 104),
        (b"{}", JSON, 104),
        (b"[1]", JSON, 300),
        (b'{"recipients": []}', BEARER, 104),
    ],
)
def test_an_unreadable_body_is_named(provider: Provider, body: bytes, headers: dict[str, str], code: int) -> None:
    answer = provider.http.post("/message/send.json", content=body, headers=headers).json()

    assert answer["response_code"] == code


@pytest.mark.parametrize("path", ["/message/cancel.json", "/message/send.xml", "/nothing"])
def test_an_unknown_method_is_300(provider: Provider, path: str) -> None:
    assert provider.http.post(path, json=send_body(), headers=BEARER).json()["response_code"] == 300


def test_the_balance_falls_by_segments(provider: Provider) -> None:
    provider.account(balance=2106.42)

    provider.send(text="x" * 161)

    answer = provider.ask("user/balance")
    assert answer == {"response_code": 0, "response_status": "OK", "response_result": {"balance": 2103.86}}


def test_the_status_of_own_foreign_and_malformed_ids(provider: Provider) -> None:
    provider.account(token="other", senders=["DemoShop"])
    delivered = provider.send()["response_result"][0]["message_id"]
    provider.advance(6)
    queued = provider.send(text="Later")["response_result"][0]["message_id"]
    foreign = provider.ask("message/send", send_body(), token="other")["response_result"][0]["message_id"]

    answer = provider.ask("message/status", {"messages": [queued, delivered, foreign, "17"]})

    first, second, third, fourth = answer["response_result"]
    assert answer["response_code"] == 0
    assert (first["status"], first["sent"], first["recipient"]) == ("Queued", None, PHONE)
    assert (second["status"], second["type"], len(second["sent"])) == ("Delivered", "sms", 19)
    name = "NOT_ALLOWED_MESSAGE_ID"
    assert third == {"message_id": foreign, "response_code": 414, "response_status": name}
    assert fourth["response_code"] == 307


def test_a_status_asks_for_at_most_100_ids(provider: Provider) -> None:
    assert len(provider.ask("message/status", {"messages": ["17"] * 100})["response_result"]) == 100
    assert provider.ask("message/status", {"messages": ["17"] * 101})["response_code"] == 300


def test_a_status_walks_to_its_end(provider: Provider) -> None:
    provider.set(accepted_after_s=100, sent_after_s=200, final_after_s=300, final_status="Expired")
    message_id = provider.send()["response_result"][0]["message_id"]

    walk = [_status(provider, message_id)]
    for _ in range(3):
        provider.advance(100)
        walk.append(_status(provider, message_id))

    assert walk == ["Queued", "Accepted", "Sent", "Expired"]


def test_details_report_price_and_segments(provider: Provider) -> None:
    message_id = provider.send(text="ї" * 71)["response_result"][0]["message_id"]

    (row,) = provider.ask("message/details", {"messages": [message_id]})["response_result"]

    assert (row["sms"]["price"], row["sms"]["segments"]) == (2.56, 2)


def test_a_request_larger_than_one_read_is_read_whole(provider: Provider) -> None:
    phones = [f"38067{number:07}" for number in range(4000)]

    assert len(provider.send(*phones)["response_result"]) == 4000


def test_a_client_that_hangs_up_mid_body_leaves_the_provider_well(provider: Provider) -> None:
    head = f"POST /message/send.json HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\n"

    with _connection(provider) as connection:
        connection.sendall(f'{head}content-length: 100\r\n\r\n{{"recipients"'.encode())

    assert provider.ask("message/ping")["response_code"] == 1
    assert provider.state()["created"] == 0


def _connection(provider: Provider) -> socket.socket:
    url = provider.http.base_url
    return socket.create_connection((url.host, url.port or 0))


def _status(provider: Provider, message_id: str) -> str:
    answer = provider.ask("message/status", {"messages": [message_id]})
    return answer["response_result"][0]["status"]
