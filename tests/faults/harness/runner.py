"""Runs rows in sequence, each on a stage of its own."""

import time
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.faults.harness.environment import stage_of
from tests.faults.harness.row import Outcome, Result, Row
from tests.faults.harness.servers import Servers


def run_all(rows: Sequence[Row], *, seed: int, servers: Servers, folder: Path, quick: bool) -> Iterator[Outcome]:
    """The outcome of each, as it ends."""
    for row in rows:
        yield run(row, seed=seed, servers=servers, folder=folder / row.id.replace(" ", "_"), quick=quick)


def run(row: Row, *, seed: int, servers: Servers, folder: Path, quick: bool) -> Outcome:
    """Run a row; a row that breaks has failed, and the next is run all the same."""
    if row.run is None:
        return Outcome(row, seed)
    runs = row.quick if quick and row.quick is not None else row.full
    began = time.monotonic()
    try:
        with stage_of(row.id, seed=seed, servers=servers, folder=folder) as stage:
            result = row.run(stage, runs)
    except Exception as error:  # noqa: BLE001 (see the docstring)
        story = traceback.format_exception(error)[-3:]
        result = Result(runs=0, faults=tuple(line.strip() for text in story for line in text.splitlines()))
    return Outcome(row, seed, time.monotonic() - began, result)
