"""What the simulated provider takes of a text, by its segments, and of Viber messages and hybrids."""

import pytest

from tests.simulator.client import PHONE, TEXT, Json, Provider, codes
from worker.simulator.send_checks import segments_of


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("x", 1),
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ї" * 70, 1),
        ("ї" * 71, 2),
        ("ї" * 134, 2),
        ("ї" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("x" * 70 + "№", 2),
        ("`" * 71, 2),
    ],
)
def test_segments_follow_the_alphabet(text: str, segments: int) -> None:
    assert segments_of(text) == segments


LINK = "https://crm.example.ua/i/901"
LOGO = "https://crm.example.ua/logo.png"
BUTTON = {"caption": "Сплатити", "action": LINK}


@pytest.fixture(autouse=True)
def _senders(provider: Provider) -> None:
    provider.account(
        viber_senders=["Акме", "Спільний", "Проба"],
        inactive_viber_senders=["Сонний"],
        shared_viber_senders=["Спільний"],
        test_viber_senders=["Проба"],
        own_number="+380 67 111 22 33",
        viber_patterns=["Order * is ready"],
    )


def viber(*phones: str, sender: object = "Акме", text: object = TEXT, **own: object) -> Json:
    return {"recipients": list(phones or [PHONE]), "viber": {"sender": sender, "text": text, **own}}


def hybrid(*phones: str, wait: object = 60, **own: object) -> Json:
    sms = {"sender": "DemoShop", "text": TEXT, "hybrid_ttl": wait}
    return {**viber(*phones, **own), "sms": sms}


def test_a_viber_message_is_taken_and_remembered_as_it_was_asked(provider: Provider) -> None:
    answer = provider.ask("message/send", viber(ttl=600, image_url=LOGO, **BUTTON))

    assert (answer["response_code"], codes(answer)) == (801, [0])
    (message,) = provider.messages()
    asked = {"sender": "Акме", "text": TEXT, "ttl": 600, "image_url": LOGO, **BUTTON}
    wanted = {"channel": "viber", "sender": "Акме", "text": TEXT, "viber": asked, "hybrid_ttl": None, "price": 0.8}
    assert message.items() >= wanted.items()


def test_a_hybrid_is_one_message_with_both_texts(provider: Provider) -> None:
    answer = provider.ask("message/send", hybrid(ttl=60))

    assert len(answer["response_result"]) == 1
    (message,) = provider.messages()
    wanted = {"channel": "viber_then_sms", "sender": "DemoShop", "text": TEXT, "hybrid_ttl": 60, "segments": 1}
    assert message.items() >= wanted.items()
    assert message["viber"] == {"sender": "Акме", "text": TEXT, "ttl": 60}


def test_an_empty_channel_takes_the_fields_at_the_top(provider: Provider) -> None:
    provider.account(senders=["Both"], viber_senders=["Both"])

    provider.ask("message/send", {"recipients": [PHONE], "sender": "Both", "text": TEXT, "sms": {}, "viber": {}})

    (message,) = provider.messages()
    assert (message["channel"], message["sender"]) == ("viber_then_sms", "Both")
    assert message["viber"] == {"sender": "Both", "text": TEXT}


def test_a_wait_at_the_top_is_ignored(provider: Provider) -> None:
    body = {**viber(), "hybrid_ttl": 1, "sms": {"sender": "DemoShop", "text": TEXT}}

    assert provider.ask("message/send", body)["response_code"] == 801
    assert provider.messages()[0]["hybrid_ttl"] is None


@pytest.mark.parametrize(
    ("own", "code"),
    [
        ({"sender": ""}, 200),
        ({"sender": 5}, 302),
        ({"sender": "DemoShop"}, 400),
        ({"sender": "Сонний"}, 401),
        ({"text": ""}, 201),
        ({"text": 5}, 304),
        ({"text": "ж" * 1_001}, 413),
        ({"ttl": "60"}, 306),
        ({"ttl": True}, 306),
        ({"ttl": 5}, 409),
        ({"ttl": 86_401}, 409),
        ({"image_url": LOGO}, 204),
        ({"action": LINK}, 205),
        ({"action": LINK, "caption": ""}, 205),
        ({"caption": "Сплатити"}, 206),
        ({"caption": "Сплатити", "action": "crm.example.ua"}, 206),
        ({"caption": "С" * 31, "action": LINK}, 408),
        ({**BUTTON, "image_url": "logo.png"}, 402),
        ({**BUTTON, "image_url": "https://crm.example.ua/logo.svg"}, 402),
        ({"is_transactional": 1, **BUTTON}, 410),
        ({"is_transactional": 1, "image_url": LOGO, **BUTTON}, 410),
        ({"is_transactional": 1, "sender": "Спільний"}, 415),
        ({"is_transactional": 1, "text": "Nobody registered this"}, 416),
        ({"file_id": "17"}, 308),
        ({"file_id": 17}, 417),
    ],
)
def test_a_fault_of_the_viber_part_refuses_the_whole_request(provider: Provider, own: Json, code: int) -> None:
    alone = provider.ask("message/send", viber(**own))
    with_sms = provider.ask("message/send", hybrid(**own))

    assert [(item["response_code"], item["response_result"]) for item in (alone, with_sms)] == [(code, None)] * 2
    assert provider.messages() == []
    assert provider.state()["balances"] == {"demo": 10_000}


