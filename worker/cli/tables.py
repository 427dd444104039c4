"""Rows as people read them: a table where the terminal is wide enough, else a card for each row.

Ids and moments are never cut, so that they can be copied; prose breaks its lines. A code is shown as a word.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from worker.cli.moments import Zones, localized, shown, without_zone, zone_name
from worker.cli.words import heading, word
from worker.logs.redaction import visible

Row = Mapping[str, Any]

CELL_MAX = 400
#: Columns that may break their lines.
PROSE = frozenset(
    {
        "after", "balance", "before", "detail", "fix", "label", "means", "name", "outcome", "problem", "reason",
        "recipients", "text", "when", "whom", "why", "texts", "paused", "sample", "waits_for", "spent_today",
    }
)  # fmt: skip
#: A column of prose is not read where it is narrower; below so many columns in all cards are read better.
PROSE_MIN, TABLE_MIN = 30, 120
#: Rows with so few columns are a table on any terminal that holds them.
FEW = 4
GAP = 2


def drawn(rows: Sequence[Row], names: Sequence[str], *, width: int, zones: Zones | None = None) -> RenderableType:
    """A table of these columns, or cards where it would not be readable."""
    local = [{name: localized_cell(row, name, zones) for name in names} for row in rows]
    zone_names = {name: only_zone([row[name] for row in local]) for name in names}
    cells = {name: [cell(row[name], name, has_zone=not zone_names[name]) for row in local] for name in names}
    titles = {name: f"{heading(name)}\n{zone}" if zone else heading(name) for name, zone in zone_names.items()}
    needed = sum(width_of(name, titles[name], cells[name]) + GAP for name in names) - GAP
    if needed <= width and (width >= TABLE_MIN or len(names) <= FEW):
        return table(titles, cells)
    return Group(*(line for number, row in enumerate(local) for line in ([Text()] if number else []) + card(row)))


def localized_cell(row: Row, name: str, zones: Zones | None) -> object:
    value = row[name]
    return localized(value, zones, row.get("account")) if isinstance(value, datetime) else value


def only_zone(values: Sequence[object]) -> str | None:
    """The zone of all the moments of a column, which its heading says; where there are several, each cell does."""
    names = {zone_name(value) for value in values if isinstance(value, datetime)}
    return names.pop() if len(names) == 1 else None


def width_of(name: str, title: str, cells: Sequence[Text]) -> int:
    """What a column needs at least."""
    widest = max(cell_len(line) for text in (title, *(cell.plain for cell in cells)) for line in text.split("\n"))
    return min(widest, PROSE_MIN) if name in PROSE else widest


def table(titles: Mapping[str, str], cells: Mapping[str, list[Text]]) -> Table:
    drawn_table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, GAP, 0, 0))
    for name, text in titles.items():
        is_prose = name in PROSE
        least = width_of(name, text, cells[name])
        drawn_table.add_column(text, overflow="fold", no_wrap=not is_prose, min_width=least)
    for line in zip(*cells.values(), strict=True):
        drawn_table.add_row(*line)
    return drawn_table


def card(row: Row) -> list[RenderableType]:
    """A row as lines: its first column, which names it, then each of the others with its heading."""
    (first, value), *rest = row.items()
    head = Text.assemble((f"{heading(first)} ", "dim"), (cell(value, first).plain, "bold"))
    if not rest:
        return [head]
    return [head, lines({name: value for name, value in rest if value is not None and str(value)}, indent=2)]


def lines(fields: Row, *, indent: int = 0) -> Table:
    """Names and values below each other; a long value breaks its lines beside its name."""
    grid = Table.grid(padding=(0, GAP, 0, 0))
    grid.add_column(style="bold" if not indent else "dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in fields.items():
        grid.add_row(" " * indent + heading(name), cell(value, name))
    return grid


def cell(value: object, name: str = "", *, has_zone: bool = True) -> Text:
    """A value as people read it; whatever it holds, it cannot draw on the terminal."""
    if value is None:
        return Text("-", style="dim")
    if isinstance(value, datetime):
        return Text(shown(value) if has_zone else without_zone(value))
    if isinstance(value, date):
        return Text(value.isoformat())
    text = visible(word(name, value))
    return Text(text if len(text) <= CELL_MAX else text[:CELL_MAX] + "…")
