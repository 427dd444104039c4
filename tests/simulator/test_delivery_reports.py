"""Delivery reports are posted, signed, repeated and spoilt as a receiver must bear them."""

from collections.abc import Generator
from hashlib import sha1
from itertools import accumulate

import pytest

from tests.simulator.client import PHONE, Provider, send_body
from tests.simulator.report_receiver import Receiver, receiving
from tests.support.waiting import wait_until

SECRET = "key-of-the-cabinet"
OTHER = "380671112233"
RETRIES_MIN = (1, 3, 5, 10, 15, 20, 30, 60, 120)


@pytest.fixture
def receiver() -> Generator[Receiver]:
    with receiving() as result:
        yield result


@pytest.fixture(autouse=True)
def _reported(provider: Provider, receiver: Receiver) -> None:
    provider.account(callback_url=receiver.url, callback_secret=SECRET)
    provider.set(accepted_after_s=100, sent_after_s=200, final_after_s=300)


def _signature(*parts: str) -> str:
    return sha1("".join(parts).encode()).hexdigest()  # noqa: S324 (the provider's choice)


def _sent(provider: Provider, phone: str = PHONE) -> str:
    return provider.send(phone)["response_result"][0]["message_id"]


def _spoil(provider: Provider, fault: str, **more: object) -> None:
    provider.control("POST", "callback-faults", {"fault": fault, **more})


@pytest.mark.parametrize("order", ["secret_id", "id_secret"])
def test_a_report_is_signed_in_the_order_of_the_switch(provider: Provider, receiver: Receiver, order: str) -> None:
    provider.set(callback_signature=order)
    message_id = _sent(provider)

    provider.advance(300)
    receiver.wait_for(1)

    (report,) = receiver.got
    parts = [SECRET, report["id"]] if order == "secret_id" else [report["id"], SECRET]
    assert report["signature"] == _signature(*parts)
    assert (report["type"], report["try"]) == ("dlr", 1)
    assert report["data"].items() >= {"message_id": message_id, "status": "DELIVRD"}.items()
    assert len(report["data"]["dlr_date"]) == 19


def test_a_report_is_tried_ten_times_and_given_up(provider: Provider, receiver: Receiver) -> None:
    receiver.codes = [503]
    _sent(provider)
    provider.advance(300)

    for nth, minutes in enumerate(RETRIES_MIN, start=1):
        receiver.wait_for(nth)
        wait_until(lambda nth=nth: len(provider.items("callbacks")[0]["outcomes"]) == nth, "the try is noted")
        provider.advance(minutes * 60)
    receiver.wait_for(10)
    wait_until(lambda: provider.state()["callbacks"] == {"given up": 1}, "it is given up")

    assert [item["try"] for item in receiver.got] == list(range(1, 11))
    assert len(set(receiver.ids())) == 1
    assert list(accumulate(RETRIES_MIN))[-1] == 264


@pytest.mark.parametrize("code", [200, 202, 204])
def test_any_2xx_takes_a_report(provider: Provider, receiver: Receiver, code: int) -> None:
    receiver.codes = [500, 404, code]
    _sent(provider)
    provider.advance(300)
    for nth in (1, 2, 3):
        receiver.wait_for(nth)
        wait_until(lambda nth=nth: len(provider.items("callbacks")[0]["outcomes"]) == nth, "the try is noted")
        provider.advance(180)

    (report,) = provider.items("callbacks")
    assert (report["outcomes"], report["state"]) == ([500, 404, code], "taken")


def test_a_slow_receiver_is_hung_up_on_and_tried_again(provider: Provider, receiver: Receiver) -> None:
    provider.set(callback_timeout_s=0.1)
    receiver.is_open.clear()
    _sent(provider)

    provider.advance(300)
    wait_until(lambda: provider.items("callbacks")[0]["outcomes"] == ["hung up"], "it is hung up on")
    receiver.is_open.set()
    provider.set(callback_timeout_s=20)
    provider.advance(60)

    wait_until(lambda: provider.state()["callbacks"] == {"taken": 1}, "the second try is taken")


def test_an_account_without_a_callback_url_gets_no_report(provider: Provider, receiver: Receiver) -> None:
    provider.account(callback_url="")
    _sent(provider)
    provider.account(callback_url="http://127.0.0.1:9/")
    _sent(provider, OTHER)

    provider.advance(300)
    wait_until(
        lambda: [callback["outcomes"] for callback in provider.items("callbacks")] == [["no answer"]], "it is noted"
    )

    assert receiver.got == []


