"""`python -m tests.bench.growth`: whether an event costs more when there is much of everything, one axis at a time."""

import argparse
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from deploy.services.processes import ending_on_signals
from tests.bench.figures import report
from tests.bench.growth.fill import add_accounts, multiply
from tests.bench.growth.sizing import sizing
from tests.bench.measure import memory_of, throughput, warm
from tests.bench.servers import Servers, servers
from tests.bench.stage import ACCOUNTS, Layout, Ledger, busy, stage_of

FILE = Path("build/growth.json")
#: What an event may cost more at the end of an axis than at its beginning.
MOST = 1.25
#: PostgreSQL's processes count what they read, and say so within ten seconds.
COUNTED_S = 11.0
SEEDS = 1_000
#: Copies have negative ids: nobody counts millions of rows to see that a thousand are there.
LEDGER = Ledger("""
SELECT count(*) FROM notifications
WHERE month IN (date_trunc('month', now())::date, (date_trunc('month', now()) - interval '1 month')::date) AND id > 0
    AND state IN ('accepted', 'sent', 'delivered')
""")
READS = """
SELECT coalesce(pg_partition_root(relid), relid)::regclass::text, sum(seq_tup_read)
FROM pg_stat_user_tables GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Point:
    """How much there is of everything.

    Attributes:
        repeats: the share of publications that were published before.
        mode: how texts are POSTed. With `sendmulti`, more accounts also mean fewer texts a request: two axes.
    """

    notifications: int = 10_000
    accounts: int = ACCOUNTS
    repeats: float = 0.0
    mode: str = "sendmulti"


AXES: Mapping[str, tuple[Point, ...]] = {
    "notifications": (Point(), Point(notifications=1_000_000), Point(notifications=5_000_000)),
    "accounts": tuple(Point(accounts=accounts, mode="send") for accounts in (1, 100, 10_000)),
    "repeats": (Point(repeats=0.01), Point(repeats=0.5)),
}
QUICK: Mapping[str, tuple[Point, ...]] = {
    "notifications": (Point(200), Point(2_000)),
    "accounts": (Point(200, accounts=1), Point(200, accounts=20)),
    "repeats": (Point(200, repeats=0.01), Point(200, repeats=0.5)),
}


@dataclass(frozen=True, slots=True)
class Run:
    """Where, and with how many events, points are measured."""

    servers: Servers
    folder: Path
    seeds: int
    events: int
    rounds: int
    counted_s: float

    def measure(self, point: Point) -> report.Json:
        """One point on a stage of its own; the seeds of its ledger have warmed everything."""
        layout = Layout()

        def prepare(url: str) -> None:
            add_accounts(url, ACCOUNTS, point.accounts)
            busy(point.mode, layout)(url)

        with stage_of(self.servers, "growth", layout, self.folder, prepare=prepare) as stage:
            stage.accounts = point.accounts
            stage.ledger = LEDGER
            warm(stage, self.seeds)
            multiply(stage.database_url, point.notifications, echo)
            stage.repeats = point.repeats
            before = self.rows_read(stage.database_url)
            rounds = [throughput(stage, self.events) for _ in range(self.rounds)]
            after = self.rows_read(stage.database_url)
            published = self.events * self.rounds / (1 - point.repeats)
            figures = report.of_throughput(rounds)
            cpu_ms = {name: value * (1 - point.repeats) for name, value in rounds[-1].cpu_ms.items()}
            return {
                "events_per_s": figures["events_per_s"],
                "cpu_ms_per_event": report.cpu_of(rounds) * (1 - point.repeats),
                "cpu_ms_per_event_with_servers": sum(cpu_ms.values()),
                "cpu_ms_per_event_by_process": cpu_ms,
                "rows_read_in_sequence_per_event": {
                    table: round(count, 2)
                    for table in after
                    if (count := (after[table] - before.get(table, 0)) / published) >= 1
                },
                "peak_mb": max(float(str(process["peak_mb"])) for process in memory_of(stage.ours).values()),
                "others_share_of_cpu": figures["others_share_of_cpu"],
            }

    def rows_read(self, url: str) -> dict[str, int]:
        """Rows that plans without an index have read so far, by table."""
        time.sleep(self.counted_s)
        with psycopg.connect(url) as connection:
            return {str(table): int(count or 0) for table, count in connection.execute(READS)}


def grown(points: Sequence[Mapping[str, Any]]) -> float:
    """What an event costs at the last point against the first, with the servers."""
    first, last = points[0], points[-1]
    return round(last["cpu_ms_per_event_with_servers"] / first["cpu_ms_per_event_with_servers"], 2)


def main(arguments: Sequence[str]) -> int:
    """Measure each axis; 1 if one grows by more than a quarter."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.growth", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few rows: does it work at all")
    parser.add_argument("--only", choices=AXES, help="one axis")
    parser.add_argument("--mode", choices=("send", "sendmulti"), help="POST all texts in this way")
    parser.add_argument("--report", default=str(FILE))
    asked = parser.parse_args(arguments)
    axes = {name: points for name, points in (QUICK if asked.quick else AXES).items() if asked.only in (None, name)}
    figures: dict[str, Any] = {}
    with (
        ending_on_signals(),
        servers(own=not asked.quick) as result,
        tempfile.TemporaryDirectory(prefix="sms-growth-") as folder,
    ):
        size = (100, 200, 1, 0.0) if asked.quick else (SEEDS, 5_000, 3, COUNTED_S)
        run = Run(result, Path(folder), *size)
        head = report.of_machine(result, Layout())
        for axis, points in axes.items():
            asked_for = [replace(point, mode=asked.mode or point.mode) for point in points]
            measured = [{axis: getattr(point, axis), "mode": point.mode, **run.measure(point)} for point in asked_for]
            figures[axis] = {"grown": grown(measured), "points": measured}
            echo(f"growth: {axis} costs {grown(measured):g} times as much at the end, at most {MOST:g}")
    last = next(iter(figures.values()))["points"][-1]
    sentences = sizing(last["events_per_s"], last["cpu_ms_per_event_by_process"])
    report.write({**head, **figures, "sizing": sentences}, Path(asked.report))
    echo("\n".join([*sentences, f"{asked.report} written"]))
    return 0 if asked.quick or all(axis["grown"] <= MOST for axis in figures.values()) else 1


def echo(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
