"""`python -m tests.faults`: breaks a whole system in every way of the matrix, and checks what came of it."""

import argparse
import secrets
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from deploy.services.processes import ending_on_signals
from tests.faults.harness.row import Outcome, Row
from tests.faults.harness.runner import run_all
from tests.faults.harness.servers import servers
from tests.faults.matrix import MATRIX
from tests.faults.verdict import report


def main(arguments: Sequence[str]) -> int:
    """Run what is asked for; 1 if any row is not as promised, 2 if there is no such row."""
    asked = read(arguments)
    rows = chosen(asked.only, quick=asked.quick)
    if not rows:
        echo(f"--only: none of {', '.join(row.id for row in MATRIX)}")
        return 2
    echo(f"seed {asked.seed}; replay with --seed {asked.seed}")
    began = time.monotonic()
    outcomes: list[Outcome] = []
    with ending_on_signals(), servers() as result, tempfile.TemporaryDirectory(prefix="sms-faults-") as address:
        folder = Path(asked.keep or address)
        for outcome in run_all(rows, seed=asked.seed, servers=result, folder=folder, quick=asked.quick):
            outcomes.append(outcome)
            echo(report.line(outcome))
    echo(f"\n{report.table(outcomes)}")
    report.write(outcomes, seed=asked.seed, seconds=time.monotonic() - began, is_quick=asked.quick)
    echo(f"{report.FILE} written after {time.monotonic() - began:.0f} s")
    return 0 if all(outcome.is_ok for outcome in outcomes) else 1


def read(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the subset of three minutes")
    parser.add_argument("--only", default="", help="rows or groups, as A4,C2 or D")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="replays a run")
    parser.add_argument("--keep", default="", help="a folder for the logs of our processes")
    return parser.parse_args(arguments)


def chosen(only: str, *, quick: bool) -> list[Row]:
    """The rows that are asked for: `A` is a group, `A6` a row with its variants, `A6 sendmulti` a variant."""
    asked = [text.strip() for text in only.split(",") if text.strip()]
    rows = [row for row in MATRIX if not asked or {row.group, row.id.split()[0], row.id} & set(asked)]
    return [row for row in rows if not quick or asked or row.quick is not None]


def echo(text: str) -> None:
    """A line on stdout, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
