"""Faults of `message/sendmulti`, `message/status` and `message/details` are those of `message/send`."""

import httpx
import pytest

from tests.simulator.client import PHONE, TOKEN, Json, Provider, codes, inner_codes, send_body
from tests.support.waiting import IN_VAIN_S, wait_until

OTHER = "380671112233"
NAME = "SUCCESS_MESSAGE_SENT"
A, B = send_body(PHONE, text="One", key="k-a"), send_body(OTHER, text="Two", key="k-b")


@pytest.mark.parametrize(("fault", "created"), [("reset_before", 0), ("reset_after", 2)])
def test_a_reset_cuts_the_connection(provider: Provider, fault: str, created: int) -> None:
    provider.arm(fault)

    with pytest.raises(httpx.ReadError, match="reset"):
        provider.send_multi(a=A, b=B)

    assert provider.created() == created


@pytest.mark.parametrize(("executed", "created"), [(None, 0), (True, 2)])
def test_a_code_answers_for_the_whole_request(provider: Provider, created: int, *, executed: bool | None) -> None:
    provider.arm("code", code=999, executed=executed)

    answer = provider.send_multi(a=A, b=B)

    assert (answer["response_code"], answer["response_result"]) == (999, None)
    assert provider.created() == created


def test_a_row_code_refuses_rows_of_every_item(provider: Provider) -> None:
    provider.arm("row_code", code=404, match={"recipient": PHONE})

    answer = provider.send_multi(a=send_body(PHONE, OTHER, text="One"), b=send_body(PHONE, text="Two"))

    assert [codes(item) for item in answer["response_result"].values()] == [[404, 0], [404]]


@pytest.mark.parametrize(
    ("fault", "phones"),
    [
        ("leave_out_rows", [[OTHER], []]),
        ("reorder_rows", [[OTHER, PHONE], [PHONE]]),
        ("extra_rows", [[PHONE, OTHER, "380990000000"], [PHONE, "380990000000"]]),
        ("wrong_phone_format", [["+380 (50) 111-22-33", "+380 (67) 111-22-33"], ["+380 (50) 111-22-33"]]),
    ],
)
def test_rows_of_every_item_may_differ_from_what_was_asked(
    provider: Provider, fault: str, phones: list[list[str]]
) -> None:
    provider.arm(fault)

    answer = provider.send_multi(a=send_body(PHONE, OTHER, text="One"), b=send_body(PHONE, text="Two"))

    rows = [item["response_result"] for item in answer["response_result"].values()]
    assert [[row["phone"] for row in item] for item in rows] == phones
    assert provider.created() == 3


def test_items_may_be_left_out(provider: Provider) -> None:
    provider.arm("leave_out_items", count=2)

    answer = provider.send_multi(a=A, b=B, c=send_body("380931112233"))

    assert inner_codes(answer) == {"c": 801}
    assert provider.created() == 3


def test_a_repeat_of_a_whole_request_may_be_spoiled_too(provider: Provider) -> None:
    provider.set(multi_keys="request", repeat_shape="nested")
    provider.send_multi(sequence_id="whole", a=A, b=B)
    provider.arm("leave_out_items")

    again = provider.send_multi(sequence_id="whole", a=A, b=B)

    assert (again["response_code"], inner_codes(again)) == (507, {"b": 801})


def test_types_may_be_wrong_in_every_item(provider: Provider) -> None:
    provider.arm("wrong_types")

    answer = provider.send_multi(a=A)

    item = answer["response_result"]["a"]
    (row,) = item["response_result"]
    assert (answer["response_code"], item["response_code"], item["response_status"][0]) == ("0", "801", NAME)
    assert (row["phone"], row["response_code"], type(row["message_id"])) == ([PHONE], "0", list)


