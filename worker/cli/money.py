"""Money and budgets between people's words and ours."""

from __future__ import annotations

import re
from decimal import Decimal

import typer

from worker.core.accounts.price import Price
from worker.core.contract.phone import only_phone

NOTHING = "none"
PRICE = re.compile(r"\d{1,4}(?:[.,]\d{1,4})?", re.ASCII)
MONEY = re.compile(r"\d{1,9}(?:[.,]\d{1,2})?", re.ASCII)
#: The largest number of an integer column.
COUNT_MAX = 2_147_483_647
#: How long money may be said to last: what is forecast further ahead is no alarm.
HOURS_MAX = 1000


def price_or_none(text: str) -> Decimal | str:
    """What a segment costs in hryvnias, or `none`.

    Raises:
        typer.BadParameter: it is neither.
    """
    if text == NOTHING:
        return NOTHING
    if not PRICE.fullmatch(text):
        raise typer.BadParameter(f"{text} is no price in hryvnias: write it as 0.95, or none")
    return Decimal(text.replace(",", "."))


def price_words(price: Decimal) -> str:
    """`0.95`, and no more figures than it needs."""
    return f"{price.normalize():f}"


def money_or_none(text: str) -> Decimal | str:
    """Hryvnias, more than nothing, or `none`.

    Raises:
        typer.BadParameter: it is neither.
    """
    if text == NOTHING:
        return NOTHING
    found = Decimal(text.replace(",", ".")) if MONEY.fullmatch(text) else Decimal(0)
    if found <= 0:
        raise typer.BadParameter(f"{text} is no sum in hryvnias: write it as 500 or 99.50, or none")
    return found


def count_or_none(text: str) -> int | str:
    """A whole number from 1 on, or `none`.

    Raises:
        typer.BadParameter: it is neither.
    """
    return text if text == NOTHING else whole(text, COUNT_MAX)


def hours_or_none(text: str) -> int | str:
    """Hours ahead, or `none`.

    Raises:
        typer.BadParameter: it is neither.
    """
    return text if text == NOTHING else whole(text, HOURS_MAX)


def whole(text: str, most: int) -> int:
    """A whole number from 1 on.

    Raises:
        typer.BadParameter: it is none, or too large.
    """
    found = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(most)) else 0
    if not 1 <= found <= most:
        raise typer.BadParameter(f"{text} is no whole number from 1 to {most}: write it as 300, or none")
    return found


def phone_or_none(text: str) -> str:
    """A phone in E.164, or `none`.

    Raises:
        typer.BadParameter: nobody can get an SMS there.
    """
    if text == NOTHING:
        return NOTHING
    try:
        return only_phone(text)
    except ValueError as error:
        raise typer.BadParameter(f"{error}: write a mobile number, as 0671234567, or none") from None


def or_nothing(value: object | None) -> str:
    """A setting that need not be there, as it is typed."""
    return NOTHING if value is None else price_words(value) if isinstance(value, Decimal) else str(value)


def told_price(price: Price) -> str | None:
    """`0.95 (set)`; None where nobody knows."""
    return None if price.amount is None else f"{price_words(price.amount)} ({price.source})"
