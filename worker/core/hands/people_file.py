"""The people of a table, in CSV or XLSX, as the bytes of a file."""

from collections.abc import Collection

from worker.core.file_text import UnreadableError, decoded
from worker.core.hands.people import NoColumnError, People, csv_rows, people_of
from worker.core.hands.xlsx import BEGINNING, BadWorkbookError, rows_of
from worker.language import _


class NoTableError(ValueError):
    """It is no table of people; the text says why, and the fix."""


def people_of_file(raw: bytes, shortcodes: Collection[str]) -> People:
    """Read a table.

    Raises:
        NoTableError: it is none.
    """
    try:
        rows = rows_of(raw) if raw.startswith(BEGINNING) else csv_rows(decoded(raw).text)
        return people_of(rows, shortcodes)
    except UnreadableError:
        raise NoTableError(_("no encoding makes a text of it: save it as CSV in UTF-8, or as .xlsx")) from None
    except (NoColumnError, BadWorkbookError) as error:
        raise NoTableError(str(error)) from None
