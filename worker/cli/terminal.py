"""What the command prints and how: results on stdout, sentences on stderr, an exit code that means something."""

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from enum import IntEnum
from typing import Annotated, Any, TypeVar

import orjson
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from worker.core.authoring.template_scope import nearest
from worker.core.contract.phone import masked
from worker.logs.redaction import visible

T = TypeVar("T")
#: Wide enough that nothing is cut where no terminal sets a width.
WIDTH_OF_A_PIPE = 200
CELL_MAX = 400
TEXT_SHOWN = 60
#: Columns that may break lines; ids and moments stay whole, to be copied.
PROSE = frozenset(
    {"detail", "fix", "label", "means", "name", "outcome", "problem", "recipients", "text", "when", "whom"}
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON: stable keys, ISO times.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


class Exit(IntEnum):
    """Exit codes, as the help lists them; 2 is Click's."""

    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    AWAY = 4


def group(purpose: str) -> typer.Typer:
    """Commands of one room, with what they are for."""
    return typer.Typer(no_args_is_help=True, rich_markup_mode="markdown", help=purpose)


def echo(text: str) -> None:
    console(stderr=True).print(Text(visible(text)), soft_wrap=True)


def stop(text: str, code: Exit = Exit.FAILED) -> typer.Exit:
    """Print why, and return the exit to be raised."""
    echo(text)
    return typer.Exit(code)


def emit(value: object) -> None:
    option = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS | orjson.OPT_APPEND_NEWLINE
    sys.stdout.write(orjson.dumps(value, option=option, default=str).decode())


def show(rows: Sequence[Mapping[str, Any]], *, as_json: bool, empty: str, columns: Sequence[str] = ()) -> None:
    """Rows as JSON, or as a table of these columns (all, if none are named); an empty table names the next step."""
    if as_json:
        emit(rows)
        return
    if not rows:
        echo(empty)
        return
    names = columns or list(rows[0])
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in names:
        table.add_column(name.replace("_", " "), overflow="fold", no_wrap=name not in PROSE)
    for row in rows:
        table.add_row(*(cell(row[name]) for name in names))
    console().print(table)


def sheet(row: Mapping[str, Any]) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in row.items():
        table.add_row(name.replace("_", " "), cell(value))
    console().print(table)


def cell(value: object) -> Text:
    """A value as people read it; whatever it holds, it cannot draw on the terminal."""
    if value is None:
        return Text("-", style="dim")
    if hasattr(value, "isoformat"):
        return Text(f"{value:%Y-%m-%d %H:%M:%S}" if hasattr(value, "hour") else str(value))
    text = visible(str(value))
    return Text(text if len(text) <= CELL_MAX else text[:CELL_MAX] + "…")


def console(*, stderr: bool = False) -> Console:
    """Rich obeys NO_COLOR and writes no colours into a pipe by itself."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else WIDTH_OF_A_PIPE
    return Console(file=stream, width=width, highlight=False)


def shortened(text: str) -> str:
    return text if len(text) <= TEXT_SHOWN else text[:TEXT_SHOWN] + "…"


def changes(was: Mapping[str, object], now: Mapping[str, object]) -> list[str]:
    return [f"{name}: was {was[name]}, is {now[name]} now" for name in was if was[name] != now[name]]


def suggestion(name: str, known: Iterable[str], otherwise: str) -> str:
    near = nearest(name, known)
    return f"did you mean {near}?" if near else otherwise


def phone_cell(phone: str | None) -> str | None:
    return masked(phone) if phone else None


def format_price(price: Decimal) -> str:
    """`0.95`, and no more figures than it needs."""
    return f"{price.normalize():f}"


def as_parameter(parse: Callable[[str], T]) -> Callable[[str], T]:
    """Let typer show the sentence of a parser that raises ValueError."""

    def parsed(text: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None

    return parsed


def has_terminal() -> bool:
    return sys.stdin.isatty()


def agree(question: str, *, yes: bool) -> None:
    """Ask before something that cannot be taken back; without a terminal --yes must be given."""
    if yes:
        return
    if not has_terminal():
        raise stop(f"{question} Repeat with --yes.", Exit.USAGE)
    typer.confirm(question, abort=True, err=True)
