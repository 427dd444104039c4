from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.access.signed_address import LIFETIME, PATH, SKEW, Presented, presented, signature_of

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
KEY = f"psms_7_{'k' * 43}"
ASKED = {"account": "acme", "client": "5", "expires": str(int((NOW + timedelta(minutes=30)).timestamp())), "key": "7"}


def signed(asked: str, *, key: str = KEY, rest: str = "") -> bytes:
    return f"{asked}&signature={signature_of(f'{PATH}?{asked}', key)}{rest}".encode()


def query(**changes: str) -> str:
    return urlencode({**ASKED, **changes})


def read(**changes: str) -> Presented:
    found = presented(signed(query(**changes)))
    assert found is not None
    return found


def test_the_signature_is_what_the_page_says() -> None:
    line = "/embed/client?account=acme&client=5&expires=1796115600&key=7&rights=phones"

    # As: printf '%s' "$line" | openssl dgst -sha256 -hmac "$key"
    assert signature_of(line, KEY) == "a82b2e7d229c5e5994a3817933af76aea8fc4fb740edcfe1754dd36178408264"


def test_an_address_is_read_as_it_was_signed() -> None:
    found = presented(signed(query(rights="export,phones", client="Ромашка & Ко"), rest="&cursor=abc&limit=5"))

    assert found is not None
    assert found.is_signed_with(KEY)
    assert (found.address.account, found.address.client, found.address.key) == ("acme", "Ромашка & Ко", 7)
    assert (found.address.rights, found.rest) == ({"phones", "export"}, "cursor=abc&limit=5")
    assert read().address.rights == frozenset()
    assert read(rights="").address.rights == frozenset()


@given(st.data())
def test_no_other_bytes_have_the_same_signature(data: st.DataObject) -> None:
    right = signed(query(rights="phones"))
    place = data.draw(st.integers(0, len(right) - 1))
    other = bytes([data.draw(st.integers(0, 255).filter(lambda byte: byte != right[place]))])

    found = presented(right[:place] + other + right[place + 1 :])

    assert found is None or not found.is_signed_with(KEY)


@given(st.binary(max_size=300))
def test_any_query_is_read(text: bytes) -> None:
    assert presented(text) is None


@pytest.mark.parametrize(
    "asked",
    [
        *("", "account", "a=b", query(more="1"), query() + "&client=6", query(rights="all")),
        *(query(client=""), query(client="x" * 201), query(client="a\0b")),
        *(query(rights="phones,phones"), query(rights="phones,")),
        *(query(expires="soon"), query(expires="-1"), query(expires="9" * 12), query(expires="٩"), query(key="0")),
        *(query(key="1" * 19), query(key="7x"), "account=acme&client=%FF&expires=1&key=7", query() + "&" + "x" * 2_000),
    ],
)
def test_what_is_no_address_is_none_whoever_signed_it(asked: str) -> None:
    assert presented(signed(asked)) is None


def test_another_key_signs_another_address() -> None:
    found = presented(signed(query(), key=f"psms_8_{'k' * 43}"))

    assert found is not None
    assert not found.is_signed_with(KEY)


def test_what_follows_the_signature_changes_nothing_of_the_address() -> None:
    found = presented(signed(query(), rest=f"&client=6&signature={'0' * 64}"))

    assert found is not None
    assert (found.address.client, found.is_signed_with(KEY)) == ("5", True)


@pytest.mark.parametrize(
    ("ahead", "is_timely"),
    [
        (timedelta(seconds=1), True),
        (LIFETIME + SKEW, True),
        (LIFETIME + SKEW + timedelta(seconds=1), False),
        (timedelta(), False),
        (timedelta(seconds=-1), False),
        (timedelta(days=9_000), False),
    ],
)
def test_an_address_is_valid_until_it_expires_and_never_for_long(ahead: timedelta, is_timely: bool) -> None:  # noqa: FBT001 (a case)
    found = read(expires=str(int((NOW + ahead).timestamp())))

    assert found.address.is_timely(NOW) is is_timely
