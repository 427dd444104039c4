"""A file of phones, one on a line or in a column of CSV, as other programs write them."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, zip_longest
from types import MappingProxyType

from worker.core.contract.phone import BadPhone, normalise, numbers_in
from worker.core.planning.suppression import ALL, MARKETING, SCOPES
from worker.core.spreadsheet import NO_PHONE, PHONE_HEADINGS, delimiter_of, heading, is_separator
from worker.language import marked

#: What our columns are called.
CALLED: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(PHONE_HEADINGS, "phone"),
        **dict.fromkeys(("scope", "обсяг"), "scope"),
        **dict.fromkeys(("reason", "comment", "note", "причина", "коментар", "примітка"), "reason"),
        **dict.fromkeys(("комментарий", "примечание"), "reason"),
        "since": "since",
    }
)
#: Columns of `suppression export` that an import does not need.
OURS = frozenset({"source", "added_by"})
SCOPE_LABELS: Mapping[str, str] = MappingProxyType(
    {
        **{scope: scope for scope in SCOPES},
        **dict.fromkeys(("все", "усе", "всё"), ALL),
        **dict.fromkeys(("реклама", "рекламу", "маркетинг"), MARKETING),
    }
)
DATED = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b.*", re.ASCII)
WHY = {
    **NO_PHONE,
    "scope": marked("scope is none of {scopes}"),
    "since": marked("since is no moment such as 2026-11-23T10:15:00+02:00"),
}


class TornLineError(Exception):
    """A quotation mark without its other half on a line: the lines after it would be lost in one cell."""


class StrangeColumnsError(Exception):
    """The first line names columns, and no phone among them: their names."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its phones in E.164 form and what is beside them, or why it cannot be read (a key of WHY).

    `others` counts numbers that could not be used beside those that could; `unread` are columns that nobody reads.
    """

    number: int
    phones: tuple[str, ...] = ()
    scope: str | None = None
    reason: str | None = None
    since: datetime | None = None
    why: str | None = None
    others: int = 0
    unread: tuple[str, ...] = ()


def read_list(text: Iterable[str]) -> Iterator[Line]:
    """Every line that is not blank and no comment (#). A first line that names its columns has no phone and no fault.

    Raises:
        TornLineError: it cannot be separated from the next line; its number.
        StrangeColumnsError: nobody knows where the phones are.
    """
    lines = iter(text)
    skipped, first = opening(lines)
    names: Sequence[str] | None = None
    for number, cells in rows_of(chain(skipped, [first], lines), delimiter_of(first)):
        is_blank = not any(cell.strip() for cell in cells)
        if is_blank or cells[0].lstrip().startswith("#") or (number == len(skipped) + 1 and is_separator(first)):
            continue
        if names is None:
            names = columns(cells)
            if names:
                yield Line(number, unread=tuple(unread(cells, names)))
                continue
        yield read_line(number, beside(cells, names))


def opening(lines: Iterator[str]) -> tuple[list[str], str]:
    """The lines before the first with content, and that one, which shows the delimiter."""
    skipped: list[str] = []
    for line in lines:
        if line.strip() and not line.lstrip().startswith("#"):
            return skipped, line
        skipped.append(line)
    return skipped, ""


def columns(cells: Sequence[str]) -> Sequence[str]:
    """What the cells of a first line call their columns, in our words and "" for others; nothing if it names none."""
    names = [CALLED.get(heading(cell), "") for cell in cells]
    if "phone" in names:
        return names
    if len(cells) > 1 and not any(char.isdecimal() for cell in cells for char in cell):
        raise StrangeColumnsError(", ".join(cell.strip() for cell in cells))
    return ()


def unread(cells: Sequence[str], names: Sequence[str]) -> Iterator[str]:
    for cell, name in zip(cells, names, strict=True):
        if not name and cell.strip() and cell.strip().casefold() not in OURS:
            yield cell.strip()


def beside(cells: Sequence[str], names: Sequence[str]) -> Mapping[str, list[str]]:
    """The cells of a line by column; those of no named one, and a phone among the reasons, are placed by their look."""
    cells_of: dict[str, list[str]] = {name: [] for name in CALLED.values()}
    for cell, name in zip_longest(cells, names or ()):
        if cell and cell.strip():
            is_plain = name is None or (name == "reason" and is_phone_alone(cell))
            cells_of.setdefault(looked(cell) if is_plain else name or "", []).append(cell.strip())
    return cells_of


def is_phone_alone(cell: str) -> bool:
    return bool(numbers_in(cell).usable) and not any(map(str.isalpha, cell))


def looked(cell: str) -> str:
    text = cell.strip()
    if text.casefold() in SCOPE_LABELS:
        return "scope"
    if DATED.fullmatch(text):
        return "since" if is_moment(text) else "reason"
    numbers = numbers_in(text)
    return "phone" if numbers.usable or numbers.others else "reason"


def rows_of(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader, number = csv.reader(lines, delimiter=delimiter), 0
    try:
        for cells in reader:
            number += 1
            if reader.line_num != number:
                raise TornLineError(number)
            yield number, cells
    except csv.Error:
        raise TornLineError(number + 1) from None


def read_line(number: int, cells: Mapping[str, Sequence[str]]) -> Line:
    # A comma ends a number: two cells never make one.
    phones = ", ".join(cells["phone"])
    numbers = numbers_in(phones)
    if not numbers.usable:
        phone = normalise(phones)
        return Line(number, why=phone.reason if isinstance(phone, BadPhone) else "bad_phone")
    scope = next(iter(cells["scope"]), "").casefold()
    if scope and scope not in SCOPE_LABELS:
        return Line(number, why="scope")
    since = next(iter(cells["since"]), "")
    if since and not is_moment(since):
        return Line(number, why="since")
    return Line(
        number,
        numbers.usable,
        SCOPE_LABELS.get(scope),
        "; ".join(cells["reason"]) or None,
        datetime.fromisoformat(since) if since else None,
        others=numbers.others,
    )


def is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
