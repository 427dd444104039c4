"""A table of people as other programs write it: who gets a text, with which values, and which cell is wrong."""

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import get_args

from worker.core.contract.data import RecipientKind
from worker.core.contract.fields import LANGUAGE
from worker.core.contract.phone import BadPhone, normalise, numbers_in
from worker.core.hands.xlsx import address
from worker.core.spreadsheet import NO_PHONE, PHONE_HEADINGS, delimiter_of, heading, is_separator
from worker.language import _

#: What columns are called, without brackets.
CALLED: Mapping[str, str] = {
    **dict.fromkeys(PHONE_HEADINGS, "phone"),
    **dict.fromkeys(("firstname", "first name", "first_name", "name", "ім'я", "імя", "имя", "контакт"), "firstname"),
    **dict.fromkeys(("lastname", "last name", "last_name", "surname", "прізвище", "фамилия"), "lastname"),
    **dict.fromkeys(("kind", "тип", "вид"), "kind"),
    **dict.fromkeys(("id", "код", "contact_id"), "id"),
    **dict.fromkeys(("locale", "language", "lang", "мова", "язык"), "locale"),
    **dict.fromkeys(("consent", "згода", "согласие"), "consent"),
}
YES = frozenset({"1", "yes", "true", "y", "+", "так", "є", "да"})
NO = frozenset({"", "0", "no", "false", "n", "-", "ні", "немає", "нет"})
PERSON_KINDS: tuple[str, ...] = tuple(sorted(get_args(RecipientKind)))
OUR_WORDS = frozenset({"consent", "kind", "locale"})

Row = tuple[int, Sequence[str]]


class NoColumnError(ValueError):
    """The table does not name what is needed; the text says what."""


@dataclass(frozen=True, slots=True)
class Addressee:
    """A person of the table; `values` are by shortcode, and `row` is where they stand."""

    row: int
    phone: str
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    consent: bool | None = None


@dataclass(frozen=True, slots=True)
class CellFault:
    """What is wrong with a cell, as `B3`; its row is left out."""

    cell: str
    column: str
    problem: str


@dataclass(frozen=True, slots=True)
class People:
    """What a table holds; `unread` are columns that nobody asks for."""

    addressees: Sequence[Addressee]
    faults: Sequence[CellFault]
    unread: Sequence[str] = ()

    @property
    def left_out(self) -> int:
        """Rows of which nobody gets anything."""
        return len({fault.cell.strip(ascii_uppercase) for fault in self.faults})


def csv_rows(text: str) -> Iterator[Row]:
    """The lines of CSV that hold anything, with their numbers.

    Raises:
        NoColumnError: a quotation mark has no other half.
    """
    lines = text.splitlines(keepends=True)
    first, head = next(((number, line) for number, line in enumerate(lines, 1) if line.strip()), (0, ""))
    passed_over = first if is_separator(head) else 0
    reader = csv.reader(lines, delimiter=delimiter_of(head))
    try:
        for cells in reader:
            if reader.line_num > passed_over and any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise NoColumnError(f"line {reader.line_num}: {error}") from None


def people_of(rows: Iterable[Row], shortcodes: Collection[str]) -> People:
    """Read people; a column named as a shortcode holds its values. Who stands twice gets one text.

    Raises:
        NoColumnError: no column holds phones.
    """
    lines = iter(rows)
    first = next(lines, None)
    if first is None:
        raise NoColumnError(_("it is empty"))
    names = names_of(first[1], shortcodes)
    if names is None:
        names, body = ["phone"], [first, *lines]
    else:
        body = list(lines)
    unread = [head.strip() for head, name in zip(first[1], names, strict=False) if not name and head.strip()]
    addressees: list[Addressee] = []
    faults: list[CellFault] = []
    rows_by_phone: dict[str, int] = {}
    for number, cells in body:
        read = read_row(number, names, dict(zip_cells(names, cells)), shortcodes)
        if isinstance(read, Addressee) and read.phone in rows_by_phone:
            column = names.index("phone")
            twice = _("stands in row {row} already", row=rows_by_phone[read.phone])
            faults.append(CellFault(address(column, number), "phone", twice))
        elif isinstance(read, Addressee):
            rows_by_phone[read.phone] = number
            addressees.append(read)
        else:
            faults += read
    return People(addressees, faults, unread)


def names_of(head: Sequence[str], shortcodes: Collection[str]) -> list[str] | None:
    """What the columns are, "" for those that nobody reads; None where the first row is a phone already."""
    names = [name_of(cell, shortcodes) for cell in head]
    if "phone" in names:
        return names
    if len([cell for cell in head if cell.strip()]) == 1 and numbers_in(head[0]).usable:
        return None
    columns = ", ".join(cell.strip() for cell in head)[:200]
    raise NoColumnError(_("no column is called phone or телефон: its first row says {columns}", columns=columns))


def name_of(cell: str, shortcodes: Collection[str]) -> str:
    text = cell.strip().strip("{}")
    code = text.casefold()
    return code if code in shortcodes else CALLED.get(heading(text), "")


def zip_cells(names: Sequence[str], cells: Sequence[str]) -> Iterator[tuple[str, tuple[int, str]]]:
    """The first cell of each name that holds anything."""
    seen: set[str] = set()
    for column, (name, cell) in enumerate(zip(names, cells, strict=False)):
        if name and cell.strip() and name not in seen:
            seen.add(name)
            yield name, (column, cell.strip())


def read_row(
    number: int, names: Sequence[str], cells: Mapping[str, tuple[int, str]], shortcodes: Collection[str]
) -> Addressee | list[CellFault]:
    faults = [
        CellFault(address(cells[name][0] if name in cells else names.index(name), number), name, problem)
        for name, problem in problems(cells)
    ]
    if faults:
        return faults
    given = in_our_case({name: value for name, (_column, value) in cells.items()})
    phone = normalise(given["phone"])
    consent = given.get("consent")
    return Addressee(
        number,
        str(phone),
        {name: value for name, value in given.items() if name in {"kind", "id", "firstname", "lastname", "locale"}},
        {name: value for name, (_column, value) in cells.items() if name in shortcodes},
        None if consent is None else consent in YES,
    )


def in_our_case(given: Mapping[str, str]) -> Mapping[str, str]:
    """With words that only we read in lower case, as `Так`, `UK`."""
    return {name: value.casefold() if name in OUR_WORDS else value for name, value in given.items()}


def problems(cells: Mapping[str, tuple[int, str]]) -> Iterator[tuple[str, str]]:
    given = in_our_case({name: value for name, (_column, value) in cells.items()})
    phone = normalise(given.get("phone"))
    if isinstance(phone, BadPhone):
        yield "phone", _(NO_PHONE[phone.reason])
    elif len(numbers_in(given["phone"]).usable) > 1:
        yield "phone", _("holds several numbers: give one")
    if given.get("consent", "") not in YES | NO:
        yield "consent", _("is neither yes nor no (так, ні)")
    if given.get("kind", PERSON_KINDS[0]) not in PERSON_KINDS:
        yield "kind", _("is none of {kinds}", kinds=", ".join(PERSON_KINDS))
    elif "kind" in given and "id" not in given:
        yield "kind", _("needs an id beside it")
    if not re.match(LANGUAGE, given.get("locale", "uk")):
        yield "locale", _("is no code of a language, such as uk or en")
