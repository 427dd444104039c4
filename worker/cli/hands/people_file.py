"""The people of a command: phones that were typed, or a table in CSV or XLSX."""

import sys
from collections.abc import Collection, Sequence
from pathlib import Path

from worker.cli.terminal import Exit, echo, stop
from worker.cli.text_file import STDIN, UnreadableError, decoded
from worker.core.contract.phone import only_phone
from worker.core.hands.people import Addressee, NoColumnError, People, csv_rows, people_of
from worker.core.hands.xlsx import BEGINNING, BadWorkbookError, rows_of

#: Faults that are listed one by one.
SHOWN = 20
#: A larger file is no list of people.
FILE_MAX = 64 * 1024 * 1024


def typed_people(phones: Sequence[str]) -> People:
    addressees: dict[str, Addressee] = {}
    for nth, text in enumerate(phones, 1):
        try:
            phone = only_phone(text)
        except ValueError as error:
            raise stop(f"--to: {error}; write a mobile number, as 0671234567.", Exit.USAGE) from None
        addressees.setdefault(phone, Addressee(nth, phone))
    return People(list(addressees.values()), [])


def people_in(file: Path, shortcodes: Collection[str]) -> People:
    """Read a table; the end of the command where it is none."""
    try:
        if file != STDIN and file.stat().st_size > FILE_MAX:
            raise stop(f"{file}: it is too large: send it in parts.")
        raw = sys.stdin.buffer.read() if file == STDIN else file.read_bytes()
        rows = rows_of(raw) if raw.startswith(BEGINNING) else csv_rows(decoded(raw).text)
        return people_of(rows, shortcodes)
    except OSError as error:
        raise stop(f"{file}: {error.strerror or 'it cannot be read'}.") from None
    except UnreadableError:
        raise stop(f"{file}: no encoding makes a text of it: save it as CSV in UTF-8, or as .xlsx.") from None
    except (NoColumnError, BadWorkbookError) as error:
        raise stop(f"{file}: {error}.") from None


def show_faults(people: People) -> None:
    if people.unread:
        echo(f"Columns that nobody reads: {', '.join(people.unread)}.")
    for fault in people.faults[:SHOWN]:
        echo(f"{fault.cell} ({fault.column}) {fault.problem}: this row is left out.")
    if len(people.faults) > SHOWN:
        echo(f"{len(people.faults) - SHOWN} more cells are wrong: --json lists them all.")
