import re

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.texts.viber_message import Button, Options, Viber
from worker.turbosms.request import ITEMS_AT_MOST, multi_body, send_body

KEY = "0b9c2f6a4d7e4b1f8a3e5c7d9f101112"
OTHER_KEY = "1b9c2f6a4d7e4b1f8a3e5c7d9f101112"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


def test_body_is_one_compact_line_in_a_fixed_order() -> None:
    body = send_body(key=KEY, sender="DemoShop", text="Замовлення 7\nготове", phones=["380501112233"])

    expected = (
        f'{{"sequence_id":"{KEY}","recipients":["380501112233"],'
        '"sms":{"sender":"DemoShop","text":"Замовлення 7\\nготове"}}'
    )
    assert body == expected.encode()


@given(TEXTS, TEXTS)
def test_any_text_arrives_as_it_was_on_one_line(sender: str, text: str) -> None:
    body = send_body(key=KEY, sender=sender, text=text, phones=["380501112233", "+48501112233"])

    assert orjson.loads(body) == {
        "sequence_id": KEY,
        "recipients": ["380501112233", "48501112233"],
        "sms": {"sender": sender, "text": text},
    }
    assert not {b"\n", b"\r"} & {bytes([byte]) for byte in body}


def test_a_viber_body_has_its_sender_and_options_in_a_fixed_order() -> None:
    asked = Options(600, Button("Сплатити", "https://crm.example.ua/i/901"), "https://crm.example.ua/logo.png")

    body = send_body(key=KEY, text="Рахунок 901", phones=["380501112233"], viber=Viber("Акме", asked))

    expected = (
        f'{{"sequence_id":"{KEY}","recipients":["380501112233"],"viber":{{"sender":"Акме","text":"Рахунок 901",'
        '"ttl":600,"image_url":"https://crm.example.ua/logo.png","caption":"Сплатити",'
        '"action":"https://crm.example.ua/i/901"}}'
    )
    assert body == expected.encode()


def test_a_hybrid_body_has_both_channels_and_the_wait_in_its_sms() -> None:
    phones = ["380501112233"]

    body = send_body(key=KEY, sender="Shop", text="Hi", phones=phones, viber=Viber("Акме", Options(60)))
    patient = send_body(key=KEY, sender="Shop", text="Hi", phones=phones, viber=Viber("Акме"))

    assert orjson.loads(body) == {
        "sequence_id": KEY,
        "recipients": phones,
        "sms": {"sender": "Shop", "text": "Hi", "hybrid_ttl": 60},
        "viber": {"sender": "Акме", "text": "Hi", "ttl": 60},
    }
    assert orjson.loads(patient)["sms"] == {"sender": "Shop", "text": "Hi"}
    assert orjson.loads(patient)["viber"] == {"sender": "Акме", "text": "Hi"}


def test_a_transactional_message_has_is_transactional_1() -> None:
    viber = Viber("Акме", Options(transactional=True))

    body = send_body(key=KEY, text="Hi", phones=["380501112233"], viber=viber)

    assert orjson.loads(body)["viber"] == {"sender": "Акме", "text": "Hi", "is_transactional": 1}


LINK = "https://crm.example.ua/i/901"
REFUSED = [
    (Viber(" "), "viber.sender: give the Viber sender"),
    (Viber("Акме", Options(ttl=59)), "viber.ttl: give 60 to 86400"),
    (Viber("Акме", Options(ttl=86_401)), "viber.ttl: give 60 to 86400"),
    (Viber("Акме", Options(button=Button("С" * 31, LINK))), "viber.button.caption: give 1 to 30"),
    (Viber("Акме", Options(button=Button("", LINK))), "viber.button.caption: give 1 to 30"),
    (Viber("Акме", Options(button=Button("Сплатити", "crm"))), "viber.button.link: give an address"),
    (Viber("Акме", Options(picture=LINK)), "viber.picture: give a button"),
    (Viber("Акме", Options(button=Button("Сплатити", LINK), transactional=True)), "viber.transactional: leave"),
]


@pytest.mark.parametrize(("viber", "named"), REFUSED)
@pytest.mark.parametrize("sender", [None, "Shop"])
def test_viber_options_that_turbosms_would_refuse_are_refused_here(
    viber: Viber, named: str, sender: str | None
) -> None:
    with pytest.raises(ValueError, match=re.escape(named)) as refused:
        send_body(key=KEY, sender=sender, text="Hi", phones=["380501112233"], viber=viber)

    assert str(refused.value).startswith(named)


