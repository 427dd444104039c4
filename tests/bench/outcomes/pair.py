"""The part `outcomes`: the same backlog with CRMs that hear of everything, and with CRMs that hear of nothing."""

import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from statistics import median

import pika
import psycopg

from tests.bench.comparison import Watch
from tests.bench.figures.report import Json
from tests.bench.measure import Spent, Throughput, throughput, warm
from tests.bench.stage import Stage
from tests.support.crm import row
from tests.support.waiting import wait_until
from worker.amqp.topology import OUTCOMES_EXCHANGE

HEARING = "UPDATE accounts SET outcomes = '{all}'"
LEFT = "SELECT count(*) FROM outcomes"
QUEUE = "bench.outcomes"
#: Whose processor time is looked at while the outbox is emptied.
OWN = ("scheduler", "rabbitmq", "postgresql")

#: A stage whose database is prepared so, with a name for its logs.
Staged = Callable[[str, Callable[[str], None]], AbstractContextManager[Stage]]


@dataclass(frozen=True, slots=True)
class Published:
    """What became of what was left in the outbox once all texts were out; processor time in ms for each event."""

    left: int
    seconds: float
    cpu_ms: dict[str, float]


@dataclass(slots=True)
class Pair:
    """Rounds by turns, off and on; `faults` are outcomes that were not heard once."""

    watch: Watch
    deaf: list[Throughput] = field(default_factory=list[Throughput])
    hearing: list[Throughput] = field(default_factory=list[Throughput])
    published: list[Published] = field(default_factory=list[Published])
    faults: list[str] = field(default_factory=list[str])

    def run(self, staged: Staged, prepare: Callable[[str], None], sizes: tuple[int, int, int]) -> Json:
        """So many rounds of so many events, after so many to warm up."""
        rounds, events, warmed = sizes
        for nth in range(rounds):
            for is_on in (False, True) if nth % 2 == 0 else (True, False):
                name = f"outcomes-{'on' if is_on else 'off'}-{nth}"
                with staged(name, partial(prepared, prepare, is_on=is_on)) as stage:
                    warm(stage, warmed)
                    self._round(stage, events, self.watch(stage, name, events), is_on=is_on)
                    self.faults += stage.faults()
        return self._figures()

    def _round(self, stage: Stage, events: int, watch: AbstractContextManager[object] | None, *, is_on: bool) -> None:
        if not is_on:
            self.deaf.append(throughput(stage, events, watch=watch))
            return
        wait_until(lambda: not row(stage.pool, LEFT)[0], "what warmed up is told")
        with bound(stage.servers.amqp_url) as depth:
            self.hearing.append(throughput(stage, events, watch=watch))
            self.published.append(emptied(stage, events))
            heard = depth()
        if heard != events:
            self.faults.append(f"{events} texts were taken, but {heard} outcomes were heard")

    def _figures(self) -> Json:
        workers = {name: of_process(rounds, "workers") for name, rounds in (("off", self.deaf), ("on", self.hearing))}
        wholes = {name: of_all(rounds) for name, rounds in (("off", self.deaf), ("on", self.hearing))}
        later = {name: round(median(each.cpu_ms.get(name, 0.0) for each in self.published), 4) for name in OWN}
        told = of_process(self.hearing, "scheduler") + later["scheduler"] - of_process(self.deaf, "scheduler")
        return {
            "cpu_ms": round(told, 3),
            "cpu_ms_afterwards_by_process": later,
            "left_behind_texts": round(median(each.left for each in self.published)),
            "published_per_s": round(median(each.left / each.seconds for each in self.published)),
            "worker_growth_percent": growth(workers["off"], workers["on"]),
            "worker_cpu_ms_off": round(workers["off"], 3),
            "worker_cpu_ms_on": round(workers["on"], 3),
            "growth_with_servers_percent": growth(wholes["off"], wholes["on"]),
            "cpu_ms_with_servers_off": round(wholes["off"], 3),
            "cpu_ms_with_servers_on": round(wholes["on"], 3),
            "events_per_s_off": round(median(each.events_per_s for each in self.deaf)),
            "events_per_s_on": round(median(each.events_per_s for each in self.hearing)),
            "rounds_worker_cpu_ms_off": [round(each.cpu_ms["workers"], 3) for each in self.deaf],
            "rounds_worker_cpu_ms_on": [round(each.cpu_ms["workers"], 3) for each in self.hearing],
            "cpu_ms_per_event_by_process_off": self.deaf[-1].cpu_ms,
            "cpu_ms_per_event_by_process_on": self.hearing[-1].cpu_ms,
            "others_share_of_cpu": round(max(each.others_share for each in [*self.deaf, *self.hearing]), 2),
        }


def prepared(prepare: Callable[[str], None], url: str, *, is_on: bool) -> None:
    prepare(url)
    if is_on:
        with psycopg.connect(url) as connection:
            connection.execute(HEARING)


@contextmanager
def bound(url: str) -> Generator[Callable[[], int]]:
    """A CRM's queue that gets every outcome and is read by nobody; how many lie there."""
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    channel.exchange_declare(OUTCOMES_EXCHANGE, "topic", durable=True)
    channel.queue_declare(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
    channel.queue_bind(QUEUE, OUTCOMES_EXCHANGE, "#")
    connection.close()

    def depth() -> int:
        asking = pika.BlockingConnection(pika.URLParameters(url))
        count: int = asking.channel().queue_declare(QUEUE, passive=True).method.message_count
        asking.close()
        return count

    yield depth
    last = pika.BlockingConnection(pika.URLParameters(url))
    last.channel().queue_delete(QUEUE)
    last.close()


def emptied(stage: Stage, events: int) -> Published:
    """Wait until everything that is left in the outbox is published: texts are out, and nothing holds it any more."""
    left = int(row(stage.pool, LEFT)[0])
    spent, began = Spent(stage), time.monotonic()
    wait_until(lambda: not row(stage.pool, LEFT)[0], "all outcomes are published")
    cpu_ms, _ = spent.per_event(events)
    return Published(left, time.monotonic() - began, cpu_ms)


def of_process(rounds: list[Throughput], name: str) -> float:
    return median(each.cpu_ms[name] for each in rounds)


def of_all(rounds: list[Throughput]) -> float:
    return median(sum(each.cpu_ms.values()) for each in rounds)


def growth(before: float, after: float) -> float:
    return round((after / before - 1) * 100, 1)
