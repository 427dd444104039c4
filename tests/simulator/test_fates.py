"""A message walks as its fate has it, by each channel it takes, and costs what its channels cost."""

from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.simulator.client import PHONE, TEXT, Json, Provider, send_body
from worker.simulator.fates import Fate, FateName
from worker.simulator.messages import Mailing, channels_of, cost_of, over_at
from worker.simulator.settings import Switches

OTHER = "380671112233"
HYBRID = {
    "recipients": [PHONE],
    "sms": {"sender": "DemoShop", "text": TEXT, "hybrid_ttl": 60},
    "viber": {"sender": "DemoShop", "text": TEXT},
}


def _sent(provider: Provider, body: Json) -> str:
    return provider.ask("message/send", body)["response_result"][0]["message_id"]


def _status(provider: Provider, message_id: str) -> Json:
    return provider.ask("message/status", {"messages": [message_id]})["response_result"][0]


def _details(provider: Provider, message_id: str) -> Json:
    return provider.ask("message/details", {"messages": [message_id]})["response_result"][0]


def _balance(provider: Provider) -> float:
    return provider.ask("user/balance")["response_result"]["balance"]


@pytest.mark.parametrize(
    ("fate", "walk"),
    [
        ("delivered", ["Accepted", "Sent", "Delivered", "Delivered"]),
        ("read", ["Accepted", "Sent", "Delivered", "Read"]),
        ("expired", ["Accepted", "Sent", "Expired", "Expired"]),
        ("undelivered", ["Accepted", "Sent", "Undelivered", "Undelivered"]),
        ("rejected", ["Accepted", "Sent", "Rejected", "Rejected"]),
        ("failed", ["Accepted", "Sent", "Failed", "Failed"]),
        ("stuck", ["Accepted", "Accepted", "Accepted", "Accepted"]),
        ("silent", ["Accepted", "Sent", "Sent", "Sent"]),
        ("backwards", ["Accepted", "Sent", "Delivered", "Sent"]),
        ("odd_word", ["Accepted", "Sent", "Teleported", "Teleported"]),
        ([["Молчит", 25], ["Sent", 15]], ["Queued", "Sent", "Молчит", "Молчит"]),
    ],
)
def test_a_walk_is_as_its_fate_has_it(provider: Provider, fate: object, walk: list[str]) -> None:
    provider.set(accepted_after_s=10, sent_after_s=20, final_after_s=30)
    provider.control("POST", "fates", {"sms": fate})
    message_id = _sent(provider, send_body())
    seen: list[str] = []

    for seconds in (10, 10, 10, 30):
        provider.advance(seconds)
        seen.append(_status(provider, message_id)["status"])

    assert seen == walk


def test_a_cancelled_message_gives_its_money_back_when_it_is_cancelled(provider: Provider) -> None:
    provider.control("POST", "fates", {"sms": "cancelled"})
    message_id = _sent(provider, send_body())
    before = _balance(provider)

    provider.advance(10)

    assert (before, _balance(provider)) == (9998.72, 10_000)
    assert (_status(provider, message_id)["status"], _details(provider, message_id)["sms"]["price"]) == ("Cancelled", 0)


def test_the_newest_fate_that_is_for_a_message_counts_until_it_is_spent(provider: Provider) -> None:
    provider.control("POST", "fates", {"sms": "failed"})
    provider.control("POST", "fates", {"sms": "expired", "recipient": "+38 050 111-22-33", "times": 1})
    ids = [_sent(provider, send_body(phone, text=f"{n}")) for n, phone in enumerate((OTHER, PHONE, PHONE))]

    provider.advance(10)

    assert [_status(provider, name)["status"] for name in ids] == ["Failed", "Expired", "Failed"]
    assert [fate["fired"] for fate in provider.items("fates")] == [2, 1]
    provider.control("DELETE", "fates")
    assert provider.items("fates") == []


def test_script_a_a_hybrid_that_viber_delivers_pays_for_viber_alone(provider: Provider) -> None:
    message_id = _sent(provider, HYBRID)
    balance = _balance(provider)

    provider.advance(100)

    status, details = _status(provider, message_id), _details(provider, message_id)
    assert (status["type"], status["status"]) == ("viber", "Delivered")
    assert details.keys() & {"sms", "viber"} == {"viber"}
    assert (details["viber"]["price"], details["viber"]["segments"]) == (0.8, 1)
    assert (balance, _balance(provider)) == (9998.72, 9999.2)


@pytest.mark.parametrize(
    ("fate", "why"),
    [
        ("not_viber_user", "SRVC_NOT_VIBER_USER"),
        ("user_blocked", "SRVC_USER_BLOCKED"),
        ("no_device", "SRVC_NO_SUITABLE_DEVICE"),
    ],
)
def test_script_b_a_hybrid_that_viber_turns_down_goes_by_sms_at_once(provider: Provider, fate: str, why: str) -> None:
    provider.control("POST", "fates", {"viber": fate})
    message_id = _sent(provider, HYBRID)

    provider.advance(2)
    details = _details(provider, message_id)
    provider.advance(5)

    assert details["viber"].items() >= {"status": "Rejected", "rejected_status": why, "price": 0}.items()
    assert (details["sms"]["status"], details["sms"]["sent"]) == ("Queued", None)
    status = _status(provider, message_id)
    assert (status["type"], status["status"], status["rejected_status"]) == ("sms", "Delivered", "")
    assert _balance(provider) == 9998.72