def test_a_fault_is_for_a_request_with_one_item_that_fits(provider: Provider) -> None:
    both = {"recipient": OTHER, "text_contains": "Two"}
    provider.arm("code", code=503, times=None, match=both)

    assert provider.send_multi(a=send_body(OTHER, text="One"), b=send_body(PHONE, text="Two"))["response_code"] == 0
    assert provider.send_multi(a=A, b=B)["response_code"] == 503


@pytest.mark.parametrize(
    ("method", "refused_codes"),
    [("message/send", (503, 0)), ("message/sendmulti", (801, 503)), ("message/*", (503, 503)), (None, (503, 503))],
)
def test_a_fault_may_be_for_one_way_to_send(
    provider: Provider, method: str | None, refused_codes: tuple[int, int]
) -> None:
    provider.arm("code", code=503, times=None, match={"method": method})

    single, multi = provider.ask("message/send", A), provider.send_multi(b=B)

    assert (single["response_code"], multi["response_code"]) == refused_codes


def test_a_crawl_lasts_until_it_is_cleared(provider: Provider) -> None:
    headers = {"authorization": f"Bearer {TOKEN}"}
    provider.arm("slow", seconds=5, times=None)
    for method, body in (("send", A), ("sendmulti", {"b": B})):
        with pytest.raises(httpx.ReadTimeout):
            provider.http.post(f"/message/{method}.json", json=body, headers=headers, timeout=IN_VAIN_S)
    wait_until(lambda: provider.created() == 2, "both executed")

    provider.control("DELETE", "faults")

    assert provider.send("380931112233")["response_code"] == 801
    assert inner_codes(provider.send_multi(b=B)) == {"b": 507}


BEARER = {"authorization": f"Bearer {TOKEN}"}
METHODS = pytest.mark.parametrize("method", ["message/status", "message/details"])


def _asked(provider: Provider, method: str, fault: str, **more: object) -> tuple[list[str], Json]:
    ids = [row["message_id"] for row in provider.send("380501112233", "380671112233")["response_result"]]
    provider.arm(fault, match={"method": method}, **more)
    return ids, {"messages": ids}


@METHODS
@pytest.mark.parametrize(
    ("fault", "picked"),
    [("leave_out_rows", [1]), ("reorder_rows", [1, 0]), ("same_id", [0, 0]), ("extra_rows", [0, 1, None])],
)
def test_rows_may_be_fewer_more_in_another_order_or_under_one_id(
    provider: Provider, method: str, fault: str, picked: list[int | None]
) -> None:
    ids, body = _asked(provider, method, fault)

    answer = provider.ask(method, body)

    stranger = "00000000-0000-0000-0000-000000000000"
    wanted = [stranger if index is None else ids[index] for index in picked]
    assert (answer["response_code"], [row["message_id"] for row in answer["response_result"]]) == (0, wanted)
    assert len(provider.ask(method, body)["response_result"]) == 2


@METHODS
@pytest.mark.parametrize("fault", ["empty", "truncated", "garbage", "html"])
def test_a_body_may_be_no_json(provider: Provider, method: str, fault: str) -> None:
    _, body = _asked(provider, method, fault)

    with pytest.raises(ValueError, match=r"codec|Expecting|Extra|Unterminated"):
        provider.post(method, body).json()


@METHODS
def test_a_body_may_be_300_megabytes(provider: Provider, method: str) -> None:
    _, body = _asked(provider, method, "huge")

    with provider.http.stream("POST", f"/{method}.json", json=body, headers=BEARER) as response:
        size = sum(map(len, response.iter_raw()))

    assert size > 300_000_000


@METHODS
def test_types_may_be_wrong_and_the_result_null(provider: Provider, method: str) -> None:
    ids, body = _asked(provider, method, "wrong_types")
    provider.arm("null_result", match={"method": method})

    mistyped, emptied = provider.ask(method, body), provider.ask(method, body)

    row = mistyped["response_result"][0]
    assert (mistyped["response_code"], row["message_id"], row["response_code"]) == ("0", [ids[0]], "0")
    assert (emptied["response_code"], emptied["response_result"]) == (0, None)
