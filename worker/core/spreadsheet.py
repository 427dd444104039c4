"""Tables that people make and open in a spreadsheet: cells, delimiters, and how columns of phones are called."""

import re
from collections.abc import Collection, Mapping
from typing import Final

from worker.language import marked

DELIMITERS: Final = ",;\t"
#: Excel writes the delimiter above a table.
SEPARATOR = re.compile(r"sep=([,;\t])\s*", re.IGNORECASE)
#: Figures and signs behind a heading, as in `Телефон 2`.
TAIL = re.compile(r"[\s\d.:№_-]+$")
APOSTROPHES = str.maketrans(dict.fromkeys("’ʼ`", "'"))
#: What columns of phones are called, as `heading` folds it.
PHONE_HEADINGS: Collection[str] = frozenset(
    {
        *("phone", "phonenumber", "phone_number", "phone number", "number", "tel", "mobile"),
        *("телефон", "телефони", "номер", "номер телефону", "моб", "мобільний"),
        *("мобільний телефон", "номер телефона", "мобильный", "мобильный телефон"),
    }
)
#: Why a cell of phones has none.
NO_PHONE: Mapping[str, str] = {
    "no_phone": marked("holds no number"),
    "bad_phone": marked("is no number that could exist"),
    "landline": marked("is a landline or a service number, which gets no SMS"),
}
#: What a spreadsheet that reads CSV takes for the beginning of a formula; the wide ones are typed in Asia.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def defused(value: object) -> str:
    """A cell of CSV that no spreadsheet calculates: a text after an apostrophe stays as it is, and so does a phone."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def heading(cell: str) -> str:
    """What a column is called, without case, and without figures and signs behind."""
    return TAIL.sub("", cell.strip().casefold().translate(APOSTROPHES))


def is_separator(line: str) -> bool:
    """Whether a line is Excel's word on the delimiter, and no row."""
    return SEPARATOR.fullmatch(line.strip()) is not None


def delimiter_of(line: str) -> str:
    """The delimiter of a table by its first line that holds anything."""
    separator = SEPARATOR.fullmatch(line.strip())
    return separator[1] if separator else max(DELIMITERS, key=line.count)
