from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    keys = [f"{place:032x}" for place in range(len(texts))]
    bodies = [
        send_body(key=key, sender="Shop", text=text, phones=["380501112233"])
        for key, text in zip(keys, texts, strict=True)
    ]

    body = multi_body(dict(zip(keys, bodies, strict=True)))

    assert orjson.loads(body) == dict(zip(keys, map(orjson.loads, bodies), strict=True))
    assert b"\n" not in body


def test_items_are_bounded() -> None:
    items = {f"{place:032x}": b"{}" for place in range(ITEMS_AT_MOST + 1)}

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
def test_one_unusable_body_does_not_spoil_the_others_unseen(body: bytes) -> None:
    with pytest.raises(ValueError, match="items: give each the body"):
        multi_body({KEY: b"{}", OTHER_KEY: body})
