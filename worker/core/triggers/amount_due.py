"""Whether anything is left to pay, however a CRM writes money down."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import cast

from worker.core.contract.facts import Facts, word

_FIGURE = re.compile(r"([-−])?\s*(\d{1,15})(?:\s\d{3})*(?:[.,](\d{1,6}))?", re.ASCII)
#: What an amount is rounded to before anybody reads it.
_HUNDREDTH = Decimal("0.01")


def is_nothing(value: object) -> bool:
    """Whether it is known to be money that nobody owes: 0,00, or less; `{"amount": …}`, a number or words."""
    written = cast("Facts", value).get("amount") if isinstance(value, dict) else value
    figure = _FIGURE.search(word(written))
    if figure is None:
        return False
    sign, whole, fraction = figure.groups()
    return bool(sign) or Decimal(f"{whole}.{fraction or 0}").quantize(_HUNDREDTH) <= 0
