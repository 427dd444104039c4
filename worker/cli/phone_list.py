"""A file of phones, one on a line or in a column of CSV, as other programs write them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from worker.core.phone import normalise
from worker.core.stop_list import SCOPES

#: What a column is called, in lower case.
PHONE = frozenset({"phone", "phonenumber", "phone_number", "number", "tel", "телефон", "номер", "номер телефону"})
DELIMITERS = ",;\t"
WHY = {
    "no_phone": "holds no number",
    "bad_phone": "is no number that could exist",
    "landline": "is a landline, which gets no SMS",
    "scope": f"scope is none of {', '.join(SCOPES)}",
    "since": "since is no moment such as 2026-11-23T10:15:00+02:00",
}


class TornLineError(Exception):
    """A quotation mark without its other half on a line: the lines after it would be lost in one cell."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a phone in E.164 form and what stands beside it, or why it cannot be read (a key of WHY)."""

    number: int
    phone: str = ""
    scope: str | None = None
    reason: str | None = None
    since: datetime | None = None
    why: str | None = None


def read_list(text: Iterable[str]) -> Iterator[Line]:
    """Every line that is not blank and no comment (#). A first line that names its columns is no phone.

    Raises:
        TornLineError: a line cannot be told from the next one.
    """
    lines = iter(text)
    first = next(lines, "").removeprefix("\ufeff")
    delimiter = max(DELIMITERS, key=first.count)
    names: Sequence[str] = ("phone",)
    for number, cells in rows_of((line for part in ([first], lines) for line in part), delimiter):
        if not any(cell.strip() for cell in cells) or cells[0].lstrip().startswith("#"):
            continue
        called = [cell.strip().casefold() for cell in cells]
        if number == 1 and not PHONE.isdisjoint(called):
            names = ["phone" if name in PHONE else name for name in called]
        else:
            yield read_line(number, dict(zip(names, (cell.strip() for cell in cells), strict=False)))


def rows_of(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of each line, with its number.

    Raises:
        TornLineError: a line cannot be told from the next one; its number.
    """
    reader, number = csv.reader(lines, delimiter=delimiter), 0
    try:
        for cells in reader:
            number += 1
            if reader.line_num != number:
                raise TornLineError(number)
            yield number, cells
    except csv.Error:
        raise TornLineError(number + 1) from None


def read_line(number: int, cells: Mapping[str, str]) -> Line:
    """One line of the file."""
    phone = normalise(cells.get("phone"))
    if not isinstance(phone, str):
        return Line(number, why=phone.reason)
    scope = cells.get("scope", "").casefold() or None
    if scope not in {None, *SCOPES}:
        return Line(number, why="scope")
    try:
        since = moment(cells.get("since", ""))
    except ValueError:
        return Line(number, why="since")
    return Line(number, phone, scope, cells.get("reason") or None, since)


def moment(text: str) -> datetime | None:
    """A moment with its offset, or none.

    Raises:
        ValueError: it is neither.
    """
    found = datetime.fromisoformat(text) if text else None
    if found is not None and found.tzinfo is None:
        raise ValueError("a moment needs its offset")
    return found
