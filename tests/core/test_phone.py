from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from worker.core.phone import BadPhone, masked, normalise

MANY = settings(max_examples=300, deadline=None)
OLENA = "+380671234567"
ANY_TEXT = st.text(st.characters(exclude_categories=()))
SEPARATOR = st.sampled_from(["", " ", "-", ".", "(", ")", "\u00a0", "–", "\u202a", "/"])
BEGINNING = st.sampled_from(["0", "80", "380", "+380", "00380", "+38 (0", "8 (0", "tel:+380", "моб. 0"])
NATIONAL = st.from_regex(r"[1-9][0-9]{8}", fullmatch=True)
PHONE_LIKE = st.text("0123456789+-(), /", max_size=40)


@pytest.mark.parametrize(
    "raw",
    [
        "0671234567",
        "067 123 45 67",
        "80671234567",
        "8 (067) 123-45-67",
        "380671234567",
        "+380671234567",
        "00380671234567",
        "tel:+380671234567",
        "+38 (067) 123–45–67",
        "067.123.45.67",
        "067\u00a0123\u00a045\u00a067",
        "０６７１２３４５６７",
        "\u202a+380671234567\u202c",
        "+3800671234567",
        "моб. 067 123 45 67 (Олена)",
        "067 123 45 67 доб. 123",
    ],
)
def test_one_number_has_many_spellings(raw: str) -> None:
    assert normalise(raw) == OLENA


@pytest.mark.parametrize(
    "raw",
    [
        "067 123 45 67, 050 765 43 21",
        "0671234567;0507654321",
        "067 1234567 / 050 7654321",
        "0671234567 0507654321",
        "+380671234567+380507654321",
        "0671234567\n0507654321",
        "044 123 45 67, 067 123 45 67",
        "кв. 5, 067 123 45 67",
    ],
)
def test_of_several_numbers_the_first_usable_counts(raw: str) -> None:
    assert normalise(raw) == OLENA


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (None, "no_phone"),
        ("", "no_phone"),
        (" - ", "no_phone"),
        ("немає", "no_phone"),
        ("12", "bad_phone"),
        ("+380 67 1234567 89", "bad_phone"),
        ("+48 501234567 501234567", "bad_phone"),
        ("9" * 1_000_000, "bad_phone"),
        ("044 123 45 67", "landline"),
        ("044 123 45 67, 12", "landline"),
    ],
)
def test_an_unusable_field_says_why(raw: str | None, reason: str) -> None:
    outcome = normalise(raw)

    assert isinstance(outcome, BadPhone)
    assert outcome.reason == reason


def test_foreign_numbers_pass() -> None:
    assert normalise("+48 501 234 567") == "+48501234567"
    assert normalise("0048 501 234 567") == "+48501234567"
    assert normalise("501 234 567", region="PL") == "+48501234567"


def test_a_possible_number_outside_the_known_ranges_passes() -> None:
    assert not phonenumbers.is_valid_number(phonenumbers.parse("+380701234567"))
    assert normalise("070 123 45 67") == "+380701234567"


def test_every_ukrainian_range_is_judged_as_libphonenumber_judges_it() -> None:
    numbers = [f"{beginning}34567" for beginning in range(1000, 10_000)]

    judged = {number: normalise(f"0{number}") for number in numbers}

    assert judged == {number: by_libphonenumber(number) for number in numbers}


@MANY
@given(BEGINNING, NATIONAL, st.lists(SEPARATOR, min_size=9, max_size=9))
def test_spelling_never_changes_the_judgement(beginning: str, national: str, separators: list[str]) -> None:
    spread = "".join(digit + gap for digit, gap in zip(national, separators, strict=True))

    assert normalise(beginning + spread) == by_libphonenumber(national)


@MANY
@example("+254 004 945 154")
@given(ANY_TEXT | PHONE_LIKE)
def test_no_text_raises_and_a_good_number_is_its_own_normal_form(raw: str) -> None:
    outcome = normalise(raw)

    if isinstance(outcome, str):
        assert outcome[0] == "+"
        assert outcome[1:].isascii()
        assert outcome[1:].isdigit()
        assert normalise(outcome) == outcome


@pytest.mark.parametrize(
    ("e164", "shown"),
    [(OLENA, "+38067***4567"), ("+48501234567", "+485***67"), ("+3721234", "***"), ("", "***")],
)
def test_a_masked_number_keeps_its_ends_only(e164: str, shown: str) -> None:
    assert masked(e164) == shown


@MANY
@given(st.from_regex(r"\+[1-9][0-9]{4,14}", fullmatch=True))
def test_at_least_three_digits_are_hidden(e164: str) -> None:
    shown = masked(e164).replace("***", "")

    assert len(shown) <= len(e164) - 3


def by_libphonenumber(national: str) -> str | BadPhone:
    number = phonenumbers.parse(f"+380{national}")
    if phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.FIXED_LINE:
        return BadPhone("landline")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
