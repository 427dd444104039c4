import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.tries import tries
from worker.core.contract.phone import BadPhone, Numbers, masked_phones, normalise, numbers_in
from worker.core.contract.phone_mask import masked

MANY = settings(max_examples=tries(300), deadline=None)
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
        "0671234567 (1)",
        "067 123 45 67 (1)",
        "067 123-45-67/2",
        "+38 38 067 1234567",
        "+38 +380671234567",
        "067 12\u0417 45 67",
        "\u041780671234567",
        "0671234567\u0437",
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
def test_the_first_usable_phone_of_several_counts(raw: str) -> None:
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
        ("06712345678", "bad_phone"),
        ("067123456", "bad_phone"),
        ("3806712345b7", "bad_phone"),
        ("067 123 45 b7", "bad_phone"),
        ("067123456O", "bad_phone"),
        ("0900 123 456", "bad_phone"),
        ("0800 500 500", "landline"),
        ("+48 22 123 45 67", "landline"),
        ("+48 11 123 45 67", "bad_phone"),
        ("067 12\u0417 45 6\u0437 7", "bad_phone"),
    ],
)
def test_an_unusable_phone_has_a_reason(raw: str | None, reason: str) -> None:
    outcome = normalise(raw)

    assert isinstance(outcome, BadPhone)
    assert outcome.reason == reason


def test_foreign_numbers_pass() -> None:
    assert normalise("+48 501 234 567") == "+48501234567"
    assert normalise("0048 501 234 567") == "+48501234567"
    assert normalise("501 234 567", region="PL") == "+48501234567"


def test_a_mobile_code_unknown_to_libphonenumber_is_usable() -> None:
    assert not phonenumbers.is_valid_number(phonenumbers.parse("+380701234567"))
    assert normalise("070 123 45 67") == "+380701234567"
    assert normalise("07012345678") == BadPhone("bad_phone")


@pytest.mark.parametrize(
    ("raw", "numbers"),
    [
        ("067 123 45 67, 050 765 43 21 (чоловік)", Numbers((OLENA, "+380507654321"), 0)),
        ("0671234567 0507654321", Numbers((OLENA, "+380507654321"), 0)),
        ("067 123 45 67, 0671234567", Numbers((OLENA,), 0)),
        ("067 123 45 67 з 9 до 18, кв. 5", Numbers((OLENA,), 0)),
        ("044 123 45 67, 067 123 45 67", Numbers((OLENA,), 1)),
        ("0671234567 050765432", Numbers((OLENA,), 1)),
        ("06712345678", Numbers((), 1)),
        ("12", Numbers((), 0)),
        ("", Numbers((), 0)),
    ],
)
def test_all_phones_of_a_field_are_read(raw: str, numbers: Numbers) -> None:
    assert numbers_in(raw) == numbers


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


MOBILE = st.from_regex(r"(?:39|50|6[36-8]|7[1-357]|9[1-9])[0-9]{7}", fullmatch=True)


@MANY
@given(st.lists(st.tuples(BEGINNING, MOBILE), min_size=1, max_size=4), st.sampled_from([", ", "; ", "\n", " або "]))
def test_each_number_of_a_field_is_read_and_the_first_is_taken(numbers: list[tuple[str, str]], between: str) -> None:
    raw = between.join(beginning + national for beginning, national in numbers)

    assert numbers_in(raw).usable == tuple(dict.fromkeys(f"+380{national}" for _, national in numbers))
    assert normalise(raw) == f"+380{numbers[0][1]}"


@MANY
@given(MOBILE, st.sampled_from([" (1)", " [2]", "/3", " / 4", "  5", " доб. 6", ", 7", " 8", "b9"]))
def test_a_note_beside_a_number_never_becomes_a_part_of_it(national: str, note: str) -> None:
    assert normalise(f"0{national}{note}") == f"+380{national}"


@MANY
@given(BEGINNING, MOBILE, st.from_regex(r"[0-9]", fullmatch=True))
def test_a_number_with_a_digit_too_many_or_too_few_is_nobodys(beginning: str, national: str, more: str) -> None:
    assert normalise(f"{beginning}{national}{more}") == BadPhone("bad_phone")
    assert not isinstance(normalise(f"{beginning}{national[:-1]}"), str)


@MANY
@given(ANY_TEXT | PHONE_LIKE | st.text("0123456789+-() зЗb/,", max_size=40))
def test_only_numbers_that_can_exist_are_used(raw: str) -> None:
    for number in numbers_in(raw).usable:
        parsed = phonenumbers.parse(number)
        assert phonenumbers.is_valid_number(parsed) or number.startswith("+3807")


def by_libphonenumber(national: str) -> str | BadPhone:
    number = phonenumbers.parse(f"+380{national}")
    match phonenumbers.number_type(number):
        case phonenumbers.PhoneNumberType.MOBILE:
            return f"+380{national}"
        case phonenumbers.PhoneNumberType.UNKNOWN:
            return f"+380{national}" if national.startswith("7") else BadPhone("bad_phone")
        case _:
            return BadPhone("landline")


@MANY
@given(BEGINNING, NATIONAL, st.sampled_from(["", " ", "-", "\u00a0"]), ANY_TEXT)
def test_a_masked_text_holds_no_phone_and_is_as_long(start: str, national: str, gap: str, words: str) -> None:
    spelt = start + gap.join((national[:2], national[2:5], national[5:7], national[7:]))
    text = f"{words}, {spelt}, {words}"
    masked_text = masked_phones(text)

    assert len(masked_text) == len(text)
    assert isinstance(normalise(spelt), BadPhone) or spelt not in masked_text
    assert numbers_in(masked_text).usable == ()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ірина, +380671112233", "Ірина, +38067***2233"),
        ("0671234567", "067***4567"),
        ("067 12З 45 67", "067 *** 45 67"),
        ("Приймальня 044 123 45 67", "Приймальня 044 *** 45 67"),
        ("0671234567/0501112233", "**********/******2233"),
        ("INV-000901, 23.11.2026 10:15, ТТН 20450123456789", "INV-000901, 23.11.2026 10:15, ТТН 20450123456789"),
        ("UA213223130000026007233566001", "UA213223130000026007233566001"),
    ],
)
def test_phones_among_other_numbers_are_masked(text: str, shown: str) -> None:
    assert masked_phones(text) == shown
