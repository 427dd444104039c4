"""The first sheet of an XLSX workbook as rows of texts, as a spreadsheet shows them."""

import warnings
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime, time
from io import BytesIO
from typing import Final

BEGINNING: Final = b"PK\x03\x04"
#: A part that unpacks to more is no list of people.
PART_MAX = 32 * 1024 * 1024
COLUMNS_MAX = 200


class BadWorkbookError(ValueError):
    """It is no workbook that we can read; the text says why."""


def rows_of(workbook: bytes) -> Iterator[tuple[int, Sequence[str]]]:
    """The rows that hold anything, with their numbers.

    Raises:
        BadWorkbookError: it is none, or too large, or broken.
    """
    try:
        yield from read(workbook)
    except BadWorkbookError:
        raise
    except Exception as error:
        # What a stranger's file makes the library raise has no end.
        raise BadWorkbookError("it is no workbook that can be read: save it as .xlsx or .csv again") from error


def read(workbook: bytes) -> Iterator[tuple[int, Sequence[str]]]:
    # Its import takes longer than most commands, which read no workbook.
    from openpyxl import load_workbook  # noqa: PLC0415

    with zipfile.ZipFile(BytesIO(workbook)) as parts:
        if any(part.file_size > PART_MAX for part in parts.infolist()):
            raise BadWorkbookError("it is too large: send it in parts")
    with warnings.catch_warnings(action="ignore"):
        sheet = load_workbook(BytesIO(workbook), read_only=True, data_only=True).worksheets[0]
    for number, row in enumerate(sheet.iter_rows(max_col=COLUMNS_MAX, values_only=True), 1):
        cells = [text_of(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        if any(cell.strip() for cell in cells):
            yield number, cells


def address(column: int, row: int) -> str:
    """`B3` is column 1 of row 3."""
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    return f"{get_column_letter(column + 1)}{row}"


def text_of(value: object) -> str:
    """`380671234567`, which a workbook may hold as 3.80671234567E11; days as people write them."""
    match value:
        case bool() | float() if value == int(value):
            return str(int(value))
        case float():
            return f"{value:.10g}"
        case datetime():
            return f"{value:%d.%m.%Y}" if value.time() == time.min else f"{value:%d.%m.%Y %H:%M}"
        case time():
            return f"{value:%H:%M}"
        case _:
            return "" if value is None else str(value)
