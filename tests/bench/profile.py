"""Where the time goes: py-spy on our processes, pg_stat_statements on PostgreSQL, as tables in build/profile-*.txt."""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.bench.stage import Stage
from tests.support.crm import execute, rows

RATE = 200
SHOWN = 80
STATEMENTS = """
SELECT
    round(total_exec_time::numeric / %s, 4), round(calls::numeric / %s, 3), round(mean_exec_time::numeric, 3),
    round(s.rows::numeric / %s, 2), regexp_replace(left(query, 160), '\\s+', ' ', 'g')
FROM pg_stat_statements AS s
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
ORDER BY total_exec_time DESC
LIMIT 45
"""


@contextmanager
def profiled(stage: Stage, folder: Path, name: str, events: int) -> Generator[None]:
    """Profile what happens in the block, in which so many events go through."""
    execute(stage.pool, "CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    execute(stage.pool, "SELECT pg_stat_statements_reset()")
    spies = [spy_on(process.popen.pid, folder / f"profile-{name}-{process.name}.raw") for process in stage.ours]
    yield
    for spy, raw in spies:
        spy.send_signal(signal.SIGINT)
        spy.wait()
        raw.with_suffix(".txt").write_text(table(raw.read_text().splitlines()))
    results = rows(stage.pool, STATEMENTS, events, events, events)
    head = "ms/event  calls/event  mean ms  rows/event  statement"
    lines = [f"{ms:8}  {calls:11}  {mean:7}  {touched:10}  {query}" for ms, calls, mean, touched, query in results]
    (folder / f"profile-{name}-postgresql.txt").write_text("\n".join([head, *lines, ""]))


def spy_on(pid: int, raw: Path) -> tuple[subprocess.Popen[bytes], Path]:
    """py-spy until SIGINT, counting threads that hold the interpreter's lock: without that it counts who waits, too."""
    raw.parent.mkdir(exist_ok=True)
    how = ("--format", "raw", "--rate", str(RATE), "--threads", "--gil")
    program = Path(sys.executable).with_name("py-spy")
    arguments = [program, "record", *how, "--output", str(raw), "--pid", str(pid)]
    return subprocess.Popen(arguments, stdout=subprocess.DEVNULL), raw


def table(stacks: Iterable[str]) -> str:
    """py-spy's raw stacks (`thread;frame;frame count`) as shares: of functions with and without what they call."""
    whole: Counter[str] = Counter()
    own: Counter[str] = Counter()
    threads: Counter[str] = Counter()
    for stack in stacks:
        frames, _, number = stack.rpartition(" ")
        thread, *calls = frames.split(";")
        count = int(number)
        names = [call.rpartition(":")[0] + ")" for call in calls] or ["?"]
        threads[thread.rpartition(": ")[2].rstrip("0123456789-_ )") or "?"] += count
        own[names[-1]] += count
        whole.update(dict.fromkeys(names, count))
    parts = (("of threads", threads), ("of functions, with what they call", whole), ("of functions by themselves", own))
    return "\n\n".join(shares(title, counts.most_common(SHOWN), threads.total()) for title, counts in parts) + "\n"


def shares(title: str, counts: Sequence[tuple[str, int]], total: int) -> str:
    """One table."""
    return "\n".join(
        [f"shares {title}, of {total} samples", *(f"{count / max(total, 1):6.1%} {name}" for name, count in counts)]
    )
