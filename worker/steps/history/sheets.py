"""Tables as files for a spreadsheet, row by row: however long they are, they take no more memory."""
# XlsxWriter leaves some of its arguments untyped.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

import csv
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Protocol, TextIO

from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from worker.core.spreadsheet import defused

Cell = str | int | Decimal | datetime | None
#: What a sheet of Excel holds, its heading included.
ROWS_MAX = 1_048_576
#: Columns are as wide as this many letters, by their headings.
WIDTH = 18


class Sheet(Protocol):
    def write(self, cells: Sequence[Cell]) -> None: ...

    def close(self) -> None: ...

    def abandon(self) -> None: ...


class CsvSheet:
    """Comma-separated values, none of which is a formula; `is_marked` tells Excel that they are UTF-8."""

    def __init__(self, file: TextIO, headings: Sequence[str], *, separator: str = ",", is_marked: bool = False) -> None:
        self._writer = csv.writer(file, delimiter=separator, lineterminator="\r\n")
        file.write("\ufeff" if is_marked else "")
        self.write(headings)

    def write(self, cells: Sequence[Cell]) -> None:
        self._writer.writerow(map(spelt, cells))

    def close(self) -> None:
        """The file is its owner's."""

    abandon = close


def spelt(cell: Cell) -> str:
    """A moment without its zone, which is the column's; a number as it is, be it negative."""
    match cell:
        case datetime():
            return f"{cell:%Y-%m-%d %H:%M:%S}"
        case int() | Decimal():
            return str(cell)
        case _:
            return defused(cell)


class XlsxSheet:
    """An Excel workbook: texts and phones are text whatever they begin with, moments and prices are numbers."""

    def __init__(self, path: Path, headings: Sequence[str]) -> None:
        self._book = Workbook(str(path), {"constant_memory": True, "tmpdir": str(path.parent)})
        self._bold = self._book.add_format({"bold": True})
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._headings = headings
        self._sheet = self._begun()
        self._row = 1

    def write(self, cells: Sequence[Cell]) -> None:
        if self._row == ROWS_MAX:
            self._sheet, self._row = self._begun(), 1
        for column, cell in enumerate(cells):
            match cell:
                case None:
                    pass
                case datetime():
                    self._sheet.write_datetime(self._row, column, cell.replace(tzinfo=None), self._moment)
                case int() | Decimal():
                    self._sheet.write_number(self._row, column, float(cell))
                case _:
                    self._sheet.write_string(self._row, column, cell)
        self._row += 1

    def close(self) -> None:
        """Put the file together; until then it is not there.

        Raises:
            OSError: the disk is full, or the file cannot be written.
        """
        try:
            self._book.close()
        except FileCreateError as error:
            raise OSError(str(error)) from error

    def abandon(self) -> None:
        """Leave it unfinished, as where the disk is full."""
        for sheet in self._book.worksheets():
            with suppress(OSError):
                sheet.row_data_fh.close()  # pyright: ignore[reportOptionalMemberAccess] constant memory has such a file

    def _begun(self) -> Worksheet:
        sheet = self._book.add_worksheet()
        sheet.freeze_panes(1, 0)
        for column, heading in enumerate(self._headings):
            sheet.set_column(column, column, max(WIDTH, len(heading)))
            sheet.write_string(0, column, heading, self._bold)
        return sheet
