"""What the rules read of the values of an event, however CRMs and PHP spell them; what cannot be read is nothing."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import cast

from worker.core.contract.facts import Facts, as_text
from worker.core.contract.fields import BIRTHDAY, DAY, MOMENT, NOBODYS, WHOLE, day_of_datetime, is_day

#: The year of a birthday whose year may be unknown, or have no 29 February: a leap year.
ANY_YEAR = 2000
#: A year, in minutes, and how many reminders before a start a record may ask for.
LONGEST = 366 * 24 * 60
OFFSETS_MAX = 10
_FIGURE = re.compile(r"([-−])?\s*(\d{1,15})(?:\s\d{3})*(?:[.,](\d{1,6}))?", re.ASCII)
#: What an amount is rounded to before anybody reads it.
_HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount as a decimal string and its ISO 4217 currency; of words without a currency the words."""

    amount: str
    currency: str

    @property
    def is_nothing(self) -> bool:
        """Whether it is known to be money that nobody owes: 0,00, or less."""
        figure = _FIGURE.search(self.amount)
        if figure is None:
            return False
        sign, whole_, fraction = figure.groups()
        return bool(sign) or Decimal(f"{whole_}.{fraction or 0}").quantize(_HUNDREDTH) <= 0


def money(value: object) -> Money | None:
    if not isinstance(value, dict):
        return None if value is None else Money(as_text(value), "")
    amount, currency = cast("Facts", value).get("amount"), cast("Facts", value).get("currency")
    return Money(as_text(amount), currency if isinstance(currency, str) else "")


def day(value: object) -> date | None:
    text = day_of_datetime(as_text(value))
    try:
        return date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        return None


def moment(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) and MOMENT.fullmatch(value) else None
    except ValueError:
        return None


def birthday(value: object) -> date | None:
    """A day of every year, as it falls in a leap year; none for what programs write for none."""
    text = day_of_datetime(as_text(value))
    match = None if text in NOBODYS else BIRTHDAY.fullmatch(text)
    return date(ANY_YEAR, *map(int, match.groups())) if match and is_day(*map(int, match.groups())) else None


def is_nobodys(value: object) -> bool:
    return day_of_datetime(as_text(value)) in NOBODYS


def whole(value: object) -> int | None:
    text = as_text(value)
    return int(text) if WHOLE.fullmatch(text) else None


def version(value: object) -> int | None:
    try:
        return int(value) if isinstance(value, int | str) else None
    except ValueError:
        return None


def offsets(value: object) -> tuple[int, ...] | None:
    """Minutes before a start, none for an empty list; None where they are not given or cannot be read.

    0 minutes before a start nothing is left to remind of.
    """
    if not isinstance(value, list) or len(cast("list[object]", value)) > OFFSETS_MAX:
        return None
    given = [whole(item) for item in cast("list[object]", value)]
    minutes = [item for item in given if item is not None and 0 <= item <= LONGEST]
    return tuple(sorted({item for item in minutes if item}, reverse=True)) if len(minutes) == len(given) else None