def test_vocabulary_steps_and_channels_of_reports_are_switches(provider: Provider, receiver: Receiver) -> None:
    provider.control("POST", "fates", {"viber": "not_viber_user", "recipient": OTHER})
    provider.set(duplicate_window_s=0)
    hybrid = {**send_body(OTHER), "viber": {"sender": "DemoShop", "text": "x"}}
    provider.ask("message/send", hybrid)
    provider.set(callback_channels="all")
    provider.ask("message/send", hybrid)
    provider.set(callback_steps="all", callback_words="plain", callback_channels="last")
    _sent(provider)

    statuses = [callback["status"] for callback in provider.items("callbacks")]
    last, both, every = ["DELIVRD"], ["REJECTD", "DELIVRD"], ["Accepted", "Sent", "Delivered"]
    assert (receiver.got, statuses) == ([], [*last, *both, *every])


def test_an_early_report_comes_before_the_send_is_answered(provider: Provider, receiver: Receiver) -> None:
    _spoil(provider, "early")

    message_id = _sent(provider)

    assert [item["data"]["message_id"] for item in receiver.got] == [message_id]


def test_an_early_report_that_is_not_taken_comes_again(provider: Provider, receiver: Receiver) -> None:
    receiver.codes = [404, 200]
    _spoil(provider, "early")
    _sent(provider)

    provider.advance(60)
    receiver.wait_for(2)

    assert [item["try"] for item in receiver.got] == [1, 2]


def test_a_duplicated_report_has_one_id(provider: Provider, receiver: Receiver) -> None:
    _spoil(provider, "duplicated", count=2)
    _sent(provider)

    provider.advance(300)
    receiver.wait_for(3)

    assert len(set(receiver.ids())) == 1


def test_reordered_reports_begin_with_the_end(provider: Provider, receiver: Receiver) -> None:
    _spoil(provider, "reordered")
    _sent(provider)

    for nth in (1, 2, 3):
        provider.advance(300 if nth == 1 else 1)
        receiver.wait_for(nth)

    assert receiver.statuses() == ["DELIVRD", "Sent", "In Process"]


def test_a_late_report_is_late_and_a_withheld_report_never_comes(provider: Provider, receiver: Receiver) -> None:
    _spoil(provider, "late", seconds=3600)
    _spoil(provider, "never")
    late, never = _sent(provider), _sent(provider, OTHER)
    in_time = provider.send("380631112233")["response_result"][0]["message_id"]

    provider.advance(300)
    receiver.wait_for(1)
    provider.advance(3600)
    receiver.wait_for(2)

    assert [item["data"]["message_id"] for item in receiver.got] == [in_time, late]
    assert {callback["message_id"]: callback["state"] for callback in provider.items("callbacks")}[never] == "withheld"


def test_a_forged_report_comes_beside_the_true_report(provider: Provider, receiver: Receiver) -> None:
    _spoil(provider, "forged")
    _sent(provider)

    provider.advance(300)
    receiver.wait_for(2)

    true = {item["id"]: item["signature"] == _signature(SECRET, item["id"]) for item in receiver.got}
    assert sorted(true.values()) == [False, True]
    (forged,) = [item for item in receiver.got if not true[item["id"]]]
    assert forged["data"]["status"] == "UNDELIV"


def test_a_replayed_report_names_another_message_under_a_true_signature(provider: Provider, receiver: Receiver) -> None:
    _spoil(provider, "replayed", recipient=OTHER)
    first, second = _sent(provider), _sent(provider, OTHER)

    provider.advance(300)
    receiver.wait_for(3)

    replayed = next(item for item in receiver.got if item["data"]["status"] == "UNDELIV")
    (true,) = [item for item in receiver.got if item["data"]["message_id"] == second]
    assert receiver.got.index(true) < receiver.got.index(replayed)
    assert (replayed["id"], replayed["signature"]) == (true["id"], true["signature"])
    assert replayed["data"].items() >= {"message_id": first, "status": "UNDELIV"}.items()


def test_a_burst_waits_until_it_is_large_enough(provider: Provider, receiver: Receiver) -> None:
    _spoil(provider, "burst", count=20, times=None)
    provider.send(*(f"3806711122{number:02}" for number in range(19)))
    provider.advance(400)
    before = len(receiver.got)

    _sent(provider)
    provider.advance(300)
    receiver.wait_for(20)

    assert before == 0
    assert len(set(receiver.ids())) == 20


def test_a_report_may_be_posted_and_a_status_given_by_hand(provider: Provider, receiver: Receiver) -> None:
    message_id = _sent(provider)

    provider.control("POST", "callbacks", {"message_id": message_id, "status": "Teleported", "event_id": "e-1"})
    receiver.wait_for(1)
    provider.control("PATCH", f"messages/{message_id}", {"status": "Undelivered"})
    receiver.wait_for(2)

    assert (receiver.ids()[0], receiver.statuses()) == ("e-1", ["Teleported", "UNDELIV"])


def test_neither_secret_nor_token_is_listed(provider: Provider) -> None:
    _sent(provider)

    text = provider.http.get("/_simulator/callbacks").text

    assert (SECRET in text, "simulator-token" in text) == (False, False)
