"""What the simulated provider answers to a send, and in which order it judges."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.simulator.client import PHONE, Json, Provider, codes, send_body


def test_a_simple_sms_is_sent_and_remembered_as_it_was_asked(provider: Provider) -> None:
    answer = provider.send(PHONE, text="Привіт", key="k-1")

    (row,) = answer.pop("response_result")
    assert answer == {"response_code": 801, "response_status": "SUCCESS_MESSAGE_SENT"}
    assert (row["phone"], row["response_code"], row["response_status"]) == (PHONE, 0, "OK")
    (message,) = provider.messages()
    wanted = {"message_id": row["message_id"], "account": "demo", "recipient": PHONE, "sender": "DemoShop"}
    wanted |= {"text": "Привіт", "segments": 1, "price": 1.28, "sequence_id": "k-1", "status": "Queued"}
    assert message.items() >= wanted.items()


def test_rows_of_an_answer_have_each_recipients_code(provider: Provider) -> None:
    provider.control("POST", "stoplist", {"recipient": "+380 67 111 22 33"})

    answer = provider.send(PHONE, "123", "380671112233", "48601234567", "+38 (050) 111-22-33")

    assert answer["response_code"] == 803
    assert codes(answer) == [0, 305, 404, 406, 407]
    ids = [row["message_id"] for row in answer["response_result"]]
    assert ids[0]
    assert ids[1:] == [None] * 4
    assert provider.state()["refused_rows"] == {"305": 1, "404": 1, "406": 1, "407": 1}


@pytest.mark.parametrize("top_code", [802, 801, 0])
def test_all_refused_has_the_top_code_of_the_switch(provider: Provider, top_code: int) -> None:
    provider.set(all_refused_code=top_code)

    answer = provider.send("48601234567")

    assert answer["response_code"] == top_code
    assert codes(answer) == [406]
    assert answer["response_result"][0]["message_id"] is None


def test_an_enabled_country_is_served(provider: Provider) -> None:
    provider.account(countries=["UA", "PL"])

    assert codes(provider.send("48601234567", PHONE)) == [0, 0]


def test_5000_recipients_pass_and_one_more_is_refused(provider: Provider) -> None:
    phones = [f"38050{number:07}" for number in range(5001)]

    refused = provider.send(*phones)
    passed = provider.send(*phones[:5000])

    assert refused == {
        "response_code": 405,
        "response_status": "NOT_ALLOWED_RECIPIENTS_LIMIT",
        "response_result": None,
    }
    assert len(passed["response_result"]) == 5000
    assert provider.state()["created"] == 5000


def test_a_batch_beyond_the_balance_creates_nothing_and_takes_nothing(provider: Provider) -> None:
    provider.account(balance=2.55)

    assert provider.send(PHONE, "380501112234")["response_code"] == 203
    assert provider.state()["balances"] == {"demo": 2.55}
    assert provider.send(PHONE)["response_code"] == 801
    assert provider.ask("user/balance")["response_result"] == {"balance": 1.27}
    assert provider.state()["created"] == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (send_body(sender=""), 200),
        (send_body(sender=None), 200),
        (send_body(sender="Магазин"), 302),
        (send_body(sender="Stranger"), 400),
        (send_body(sender="Asleep"), 401),
        (send_body(text=""), 201),
        (send_body(text=5), 304),
        (send_body(text="x" * 1522), 413),
        (send_body(text="ї" * 662), 413),
        (send_body(text="a casino near you"), 412),
        (send_body(recipients=[]), 202),
        (send_body(recipients=PHONE), 300),
        (send_body(recipients=[380501112233]), 300),
        (send_body(sms="DemoShop"), 300),
        ({"recipients": [PHONE], "text": "no channel"}, 300),
        (send_body(viber={}), 200),
        (send_body(key="k" * 41), 300),
        (send_body(start_time="soon"), 303),
        (send_body(start_time="2020-01-01 09:30"), 403),
    ],
)
def test_a_wrong_request_is_refused_whole(provider: Provider, body: Json, code: int) -> None:
    provider.account(inactive_senders=["Asleep"])
    provider.set(forbidden_texts=["casino"])

    answer = provider.ask("message/send", body)

    assert (answer["response_code"], answer["response_result"]) == (code, None)
    assert provider.messages() == []
    assert provider.state()["refused_requests"] == {str(code): 1}


@pytest.mark.parametrize(("text", "segments"), [("x" * 1521, 10), ("ї" * 661, 10)])
def test_the_longest_texts_pass(provider: Provider, text: str, segments: int) -> None:
    assert provider.send(text=text)["response_code"] == 801
    assert provider.messages()[0]["segments"] == segments


def test_fields_at_the_top_are_overridden_in_the_channel(provider: Provider) -> None:
    body = {"recipients": [PHONE], "sender": "TAXI", "text": "global", "sms": {"text": "local"}}

    provider.ask("message/send", body)

    (message,) = provider.messages()
    assert (message["sender"], message["text"]) == ("TAXI", "local")


@pytest.mark.parametrize(("days", "code"), [(13, 800), (15, 403)])
def test_a_delayed_send_waits_at_most_14_days(provider: Provider, days: int, code: int) -> None:
    now = datetime.fromtimestamp(provider.state()["now"], ZoneInfo("Europe/Kyiv"))
    start = (now + timedelta(days=days)).strftime("%Y-%m-%d %H:%M")

    assert provider.send(start_time=start)["response_code"] == code


def test_the_same_message_again_is_refused_for_90_seconds(provider: Provider) -> None:
    provider.send()

    again = provider.send()
    other = provider.send(text="Order 8 is ready")
    provider.advance(91)
    later = provider.send()

    assert (again["response_code"], codes(again)) == (802, [427])
    assert again["response_result"][0]["message_id"] is None
    assert (codes(other), codes(later)) == ([0], [0])


def test_a_blocked_account_may_do_nothing(provider: Provider) -> None:
    provider.account(blocked=True)

    assert provider.send()["response_code"] == 106
    assert provider.ask("user/balance")["response_code"] == 106


def test_too_quick_an_account_is_held_off_for_a_minute(provider: Provider) -> None:
    provider.set(pace_per_s=1)
    provider.account(token="other", senders=["TAXI"])

    answers = {provider.ask("user/balance")["response_code"] for _ in range(20)}
    provider.advance(30)
    held = provider.send()["response_code"]
    others = provider.ask("message/ping", token="other")["response_code"]
    provider.advance(31)

    assert answers == {0, 438}
    assert (held, others) == (438, 1)
    assert provider.send()["response_code"] == 801
