"""The people of a command: phones that were typed, or a table in CSV or XLSX."""

import sys
from collections.abc import Collection, Sequence
from pathlib import Path

from worker.cli.terminal import echo, phone_given, stop
from worker.cli.text_file import STDIN
from worker.core.hands.people import Addressee, People
from worker.core.hands.people_file import NoTableError, people_of_file
from worker.language import _

#: Faults that are listed one by one.
SHOWN = 20
#: A larger file is no list of people.
FILE_MAX = 64 * 1024 * 1024


def typed_people(phones: Sequence[str]) -> People:
    addressees: dict[str, Addressee] = {}
    for nth, text in enumerate(phones, 1):
        phone = phone_given(text, "--to")
        addressees.setdefault(phone, Addressee(nth, phone))
    return People(list(addressees.values()), [])


def people_in(file: Path, shortcodes: Collection[str]) -> People:
    """Read a table; the end of the command where it is none."""
    try:
        if file != STDIN and file.stat().st_size > FILE_MAX:
            raise stop(_("{file}: it is too large: send it in parts.", file=file))
        raw = sys.stdin.buffer.read() if file == STDIN else file.read_bytes()
        return people_of_file(raw, shortcodes)
    except OSError as error:
        raise stop(
            _("{file}: it cannot be read ({why}).", file=file, why=error.strerror or type(error).__name__)
        ) from None
    except NoTableError as error:
        raise stop(f"{file}: {error}.") from None


def show_faults(people: People) -> None:
    if people.unread:
        echo(_("Columns that nobody reads: {names}.", names=", ".join(people.unread)))
    for fault in people.faults[:SHOWN]:
        echo(
            _("{cell}: {problem}; this row is left out.", cell=f"{fault.cell} ({fault.column})", problem=fault.problem)
        )
    if len(people.faults) > SHOWN:
        echo(_("More wrong cells, which --json lists: {count}.", count=len(people.faults) - SHOWN))
