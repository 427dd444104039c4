"""`perfectum-sms history export`: texts and what became of them, for a spreadsheet."""

import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.progress import Progress

from worker.cli.connections import ledger
from worker.cli.hands.filter_options import Filters, filter_of, warn_of
from worker.cli.hands.filtered import with_filters
from worker.cli.history.entry_view import exported
from worker.cli.history.out_file import insist_on_place, whole_file
from worker.cli.history.phones import Phones
from worker.cli.moments import localized, zone_name
from worker.cli.operator import operator_name
from worker.cli.period import zone_of
from worker.cli.terminal import Exit, Yes, console, echo, stop
from worker.cli.words import heading, word
from worker.core.history.filters import Filter
from worker.language import _, ngettext
from worker.steps.history.export import export as write_all
from worker.steps.history.phones_seen import note_phones
from worker.steps.history.sheets import Cell, CsvSheet, Sheet, XlsxSheet
from worker.store.db.postgres import Connection
from worker.store.db.session import LOOKUPS
from worker.store.history.entries import HistoryEntry
from worker.store.history.matching import count

COLUMNS = (
    *("id", "created", "account", "trigger", "whom", "phone", "channel", "state", "why", "reported", "price"),
    *("segments", "text", "recipient", "client", "record", "event"),
)
MOMENTS = ("created", "reported")
EPOCH = datetime.fromtimestamp(0, UTC)

Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="FILE", dir_okay=False, help="As its name ends: .xlsx or .csv; else CSV here."),
]
Separator = Annotated[Literal[",", ";"], typer.Option(help="Between cells of CSV; Excel in Ukrainian expects ;.")]


@with_filters()
def export(
    *,
    filters: Filters,
    out: Out = None,
    separator: Separator = ",",
    phones: Phones = False,
    yes: Yes = False,
) -> None:
    """Export texts and what became of them: to Excel, or as CSV; all that the filters find, the newest first.

    No cell is a formula, and phones stay as they are: in CSV an apostrophe stands before what a spreadsheet would
    calculate. Phones are masked without `--phones`. A file that is there is replaced once the new one is whole.

    - `perfectum-sms history export --account demo --client 5 --phones --out letters.xlsx`
    - `perfectum-sms history export --account demo --since 2026-11-01 --search рахунок > letters.csv`
    """
    insist_on_file(out, yes=yes)
    with ledger(session=LOOKUPS) as connection:
        wanted = filter_of(connection, filters)
        if phones:
            note_phones(connection, operator_name(), "history export", wanted)
            connection.commit()
        zone = zone_of(connection, wanted.account)
        with progress(connection, wanted) as on_rows, sheet_of(out, headings(zone), separator) as sheet:
            done = write_all(connection, wanted, sheet, partial(cells, zone=zone, phones=phones), on_rows=on_rows)
    warn_of(done.unsearched, zone)
    echo(ngettext("{count} text was exported.", "{count} texts were exported.", done.rows))


def insist_on_file(out: Path | None, *, yes: bool) -> None:
    if out is None:
        return
    if out.suffix.lower() not in {".xlsx", ".csv"}:
        raise stop(_("--out: {file} ends neither in .xlsx nor in .csv.", file=out), Exit.USAGE)
    insist_on_place(out, yes=yes)


def headings(zone: tzinfo) -> list[str]:
    """Moments say their zone, which their cells do not."""
    name = zone_name(localized(EPOCH, zone))
    return [f"{heading(column)} ({name})" if column in MOMENTS else heading(column) for column in COLUMNS]


def cells(entry: HistoryEntry, *, zone: tzinfo, phones: bool) -> list[Cell]:
    facts = exported(entry, zone, phones=phones)
    return [cell(column, facts[column], zone) for column in COLUMNS]


def cell(column: str, value: object, zone: tzinfo) -> Cell:
    match value:
        case datetime():
            return localized(value, zone)
        case None | int() | Decimal():
            return value
        case _:
            return word(column, value)


@contextmanager
def progress(connection: Connection, wanted: Filter) -> Generator[Callable[[int], object]]:
    """A bar for whoever waits at a terminal."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    with Progress(console=console(stderr=True), transient=True) as bar:
        task = bar.add_task(_("Exporting"), total=count(connection, wanted))
        yield lambda done: bar.update(task, completed=done)


@contextmanager
def sheet_of(out: Path | None, titles: Sequence[str], separator: str) -> Generator[Sheet]:
    """A sheet, whole in its place once it is closed."""
    if out is None:
        yield CsvSheet(sys.stdout, titles, separator=separator)
        return
    with whole_file(out) as part, ExitStack() as files:
        if out.suffix.lower() == ".csv":
            file = files.enter_context(part.open("w", newline="", encoding="utf-8"))
            sheet: Sheet = CsvSheet(file, titles, separator=separator, is_marked=True)
        else:
            sheet = XlsxSheet(part, titles)
        files.callback(sheet.abandon)
        yield sheet
        sheet.close()