def test_a_text_too_long_for_viber_is_refused_without_repeating_it() -> None:
    with pytest.raises(ValueError, match="text: give at most 1000 characters") as refused:
        send_body(key=KEY, text="ж" * 1_001, phones=["380501112233"], viber=Viber("Акме"))

    assert "жж" not in str(refused.value)
    assert send_body(key=KEY, text="ж" * 1_000, phones=["380501112233"], viber=Viber("Акме"))


def test_a_body_without_any_channel_is_refused() -> None:
    with pytest.raises(ValueError, match="sender: give one"):
        send_body(key=KEY, text="Hi", phones=["380501112233"])


def test_equal_requests_have_equal_bytes() -> None:
    bodies = {send_body(key=KEY, sender="Shop", text="Hi", phones=("380501112233",)) for _ in range(3)}

    assert len(bodies) == 1


@pytest.mark.parametrize("key", ["k" * 41, "", "a b", "ключ", "a\n"])
def test_key_that_turbosms_could_cut_or_misread_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="key:"):
        send_body(key=key, sender="Shop", text="Hi", phones=["380501112233"])


@pytest.mark.parametrize(
    "phones",
    [[], ["050 111"], [""], ["380501112233", "+380501112233"], [str(10**11 + n) for n in range(5_001)]],
)
def test_wrong_phones_are_refused_without_being_named(phones: list[str]) -> None:
    with pytest.raises(ValueError, match="phones:") as refusal:
        send_body(key=KEY, sender="Shop", text="Hi", phones=phones)

    assert not any(phone and phone in str(refusal.value) for phone in phones)


def test_longest_key_and_most_recipients_pass() -> None:
    phones = [str(380_500_000_000 + n) for n in range(5_000)]

    body = send_body(key="k" * 40, sender="Shop", text="Hi", phones=phones)

    assert orjson.loads(body)["recipients"] == phones


def test_stored_bodies_travel_byte_for_byte_under_their_keys() -> None:
    spaced = b'{"sequence_id": "' + OTHER_KEY.encode() + b'",  "text": "\\u0417\\/"}'
    made = send_body(key=KEY, sender="Shop", text="Замовлення\n7", phones=["380501112233"])

    body = multi_body({KEY: made, OTHER_KEY: spaced})

    assert body == b'{"' + KEY.encode() + b'":' + made + b',"' + OTHER_KEY.encode() + b'":' + spaced + b"}"


@given(st.lists(TEXTS, min_size=1, max_size=10))
def test_many_bodies_are_one_json_object_on_one_line(texts: list[str]) -> None:
    keys = [f"{index:032x}" for index in range(len(texts))]
    bodies = [
        send_body(key=key, sender="Shop", text=text, phones=["380501112233"])
        for key, text in zip(keys, texts, strict=True)
    ]

    body = multi_body(dict(zip(keys, bodies, strict=True)))

    assert orjson.loads(body) == dict(zip(keys, map(orjson.loads, bodies), strict=True))
    assert b"\n" not in body


def test_items_are_bounded() -> None:
    items = {f"{index:032x}": b"{}" for index in range(ITEMS_AT_MOST + 1)}

    with pytest.raises(ValueError, match="items: give 1 to 100, not 0"):
        multi_body({})
    with pytest.raises(ValueError, match="items: give 1 to 100, not 101"):
        multi_body(items)
    items.popitem()
    assert len(orjson.loads(multi_body(items))) == ITEMS_AT_MOST


@pytest.mark.parametrize("label", ["", "a", KEY.upper(), f"{KEY}-1", f"{KEY}\n", "sequence_id"])
def test_label_that_is_no_attempts_key_is_refused(label: str) -> None:
    with pytest.raises(ValueError, match="items: label each"):
        multi_body({label: b"{}"})


@pytest.mark.parametrize("body", [b"", b"null", b"{", b"[]"])
def test_an_unusable_body_is_an_error_and_spoils_no_other(body: bytes) -> None:
    with pytest.raises(ValueError, match="items: give each the body"):
        multi_body({KEY: b"{}", OTHER_KEY: body})
