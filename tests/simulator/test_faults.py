"""Every fault befalls the requests it was scripted for, and leaves the truth readable."""

import gzip
import time

import httpx
import pytest

from tests.simulator.client import PHONE, TOKEN, Provider, codes, send_body
from tests.support.waiting import IN_VAIN_S, PATIENCE_S, wait_until

OTHER = "380671112233"
BEARER = {"authorization": f"Bearer {TOKEN}"}


@pytest.mark.parametrize(("fault", "created"), [("reset_before", 0), ("reset_after", 1)])
def test_a_reset_cuts_the_connection_with_rst(provider: Provider, fault: str, created: int) -> None:
    provider.arm(fault)

    with pytest.raises(httpx.ReadError, match="reset"):
        provider.send()

    assert provider.created() == created
    assert provider.send(text="Next")["response_code"] == 801


def test_no_answer_executes_and_keeps_silent(provider: Provider) -> None:
    provider.arm("no_answer")

    with pytest.raises(httpx.ReadTimeout):
        provider.http.post("/message/send.json", json=send_body(), headers=BEARER, timeout=IN_VAIN_S)

    wait_until(lambda: provider.created() == 1, "it is executed")


@pytest.mark.parametrize(("when", "seconds", "waits"), [("before", 3.0, True), ("after", PATIENCE_S, False)])
def test_a_slow_request_is_executed_although_its_client_left(
    provider: Provider, when: str, seconds: float, *, waits: bool
) -> None:
    provider.arm("slow", seconds=seconds, when=when)
    started = provider.state()["now"]

    with pytest.raises(httpx.ReadTimeout):
        provider.http.post("/message/send.json", json=send_body(), headers=BEARER, timeout=IN_VAIN_S)

    wait_until(lambda: provider.created() == 1, "it is executed")
    assert (provider.messages()[0]["created_at"] - started >= seconds) == waits


def test_a_slow_answer_comes_in_the_end(provider: Provider) -> None:
    provider.arm("slow", seconds=0.3)
    started = time.monotonic()

    assert provider.send()["response_code"] == 801
    assert time.monotonic() - started >= 0.3


@pytest.mark.parametrize(("executed", "created"), [(None, 0), (False, 0), (True, 1)])
def test_a_gateway_page_may_hide_an_execution(provider: Provider, created: int, *, executed: bool | None) -> None:
    provider.arm("http", status=504, executed=executed)

    response = provider.post("message/send", send_body())

    assert (response.status_code, response.headers["content-type"]) == (504, "text/html")
    assert provider.created() == created


@pytest.mark.parametrize(("code", "executed", "created"), [(203, None, 0), (438, False, 0), (999, True, 1)])
def test_a_code_may_be_answered_with_or_without_executing(
    provider: Provider, code: int, created: int, *, executed: bool | None
) -> None:
    provider.arm("code", code=code, executed=executed)

    answer = provider.send()

    assert (answer["response_code"], answer["response_result"]) == (code, None)
    assert provider.created() == created


def test_a_drip_comes_byte_by_byte(provider: Provider) -> None:
    provider.arm("drip", seconds=0.001)

    with provider.http.stream("POST", "/message/send.json", json=send_body(), headers=BEARER) as response:
        chunks = list(response.iter_raw())

    assert len(chunks) > 10
    assert b"".join(chunks).startswith(b'{"response_code":801')


def test_a_client_may_leave_a_huge_body_unread(provider: Provider) -> None:
    provider.arm("huge", megabytes=100_000)

    with provider.http.stream("POST", "/message/send.json", json=send_body(), headers=BEARER) as response:
        assert response.status_code == 200

    wait_until(lambda: provider.state()["in_flight"] == 0, "the client left")


@pytest.mark.parametrize("status", [301, 307])
def test_a_redirect_points_at_itself_and_executes_nothing(provider: Provider, status: int) -> None:
    provider.arm("redirect", status=status)

    response = provider.post("message/send", send_body())

    assert (response.status_code, response.headers["location"]) == (status, "/message/send.json")
    assert provider.created() == 0


def test_a_fault_skips_fires_and_is_spent(provider: Provider) -> None:
    provider.arm("code", code=999, after=1, times=2)

    answers = [provider.send(f"38050111222{n}")["response_code"] for n in range(4)]

    assert answers == [801, 999, 999, 801]
    (script,) = provider.items("faults")
    assert (script["fault"], script["seen"], script["fired"]) == ("code", 3, 2)


def test_faults_befall_in_the_order_of_their_scripts_until_cleared(provider: Provider) -> None:
    provider.arm("code", code=203)
    provider.arm("code", code=105, times=None)

    answers = [provider.send()["response_code"] for _ in range(4)]
    provider.control("DELETE", "faults")

    assert answers == [203, 105, 105, 105]
    assert provider.send()["response_code"] == 801


def test_a_fault_is_for_what_it_matches(provider: Provider) -> None:
    provider.arm("code", code=503, times=None, match={"recipient": "+38 067 111-22-33"})
    provider.arm("code", code=504, times=None, match={"text_contains": "Overdue"})
    provider.arm("code", code=505, times=None, match={"method": "user/balance"})

    assert provider.send(PHONE)["response_code"] == 801
    assert provider.send(PHONE, OTHER)["response_code"] == 503
    assert provider.send(text="Overdue: 5")["response_code"] == 504
    assert provider.ask("user/balance")["response_code"] == 505
    assert provider.ask("message/ping")["response_code"] == 1


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
    (row,) = answer["response_result"]
    assert (row["phone"], row["response_code"], row["response_status"]) == ([PHONE], "0", ["OK"])


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
