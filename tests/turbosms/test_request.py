from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.turbosms.request import send_body

KEY = "0b9c2f6a4d7e4b1f8a3e5c7d9f101112"
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
