"""A fault may spoil an answer's rows, its body or its encoding, and the truth stays readable."""

from __future__ import annotations

import gzip

import pytest

from tests.simulator.client import PHONE, TOKEN, Provider, codes, send_body

OTHER = "380671112233"
BEARER = {"authorization": f"Bearer {TOKEN}"}


@pytest.mark.parametrize("fault", ["empty", "truncated", "garbage", "html"])
def test_a_spoiled_body_is_no_json_although_executed(provider: Provider, fault: str) -> None:
    provider.arm(fault)

    response = provider.post("message/send", send_body())

    assert response.status_code == 200
    with pytest.raises(ValueError, match=r"codec|Expecting|Extra|Unterminated"):
        response.json()
    assert provider.state()["created"] == 1


def test_a_row_code_refuses_one_recipient(provider: Provider) -> None:
    provider.arm("row_code", code=404, match={"recipient": OTHER})

    answer = provider.send(PHONE, OTHER)

    assert (answer["response_code"], codes(answer)) == (803, [0, 404])
    assert [message["recipient"] for message in provider.messages()] == [PHONE]


def test_a_row_code_may_refuse_everybody(provider: Provider) -> None:
    provider.arm("row_code", code=411)

    assert codes(provider.send(PHONE, OTHER)) == [411, 411]
    assert provider.state()["created"] == 0


@pytest.mark.parametrize(
    ("fault", "phones"),
    [
        ("leave_out_rows", [OTHER]),
        ("reorder_rows", [OTHER, PHONE]),
        ("extra_rows", [PHONE, OTHER, "380990000000"]),
        ("wrong_phone_format", ["+380 (50) 111-22-33", "+380 (67) 111-22-33"]),
    ],
)
def test_rows_may_differ_from_what_was_asked(provider: Provider, fault: str, phones: list[str]) -> None:
    provider.arm(fault)

    answer = provider.send(PHONE, OTHER)

    assert answer["response_code"] == 801
    assert [row["phone"] for row in answer["response_result"]] == phones
    assert provider.state()["created"] == 2


def test_a_result_may_be_null(provider: Provider) -> None:
    provider.arm("null_result")

    answer = provider.send()

    assert (answer["response_code"], answer["response_result"]) == (801, None)
    assert provider.state()["created"] == 1


def test_an_id_may_be_given_twice(provider: Provider) -> None:
    earlier = provider.send()["response_result"][0]["message_id"]
    provider.arm("same_id")

    answer = provider.send(OTHER)

    assert answer["response_result"][0]["message_id"] == earlier
    assert provider.state()["created"] == 2


def test_types_may_be_wrong(provider: Provider) -> None:
    provider.arm("wrong_types")

    answer = provider.send()

    assert answer["response_code"] == "801"
    assert answer["response_result"] == [
        {"phone": [PHONE], "response_code": "0", "message_id": 0, "response_status": 0}
    ]


def test_a_huge_body_is_white_space_before_the_answer(provider: Provider) -> None:
    provider.arm("huge", megabytes=3)

    response = provider.post("message/send", send_body())

    assert len(response.content) > 3_000_000
    assert response.json()["response_code"] == 801


def test_gzip_may_come_unasked_and_as_a_bomb(provider: Provider) -> None:
    provider.arm("gzip", megabytes=5)

    with provider.http.stream("POST", "/message/send.json", json=send_body(), headers=BEARER) as response:
        packed = b"".join(response.iter_raw())

    assert response.headers["content-encoding"] == "gzip"
    assert len(packed) < 100_000
    assert len(gzip.decompress(packed)) > 5_000_000


def test_a_repeat_may_be_spoiled_too(provider: Provider) -> None:
    provider.send(key="k")
    provider.arm("leave_out_rows")

    answer = provider.send(key="k")

    assert (answer["response_code"], answer["response_result"]) == (507, [])
