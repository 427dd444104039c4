"""A fault spoils `message/status` and `message/details` as it spoils a send."""

from __future__ import annotations

import pytest

from tests.simulator.client import TOKEN, Json, Provider

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
    wanted = [stranger if place is None else ids[place] for place in picked]
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
