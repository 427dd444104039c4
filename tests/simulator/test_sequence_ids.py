"""A `sequence_id` makes a request execute once, however it is repeated."""

import asyncio

import httpx
import orjson
import pytest

from tests.simulator.client import PHONE, TOKEN, Json, Provider, codes, send_body

KEY = "0b9c2f6a4d7e4b1f8a3e5c7d9f101112"


def test_a_repeat_gets_the_earlier_rows_and_changes_nothing(provider: Provider) -> None:
    first = provider.send(key=KEY)
    before = provider.state()

    again = provider.send(key=KEY)

    assert (again["response_code"], again["response_status"]) == (507, "FAILED_DUPLICATE_REQUEST")
    assert again["response_result"] == first["response_result"]
    after = provider.state()
    assert (after["created"], after["balances"]) == (before["created"], before["balances"])
    assert after["repeats"] == 1


def test_a_repeat_with_another_text_is_still_a_repeat(provider: Provider) -> None:
    first = provider.send(key=KEY)

    again = provider.send("380671112233", text="Another", key=KEY)

    assert again["response_result"] == first["response_result"]
    assert provider.state()["created"] == 1


def test_a_repeat_may_carry_the_whole_earlier_envelope(provider: Provider) -> None:
    provider.set(repeat_shape="nested")

    first = provider.send(key=KEY)
    again = provider.send(key=KEY)

    assert again["response_code"] == 507
    assert again["response_result"] == first


def test_a_repeat_may_carry_nothing(provider: Provider) -> None:
    provider.set(repeat_shape="null")
    provider.send(key=KEY)

    assert provider.send(key=KEY) == {
        "response_code": 507,
        "response_status": "FAILED_DUPLICATE_REQUEST",
        "response_result": None,
    }


def test_a_key_lives_30_days(provider: Provider) -> None:
    provider.send(key=KEY)

    provider.advance(30 * 24 * 3600 - 60)
    within = provider.send(key=KEY)
    provider.advance(120)
    beyond = provider.send(key=KEY)

    assert (within["response_code"], beyond["response_code"]) == (507, 801)
    assert provider.state()["created"] == 2


def test_a_key_belongs_to_one_account(provider: Provider) -> None:
    provider.account(token="other", senders=["DemoShop"])
    provider.send(key=KEY)

    answer = provider.ask("message/send", send_body(key=KEY), token="other")

    assert answer["response_code"] == 801


@pytest.mark.parametrize(("stored", "code"), [(False, 801), (True, 507)])
def test_a_refusal_is_remembered_by_the_switch(provider: Provider, code: int, *, stored: bool) -> None:
    provider.set(refusals_stored=stored)
    provider.account(balance=0)
    refused = provider.send(key=KEY)

    provider.account(balance=100)
    again = provider.send(key=KEY)

    assert refused["response_code"] == 203
    assert again["response_code"] == code


def test_a_stored_refusal_comes_back_nested_with_its_own_code(provider: Provider) -> None:
    provider.set(refusals_stored=True, repeat_shape="nested")
    refused = provider.send(text="", key=KEY)

    assert provider.send(text="", key=KEY)["response_result"] == refused
    assert refused["response_code"] == 201


def test_a_forgetful_provider_creates_twice(provider: Provider) -> None:
    provider.set(keys_honoured=False, duplicate_window_s=0)

    answers = [provider.send(key=KEY)["response_code"] for _ in range(2)]

    assert answers == [801, 801]
    assert len(provider.messages(f"sequence_id={KEY}")) == 2


def test_the_cap_of_a_key_is_a_switch(provider: Provider) -> None:
    provider.set(key_cap=8)

    assert provider.send(key="k" * 9)["response_code"] == 300
    assert provider.send(key="k" * 8)["response_code"] == 801


def test_300_concurrent_posts_with_one_key_create_one_message(provider: Provider) -> None:
    provider.set(latency_ms=200)

    answers = asyncio.run(_posts(provider, 300))

    assert sorted({answer["response_code"] for answer in answers}) == [507, 801]
    assert len({answer["response_result"][0]["message_id"] for answer in answers}) == 1
    state = provider.state()
    assert (state["created"], state["repeats"], state["posts"]) == (1, 299, 300)
    assert state["in_flight_max"] > 1
    assert state["in_flight"] == 0


def test_a_client_that_lost_an_answer_gets_the_id_by_repeating(provider: Provider) -> None:
    provider.arm("reset_after")

    with pytest.raises(httpx.TransportError):
        provider.send(PHONE, key=KEY)
    repeat = provider.send(PHONE, key=KEY)

    (message,) = provider.messages()
    assert codes(repeat) == [0]
    assert repeat["response_result"][0]["message_id"] == message["message_id"]


async def _posts(provider: Provider, number: int) -> list[Json]:
    body = orjson.dumps(send_body(key=KEY))
    head = f"POST /message/send.json HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\nconnection: close\r\n"
    headers = f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    request = f"{head}{headers}".encode() + body
    return await asyncio.gather(*(_post(provider, request) for _ in range(number)))


async def _post(provider: Provider, request: bytes) -> Json:
    """One connection of its own: httpx's pool takes seconds to open 300."""
    url = provider.http.base_url
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return orjson.loads(answer.partition(b"\r\n\r\n")[2])