@pytest.mark.parametrize(
    "own",
    [
        {"ttl": 30},
        {"ttl": 86_400},
        {"text": "ж" * 1_000},
        {"caption": "С" * 30, "action": LINK},
        {**BUTTON, "image_url": LOGO},
        {**BUTTON, "image_url": "https://crm.example.ua/picture?id=5"},
        {"is_transactional": 1},
        {"is_transactional": 0, **BUTTON},
        {"count_clicks": 1},
    ],
)
def test_documented_viber_fields_are_accepted(provider: Provider, own: Json) -> None:
    assert codes(provider.ask("message/send", viber(**own))) == [0]


@pytest.mark.parametrize(("wait", "code"), [("60", 306), (5, 409), (86_401, 409)])
def test_a_wrong_wait_refuses_a_hybrid(provider: Provider, wait: object, code: int) -> None:
    assert provider.ask("message/send", hybrid(wait=wait))["response_code"] == code


def test_the_fewest_seconds_are_a_switch(provider: Provider) -> None:
    provider.set(ttl_min=60)

    assert provider.ask("message/send", viber(ttl=59))["response_code"] == 409


def test_a_hybrids_sms_is_judged_as_any_other(provider: Provider) -> None:
    stranger = {**hybrid(), "sms": {"sender": "Stranger", "text": TEXT}}
    too_long = {**hybrid(), "sms": {"sender": "DemoShop", "text": "ж" * 662}}

    assert [provider.ask("message/send", body)["response_code"] for body in (stranger, too_long)] == [400, 413]


def test_abroad_a_transactional_text_needs_no_pattern(provider: Provider) -> None:
    provider.account(countries=["UA", "PL"])

    assert codes(provider.ask("message/send", viber("48601234567", text="Anything", is_transactional=1))) == [0]


def test_a_test_sender_writes_to_its_owner_a_few_times(provider: Provider) -> None:
    provider.set(test_messages=2)
    own = [viber("380671112233", sender="Проба", text=f"Order {number} is ready") for number in range(3)]

    stranger = provider.ask("message/send", viber(PHONE, sender="Проба"))

    assert codes(stranger) == [425]
    assert [codes(provider.ask("message/send", body)) for body in own] == [[0], [0], [426]]


def test_sms_and_viber_of_a_text_are_two_messages_unless_switched(
    provider: Provider,
) -> None:
    first = [codes(provider.send()), codes(provider.ask("message/send", viber()))]
    again = codes(provider.ask("message/send", viber()))

    provider.set(duplicate_by="text")
    provider.send(text="Order 8 is ready")
    other = codes(provider.ask("message/send", viber(text="Order 8 is ready")))

    assert (first, again, other) == ([[0], [0]], [427], [427])


@pytest.mark.parametrize(("body", "channel", "price"), [(viber(), "viber", 0.8), (hybrid(), "viber", 0.8)])
def test_status_and_details_name_the_channel(provider: Provider, body: Json, channel: str, price: float) -> None:
    message_id = provider.ask("message/send", body)["response_result"][0]["message_id"]

    (status,) = provider.ask("message/status", {"messages": [message_id]})["response_result"]
    (details,) = provider.ask("message/details", {"messages": [message_id]})["response_result"]

    assert status["type"] == channel
    assert details[channel]["price"] == price
    assert details.keys() & {"sms", "viber"} == {channel}


def test_a_viber_senders_approval_can_be_given_and_taken(provider: Provider) -> None:
    provider.account(viber_senders=["Нова"])
    taken = codes(provider.ask("message/send", viber(sender="Нова")))
    provider.account(inactive_viber_senders=["Нова"])

    assert (taken, provider.ask("message/send", viber(sender="Нова", text="More"))["response_code"]) == ([0], 401)


def test_a_fault_finds_a_viber_message_by_its_recipient_and_text(provider: Provider) -> None:
    provider.arm("code", code=999, match={"recipient": PHONE, "text_contains": "Order"})
    body = {"viber": {"recipients": [PHONE], "sender": "Акме", "text": TEXT}}

    assert [provider.ask("message/send", body)["response_code"] for _ in range(2)] == [999, 801]
