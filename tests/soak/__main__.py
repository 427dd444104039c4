"""`python -m tests.soak`: a load that lasts, with everything beside it; whether anything grows, is lost or doubled."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from deploy.services.processes import ending_on_signals
from tests.bench.figures import report
from tests.bench.servers import servers
from tests.bench.stage import Layout
from tests.soak.figures import FILE, table, write
from tests.soak.run import soaked
from tests.soak.stage import stage_of

INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """0 if nothing grows, is lost or doubled; 1 if anything does; 130 if it was interrupted. One report either way."""
    asked = read(arguments)
    with ending_on_signals(), tempfile.TemporaryDirectory(prefix="sms-soak-") as address, servers(own=True) as pair:
        folder, layout = Path(asked.keep or address), Layout()
        folder.mkdir(parents=True, exist_ok=True)
        head = report.of_machine(pair, layout)
        with stage_of(pair, layout, folder) as stage:
            run = soaked(stage, asked.minutes, asked.pace, echo)
            # At once: whatever happens while all of it ends.
            written = write(run, head, Path(asked.report))
    echo("\n".join([*table(run), *(f"{path} written" for path in written), f"soak: {run.verdict}"]))
    return INTERRUPTED if not run.is_whole else int(not run.is_good)


def read(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--pace", type=float, default=0.0, help="events a second; else half of the peak measured first")
    parser.add_argument("--keep", default="", help="a folder for the logs of all processes")
    parser.add_argument("--report", default=str(FILE), help="and the chart beside it, .svg")
    return parser.parse_args(arguments)


def echo(text: str) -> None:
    """A line on stdout, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
