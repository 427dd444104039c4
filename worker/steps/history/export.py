"""Writes a history into a sheet, a page at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from worker.core.history.filters import Filter
from worker.core.unsearched import Unsearched, joined
from worker.steps.history.sheets import Cell, Sheet
from worker.store.db.postgres import Connection
from worker.store.history.entries import HistoryEntry, pages


@dataclass(frozen=True, slots=True)
class Exported:
    """How many rows were written, and what a search has left out."""

    rows: int
    unsearched: Unsearched | None


def export(
    connection: Connection,
    wanted: Filter,
    sheet: Sheet,
    cells_of: Callable[[HistoryEntry], Sequence[Cell]],
    *,
    on_rows: Callable[[int], object] = lambda _: None,
) -> Exported:
    """Write what a filter asks for, the newest first; `on_rows` hears how far it is.

    Each page is a transaction of its own: however long it takes, it keeps nothing from others.
    """
    count, unsearched = 0, None
    for part in pages(connection, wanted):
        for entry in part.entries:
            sheet.write(cells_of(entry))
        connection.commit()
        count += len(part.entries)
        unsearched = joined(unsearched, part.unsearched)
        on_rows(count)
    return Exported(count, unsearched)
