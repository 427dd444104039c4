import re
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.tries import tries
from worker.core.texts.formatting import clean
from worker.core.texts.money_format import money_in_figures, money_in_words

MANY = settings(max_examples=tries(300), deadline=None)
ANY_TEXT = st.text(st.characters(exclude_categories=()))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
MONEY_LIKE = st.fixed_dictionaries({"amount": JSON, "currency": JSON | st.just("UAH")})
UKRAINIAN = re.compile(r"(мінус )?[а-щьюяєіїґ' ]+ (гривня|гривні|гривень) \d\d (копійка|копійки|копійок)")


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "expected"),
    [
        ("1250.00", "UAH", "uk", "1 250,00 грн"),
        ("1250.00", "UAH", "en", "1,250.00 UAH"),
        ("1234567.5", "USD", "uk", "1 234 567,50 USD"),
        ("-0.50", "UAH", "uk", "-0,50 грн"),
        ("-0.001", "UAH", "uk", "0,00 грн"),
        ("0.005", "UAH", "uk", "0,01 грн"),
        ("100", "JPY", "uk", "100 JPY"),
        (7, "EUR", "uk", "7,00 EUR"),
        (7.5, "EUR", "uk", ""),
        (True, "EUR", "uk", ""),
        ("1e9", "UAH", "uk", ""),
        ("9" * 16, "UAH", "uk", ""),
        ("5", "грн", "uk", ""),
        ("5", None, "uk", ""),
    ],
)
def test_money_in_figures(amount: object, currency: object, locale: str, expected: str) -> None:
    assert money_in_figures({"amount": amount, "currency": currency}, locale=locale) == expected


def test_an_amount_too_long_to_write_is_no_money() -> None:
    assert money_in_figures({"amount": 10**5000, "currency": "UAH"}, locale="uk") == ""


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "expected"),
    [
        ("1250.00", "UAH", "uk", "1 250 грн"),
        ("1250.50", "UAH", "uk", "1 250,50 грн"),
        ("0.00", "UAH", "uk", "0 грн"),
        ("1250.00", "UAH", "en", "1,250 UAH"),
        ("100", "JPY", "uk", "100 JPY"),
    ],
)
def test_whole_money_in_short_figures(amount: object, currency: object, locale: str, expected: str) -> None:
    assert money_in_figures({"amount": amount, "currency": currency}, locale=locale, is_short=True) == expected


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("1250.50", "одна тисяча двісті п'ятдесят гривень 50 копійок"),
        ("1.00", "одна гривня 00 копійок"),
        ("2.02", "дві гривні 02 копійки"),
        ("21.01", "двадцять одна гривня 01 копійка"),
        ("11.11", "одинадцять гривень 11 копійок"),
        ("0.00", "нуль гривень 00 копійок"),
        ("0.995", "одна гривня 00 копійок"),
        ("-5.10", "мінус п'ять гривень 10 копійок"),
        ("1000000", "один мільйон гривень 00 копійок"),
        ("616789", "шістсот шістнадцять тисяч сімсот вісімдесят дев'ять гривень 00 копійок"),
        (7, "сім гривень 00 копійок"),
        (7.5, ""),
        ("many", ""),
    ],
)
def test_hryvnias_and_kopecks_in_words(amount: object, expected: str) -> None:
    assert money_in_words({"amount": amount, "currency": "UAH"}, locale="uk") == expected


@pytest.mark.parametrize(
    ("currency", "locale", "expected"),
    [
        ("XTS", "uk", "7,00 XTS"),
        ("UAH", "en", "7.00 UAH"),
        ("KWD", "uk", "7,000 KWD"),
        ("JPY", "uk", "7 JPY"),
        ("UAH", "pl", "7,00 UAH"),
    ],
)
def test_money_of_an_unsupported_currency_stays_in_figures(currency: str, locale: str, expected: str) -> None:
    assert money_in_words({"amount": "7.00", "currency": currency}, locale=locale) == expected


def test_euros_and_dollars_can_be_written_in_words() -> None:
    assert money_in_words({"amount": "2.50", "currency": "EUR"}, locale="uk") == "два євро 50 центів"
    assert money_in_words({"amount": "2.50", "currency": "USD"}, locale="en") == "two dollars 50 cents"


@MANY
@given(st.decimals(0, 10**15 - 1, places=2, allow_nan=False))
def test_every_amount_can_be_written_in_ukrainian_words(amount: Decimal) -> None:
    text = money_in_words({"amount": str(amount), "currency": "UAH"}, locale="uk")

    assert UKRAINIAN.fullmatch(text), text
    assert text == clean(text)


@MANY
@given(JSON | MONEY_LIKE, ANY_TEXT | st.sampled_from(["uk", "en"]), st.booleans())
def test_no_money_raises(value: object, locale: str, is_short: bool) -> None:  # noqa: FBT001 (Hypothesis gives it)
    text = money_in_figures(value, locale=locale, is_short=is_short) + money_in_words(value, locale=locale)

    assert text == clean(text)