def test_script_c_a_hybrid_silent_on_viber_goes_by_sms_after_its_wait(provider: Provider) -> None:
    provider.control("POST", "fates", {"viber": "silent"})
    message_id = _sent(provider, HYBRID)

    provider.advance(59)
    waiting = _details(provider, message_id)
    provider.advance(7)

    assert waiting.keys() & {"sms", "viber"} == {"viber"}
    details = _details(provider, message_id)
    assert (details["viber"]["status"], details["sms"]["status"]) == ("Sent", "Delivered")
    assert (details["sms"]["price"], details["sms"]["segments"]) == (1.28, 1)
    provider.advance(3600)
    assert (_details(provider, message_id)["viber"]["status"], _balance(provider)) == ("Expired", 9998.72)


def test_the_list_of_messages_shows_channels_and_costs(provider: Provider) -> None:
    provider.control("POST", "fates", {"viber": "not_viber_user"})
    _sent(provider, HYBRID)

    provider.advance(10)

    assert provider.messages()[0]["channels"] == [
        {"channel": "viber", "status": "Rejected", "price": 0, "segments": 1},
        {"channel": "sms", "status": "Delivered", "price": 1.28, "segments": 1},
    ]


def test_a_status_set_by_hand_may_be_any_of_either_channel(provider: Provider) -> None:
    provider.control("POST", "fates", {"viber": "not_viber_user"})
    message_id = _sent(provider, HYBRID)
    provider.advance(10)

    provider.control("PATCH", f"messages/{message_id}", {"status": "Beamed"})
    provider.control(
        "PATCH",
        f"messages/{message_id}",
        {"status": "Rejected", "channel": "viber", "rejected_status": "SRVC_NEW_REASON"},
    )

    details = _details(provider, message_id)
    assert (details["sms"]["status"], details["viber"]["rejected_status"]) == ("Beamed", "SRVC_NEW_REASON")


def test_a_hybrid_cancelled_by_hand_gives_back_what_it_cost_and_no_more(provider: Provider) -> None:
    message_id = _sent(provider, HYBRID)
    for seconds in (1, 100):
        provider.advance(seconds)
        provider.control("PATCH", f"messages/{message_id}", {"status": "Cancelled"})

    assert _balance(provider) == 10_000


def test_a_phone_may_leave_the_stoplist(provider: Provider) -> None:
    provider.control("POST", "stoplist", {"recipient": "+38 (050) 111-22-33"})
    stopped = provider.send()["response_result"][0]["response_code"]
    results = provider.items("stoplist")
    provider.control("DELETE", "stoplist", {"recipient": PHONE})

    assert (stopped, results) == (404, [PHONE])
    assert provider.send()["response_result"][0]["response_code"] == 0


@pytest.mark.parametrize(
    ("given", "named"), [({"sms": "lost"}, "sms"), ({"viber": [["Sent", -1]]}, "viber"), ({"smss": "read"}, "smss")]
)
def test_a_wrong_fate_names_its_field(provider: Provider, given: Json, named: str) -> None:
    response = provider.http.post("/_simulator/fates", json=given)

    assert (response.status_code, named in response.json()["error"]) == (400, True)


fates = st.sampled_from(FateName.__args__) | st.none()


CHANNELS: tuple[Literal["sms", "viber", "viber_then_sms"], ...] = ("sms", "viber", "viber_then_sms")


@given(st.sampled_from(CHANNELS), fates, fates, st.integers(30, 7200), st.integers(30, 7200))
def test_every_message_has_ordered_steps_and_a_bounded_cost(
    channel: Literal["sms", "viber", "viber_then_sms"],
    sms: FateName | None,
    viber: FateName | None,
    life: int,
    wait: int,
) -> None:
    asked = None if channel == "sms" else {"ttl": life}
    mailing = Mailing(channel, "DemoShop", TEXT, asked, wait, 2, Decimal("2.56"), None, 1010.0)

    channels = channels_of(mailing, 1000.0, Fate(sms=sms, viber=viber), Switches())

    assert 1 <= len(channels) <= (2 if channel == "viber_then_sms" else 1)
    assert channels[0].channel == ("sms" if channel == "sms" else "viber")
    assert all(each.steps == tuple(sorted(each.steps, key=lambda step: step[1])) for each in channels)
    assert Decimal(0) <= cost_of(channels) <= Decimal("0.80") + 2 * Decimal("1.28")
    assert over_at(channels) >= 1010
    if len(channels) > 1:
        assert 1010 <= channels[1].steps[0][1] <= 1010 + wait
