"""How long before its start a record asks to be reminded of."""

from __future__ import annotations

from typing import cast

from worker.core.contract.facts import Facts, word
from worker.core.contract.fields import WHOLE

#: A year, in minutes.
LONGEST = 366 * 24 * 60
OFFSETS_MAX = 10


def offsets(record: Facts) -> tuple[int, ...] | None:
    """`remind_before` in minutes, none for an empty list; None where it is not given or cannot be read.

    0 minutes before a start nothing is left to remind of.
    """
    given = record.get("remind_before")
    if not isinstance(given, list) or len(cast("list[object]", given)) > OFFSETS_MAX:
        return None
    found = [word(one) for one in cast("list[object]", given)]
    minutes = [int(one) for one in found if WHOLE.fullmatch(one) and 0 <= int(one) <= LONGEST]
    return tuple(sorted({one for one in minutes if one}, reverse=True)) if len(minutes) == len(found) else None
