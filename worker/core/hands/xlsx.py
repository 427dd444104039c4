"""The first sheet of an XLSX workbook as rows of texts, as a spreadsheet shows them."""

import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from io import BytesIO
from typing import Final
from xml.etree.ElementTree import Element, ParseError, fromstring

BEGINNING: Final = b"PK\x03\x04"
#: A part that unpacks to more is no list of people.
PART_MAX = 32 * 1024 * 1024
COLUMNS_MAX = 200
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
#: Formats of days and hours that have a number of their own, and what the others hold outside of quotes.
DATED: Final = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
OF_DAYS = re.compile("[ymdhs]", re.IGNORECASE)
FIRST_DAY, FIRST_DAY_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 (a day without a zone)
ADDRESS = re.compile("([A-Z]{1,3})[0-9]+")
#: More digits than a double holds.
EXACT = 10**15


BROKEN = (
    *(zipfile.BadZipFile, ParseError, KeyError, IndexError, ValueError, OverflowError),
    *(NotImplementedError, RuntimeError, StopIteration, EOFError),
)


class BadWorkbookError(ValueError):
    """It is no workbook that we can read; the text says why."""


def rows_of(workbook: bytes) -> Iterator[tuple[int, Sequence[str]]]:
    """The rows that hold anything, with their numbers.

    Raises:
        BadWorkbookError: it is none, or too large, or broken.
    """
    try:
        with zipfile.ZipFile(BytesIO(workbook)) as parts:
            book = part(parts, "xl/workbook.xml")
            shared = [text_of(item) for item in optional(parts, "xl/sharedStrings.xml").iter(f"{MAIN}si")]
            dated = dated_styles(optional(parts, "xl/styles.xml"))
            sheet = part(parts, first_sheet(book, part(parts, "xl/_rels/workbook.xml.rels")))
            flags = book.find(f"{MAIN}workbookPr")
            first_day = FIRST_DAY_1904 if flags is not None and flags.get("date1904") in {"1", "true"} else FIRST_DAY
            for nth, row in enumerate(sheet.iter(f"{MAIN}row"), 1):
                cells = cells_of(row, shared, dated, first_day)
                if any(cell.strip() for cell in cells):
                    yield int(row.get("r") or nth), cells
    except BadWorkbookError:
        raise
    except BROKEN as error:
        raise BadWorkbookError("it is no workbook that can be read: save it as .xlsx or .csv again") from error


def part(parts: zipfile.ZipFile, name: str) -> Element:
    if parts.getinfo(name).file_size > PART_MAX:
        raise BadWorkbookError("it is too large: send it in parts")
    raw = parts.read(name)
    if b"<!DOCTYPE" in raw or b"\0" in raw:
        raise BadWorkbookError("it is written as no spreadsheet writes: save it as .xlsx again")
    return fromstring(raw)  # noqa: S314 (without a DOCTYPE there are no entities)


def optional(parts: zipfile.ZipFile, name: str) -> Element:
    return part(parts, name) if name in parts.namelist() else Element("none")


def first_sheet(book: Element, relations: Element) -> str:
    """The name of the part that holds the first sheet."""
    sheet = next(book.iter(f"{MAIN}sheet"))
    wanted = sheet.get(RELATION)
    target = next(relation.get("Target", "") for relation in relations if relation.get("Id") == wanted)
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def dated_styles(styles: Element) -> frozenset[int]:
    """The styles whose numbers are days."""
    own = styles.iter(f"{MAIN}numFmt")
    written = {int(item.get("numFmtId", "0")): QUOTED.sub("", item.get("formatCode", "")) for item in own}
    formats = next(styles.iter(f"{MAIN}cellXfs"), Element("none"))
    return frozenset(
        nth
        for nth, item in enumerate(formats)
        if (number := int(item.get("numFmtId", "0"))) in DATED or OF_DAYS.search(written.get(number, ""))
    )


def cells_of(row: Element, shared: Sequence[str], dated: frozenset[int], first_day: datetime) -> Sequence[str]:
    cells: dict[int, str] = {}
    for nth, cell in enumerate(row.iter(f"{MAIN}c")):
        match = ADDRESS.fullmatch(cell.get("r", ""))
        column = number_of(match[1]) if match else nth
        if column < COLUMNS_MAX:
            cells[column] = value_of(cell, shared, dated, first_day)
    return [cells.get(column, "") for column in range(max(cells, default=-1) + 1)]


def value_of(cell: Element, shared: Sequence[str], dated: frozenset[int], first_day: datetime) -> str:
    written = cell.findtext(f"{MAIN}v") or ""
    match cell.get("t", "n"):
        case "s":
            return shared[int(written)]
        case "inlineStr":
            return text_of(cell)
        case "n" if written:
            if int(cell.get("s", "0")) in dated:
                return day_of(float(written), first_day)
            return number_text(written)
        case _:
            return written


def text_of(item: Element) -> str:
    """The runs of a text; how it is read aloud is left out."""
    texts = (child for child in item.iter() if child.tag in {f"{MAIN}t", f"{MAIN}rPh"})
    skipped = {id(text) for reading in item.iter(f"{MAIN}rPh") for text in reading.iter(f"{MAIN}t")}
    return "".join(text.text or "" for text in texts if text.tag == f"{MAIN}t" and id(text) not in skipped)


def number_text(written: str) -> str:
    """`380671234567`, which a workbook may write as 3.80671234567E11."""
    number = float(written)
    if number.is_integer() and abs(number) < EXACT:
        return str(int(number))
    return f"{number:.10g}" if "e" in written.lower() else written


def day_of(number: float, first_day: datetime) -> str:
    moment = first_day + timedelta(seconds=round(number * 86_400))
    if number < 1:
        return f"{moment:%H:%M}"
    return f"{moment:%d.%m.%Y}" if moment.time() == datetime.min.time() else f"{moment:%d.%m.%Y %H:%M}"


def number_of(letters: str) -> int:
    """A is 0, AA is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def letters_of(column: int) -> str:
    """0 is A, 26 is AA."""
    letters, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
