"""The scheduler measured: many birthdays at once, urgent events meanwhile, and how little it does else."""

import re
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median, quantiles

from schedules.timetable import timetable
from tests.bench.measure import cpu_of
from tests.bench.processes import Process, sampled
from tests.bench.scheduler.almanac import Almanac
from tests.bench.scheduler.urgent import Urgent
from tests.bench.stage import Stage
from tests.support.crm import row, rows
from tests.support.waiting import PATIENCE_S, wait_until
from worker.amqp.publisher import Publisher

#: The tasks of the timetable that a tick consists of: those that run so often or oftener.
OFTEN = timedelta(seconds=1)
TICKS = 60
LOOK_S, OFTEN_S = 1.0, 0.1
#: Fewer than this are soon published.
FEW = 10_000
#: Ids grow by one with each occurrence here; counting them again and again would keep PostgreSQL busy.
PROGRESS = """
SELECT coalesce(max(id), 0), (SELECT count(*) FROM occurrences WHERE state = 'pending') FROM occurrences
"""
PUBLISHED = "SELECT count(*), count(DISTINCT record_id), min(published_at), max(published_at) FROM occurrences"
ENDS = "SELECT state, count(*) FROM occurrences GROUP BY 1"
GREETED = "SELECT count(*), count(DISTINCT recipient_key) FROM notifications WHERE trigger = 'contact_birthday'"
DEAD = "SELECT reason, min(detail), count(*) FROM dead_letters GROUP BY 1"
ACCEPTED = """
SELECT
    (
        SELECT count(*) FROM notifications
        WHERE trigger = 'contact_birthday' AND state IN ('accepted', 'sent', 'delivered')
    ),
    (SELECT count(*) FROM dead_letters)
"""
#: The first name of everybody whose birthday it is.
GREETING = re.compile(r"B\d{8}")


@dataclass(frozen=True, slots=True)
class Struck:
    """The results of the birthdays; times in ms unless another unit is named.

    Attributes:
        seconds: until the last is published and confirmed.
        posted_seconds: until the provider has the last text.
        cpu_ms: of a birthday, until its answer is written down, by whose it is.
    """

    entries: int
    due: int
    seconds: float
    posted_seconds: float
    idle_tick_ms: float
    idle_tick_p95_ms: float
    urgent_events: int
    urgent_p50_ms: float
    urgent_p95_ms: float
    urgent_max_ms: float
    cpu_ms: dict[str, float]
    faults: list[str] = field(default_factory=list[str])


def struck(
    stage: Stage, almanac: Almanac, echo: Callable[[str], None], *, watch: AbstractContextManager[object] | None = None
) -> Struck:
    """Let the hour strike, watched; from that moment to the last answer that is written down."""
    ticks = idle_ticks(stage, TICKS)
    echo(f"scheduler: a tick with nothing due takes {median(ticks):.1f} ms")
    urgent = Urgent(stage)
    before = cpu_of(stage)
    with sampled(scheduler_of(stage)):
        began, struck_at = almanac.strike(stage.database_url), time.monotonic()
        urgent.start()
        with watch or nullcontext():
            wait_until_published(stage, almanac.due, echo)
            wait_until(lambda: accepted(stage) >= almanac.due, "all are sent", progress=lambda: accepted(stage))
        spent = {name: seconds - before[name] for name, seconds in cpu_of(stage).items()}
        took = urgent.stop()
    count, _, _, ended = row(stage.pool, PUBLISHED)
    cuts = quantiles(took, n=100)
    return Struck(
        entries=almanac.entries,
        due=almanac.due,
        seconds=(ended - began).total_seconds(),
        posted_seconds=max(at for text, at in stage.provider.texts() if GREETING.search(text)) - struck_at,
        idle_tick_ms=median(ticks),
        idle_tick_p95_ms=quantiles(ticks, n=20)[18],
        urgent_events=len(took),
        urgent_p50_ms=cuts[49],
        urgent_p95_ms=cuts[94],
        urgent_max_ms=max(took),
        cpu_ms={name: round(seconds * 1000 / count, 4) for name, seconds in spent.items()},
        faults=faults_of(stage, almanac.due),
    )


def accepted(stage: Stage) -> int:
    """How many birthdays TurboSMS took, or are dead letters."""
    return sum(row(stage.pool, ACCEPTED))


def scheduler_of(stage: Stage) -> list[Process]:
    """The scheduler among our processes."""
    return [process for process in stage.ours if process not in stage.workers]


def idle_ticks(stage: Stage, count: int) -> Sequence[float]:
    """How long each of so many ticks took in which nothing was due, in ms: the product's own tasks, in sequence."""
    publisher = Publisher(stage.servers.amqp_url, name="bench")
    tasks = [task for task in timetable(stage.pool, publisher) if task.every <= OFTEN]
    took: list[float] = []
    try:
        for _ in range(count + 1):
            began = time.perf_counter()
            for task in tasks:
                task.run()
            took.append((time.perf_counter() - began) * 1000)
    finally:
        publisher.close()
    return took[1:]  # the first connects


def wait_until_published(stage: Stage, due: int, echo: Callable[[str], None]) -> None:
    """Wait, and print how far it is."""
    emitted = pending = done = 0
    deadline = time.monotonic() + PATIENCE_S
    while emitted < due or pending:
        emitted, pending = row(stage.pool, PROGRESS)
        echo(f"scheduler: {emitted} emitted, {emitted - pending} published and confirmed")
        if emitted - pending > done:
            done, deadline = emitted - pending, time.monotonic() + PATIENCE_S
        assert time.monotonic() < deadline, f"{done} of {due} are published, and no more for {PATIENCE_S:g} s"
        time.sleep(OFTEN_S if due < FEW else LOOK_S)


def faults_of(stage: Stage, due: int) -> list[str]:
    """Contacts without exactly one row: the texts go out at the account's pace."""
    count, people, *_ = row(stage.pool, PUBLISHED)
    greeted, different = row(stage.pool, GREETED)
    ends, dead = dict(rows(stage.pool, ENDS)), rows(stage.pool, DEAD)
    counts = {"occurrences": count, "people": people, "rows": greeted, "different people in rows": different}
    wrong = [f"{number} {name}" for name, number in counts.items() if number != due]
    wrong += [f"{number} occurrences {state}" for state, number in ends.items() if state != "published"]
    wrong += [f"{number} dead letters, {reason}: {detail}" for reason, detail, number in dead]
    return [f"{due} birthdays, but {fault}" for fault in wrong]
