"""Money of an event in figures and in words."""

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import cast

from babel.numbers import format_decimal, get_currency_precision

from worker.core.contract.facts import Facts
from worker.core.texts.formatting import language_of

_AMOUNT = re.compile(r"-?\d{1,15}(?:\.\d{1,6})?", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}")
_LONGEST = 40
_TOO_MUCH = 10**15
# The hryvnia sign would turn a Latin text into 70-character segments, as a no-break space does.
_CURRENCY_NAMES = {("uk", "UAH"): "грн"}
_SPELLS = frozenset({"uk", "en"})
# Words are made for hundredths only.
_HUNDREDTHS = 2


def money_in_figures(value: object, *, locale: str, is_short: bool = False) -> str:
    """`1 250,00 грн` for `{"amount": "1250.00", "currency": "UAH"}`; `""` for what is no money.

    The amount is a decimal string or a whole number, never a float. Spaces are ordinary ones; a currency
    without a customary word is named by its ISO 4217 code. A short one leaves `,00` out.
    """
    money = _read(value)
    return _figures(*money, language_of(locale), is_short=is_short) if money else ""


def money_in_words(value: object, *, locale: str) -> str:
    """`одна тисяча двісті п'ятдесят гривень 50 копійок` for `{"amount": "1250.50", "currency": "UAH"}`.

    Figures where the language or the currency has no words; `""` for what is no money.
    """
    money = _read(value)
    return _spelt(*money, language_of(locale)) if money else ""


def _read(value: object) -> tuple[Decimal, str] | None:
    if not isinstance(value, Mapping):
        return None
    money = cast("Facts", value)
    amount, currency = money.get("amount"), money.get("currency")
    if isinstance(amount, int) and abs(amount) < _TOO_MUCH:
        amount = str(amount)
    if not (isinstance(amount, str) and isinstance(currency, str)):
        return None
    return _rounded(amount[:_LONGEST], currency[:_LONGEST])


@lru_cache(maxsize=4096)
def _rounded(amount: str, currency: str) -> tuple[Decimal, str] | None:
    if not (_AMOUNT.fullmatch(amount) and _CURRENCY.fullmatch(currency)):
        return None
    unit = Decimal(1).scaleb(-get_currency_precision(currency))
    # Adding nothing takes the sign off a negative zero.
    return Decimal(amount).quantize(unit, ROUND_HALF_UP) + 0, currency


@lru_cache(maxsize=4096)
def _figures(amount: Decimal, currency: str, language: str, *, is_short: bool) -> str:
    is_whole = is_short and amount == amount.to_integral_value()
    decimals = 0 if is_whole else get_currency_precision(currency)
    figures = format_decimal(amount, f"#,##0.{'0' * decimals}".rstrip("."), locale=language)
    return " ".join((*figures.split(), _CURRENCY_NAMES.get((language, currency), currency)))


@lru_cache(maxsize=1024)
def _spelt(amount: Decimal, currency: str, language: str) -> str:
    if language in _SPELLS and get_currency_precision(currency) == _HUNDREDTHS:
        # Few texts have sums in words, and every command would wait for this import.
        from num2words import num2words  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]  # noqa: PLC0415

        try:
            words = num2words(amount, lang=language, to="currency", currency=currency, cents=False, separator="")
            return " ".join(words.split())
        except NotImplementedError:  # how num2words answers for a currency that it has no words for
            pass
    return _figures(amount, currency, language, is_short=False)
