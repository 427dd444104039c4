"""What is looked at while it runs: memory, waiting, connections, and what tables and indexes weigh."""

import os
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pika
import psycopg
from pika.exceptions import AMQPError

from tests.bench.processes import Process, stat_of
from tests.soak.trend import READY_IN, Trend, limit_of, trend
from worker.amqp.topology import QUEUES

PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 2**20
#: /proc/net/tcp's word for a connection that is established.
ESTABLISHED = "01"
OLDEST = """
SELECT coalesce(extract(epoch FROM now() - min(waits_until)), 0) FROM notifications
WHERE waits_until <= now() AND waits_for IS NOT NULL
"""
SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
#: A ledger only grows; what is emptied as quickly as it is filled must not.
TABLES = """
SELECT
    sum(n_dead_tup), sum(n_live_tup),
    sum(pg_table_size(relid)) FILTER (WHERE n_tup_del <= n_tup_ins / 2),
    sum(pg_indexes_size(relid)) FILTER (WHERE n_tup_del <= n_tup_ins / 2),
    sum(pg_total_relation_size(relid)) FILTER (WHERE n_tup_del > n_tup_ins / 2)
FROM pg_stat_user_tables
"""


@dataclass(slots=True)
class Samples:
    """Series by name: moments since the beginning, and what was seen then."""

    began: float
    moments: dict[str, list[float]] = field(default_factory=lambda: defaultdict[str, list[float]](list))
    values: dict[str, list[float]] = field(default_factory=lambda: defaultdict[str, list[float]](list))
    faults: list[str] = field(default_factory=list[str])

    def add(self, at: float, figures: Mapping[str, float]) -> None:
        for name, value in figures.items():
            self.moments[name].append(at - self.began)
            self.values[name].append(value)

    def trends(self) -> dict[str, Trend]:
        """Of everything that is judged."""
        return {name: trend(self.moments[name], self.values[name], limit_of(name)) for name in self.values}

    def newest(self, name: str) -> float:
        return self.values[name][-1] if self.values.get(name) else 0.0


@dataclass(slots=True)
class Looker:
    """Takes samples; a look that fails is counted and left out."""

    database_url: str
    amqp_url: str
    processes: Callable[[], list[Process]]
    servers: Mapping[str, int]
    texts: Callable[[], int]

    def look(self, samples: Samples, at: float) -> None:
        for part in (self._memory, self._rabbitmq, self._postgresql):
            try:
                samples.add(at, part())
            except (OSError, psycopg.Error, AMQPError, httpx.HTTPError) as error:
                samples.faults.append(f"at {at - samples.began:.0f} s: {type(error).__name__} {error}")

    def _memory(self) -> dict[str, float]:
        figures: dict[str, float] = {}
        for process in self.processes():
            with suppress(OSError):
                figures[process.name] = process.resident_mb
        if "rabbitmq" in self.servers:
            figures["rabbitmq"] = max(resident_mb(pid) for pid in family_of(self.servers["rabbitmq"]))
        return figures

    def _rabbitmq(self) -> dict[str, float]:
        with closing(pika.BlockingConnection(pika.URLParameters(self.amqp_url))) as connection:
            channel = connection.channel()
            ready = {name: channel.queue_declare(name, passive=True).method.message_count for name in QUEUES}
            queues = {f"{READY_IN}{name}": float(number) for name, number in ready.items()}
            return {**queues, "connections of RabbitMQ": connections_to(self.amqp_url) - 1}

    def _postgresql(self) -> dict[str, float]:
        with psycopg.connect(self.database_url, application_name="soak") as connection:
            (oldest,) = connection.execute(OLDEST).fetchone() or (0,)
            (sessions,) = connection.execute(SESSIONS).fetchone() or (0,)
            dead, live, heap, indexes, queues = connection.execute(TABLES).fetchone() or (0,) * 5
        texts = max(1, self.texts())
        return {
            "oldest waits": float(oldest),
            "sessions of PostgreSQL": sessions - 1,
            "dead tuples": 100 * float(dead or 0) / max(1.0, float(live or 0) + float(dead or 0)),
            "ledger, of a text": float(heap or 0) / texts,
            "its indexes, of a text": float(indexes or 0) / texts,
            "queues in tables": float(queues or 0) / 2**20,
        }


def family_of(pid: int) -> list[int]:
    """A process and its children, as far down as they go."""
    parents = {int(entry.name): stat_of(int(entry.name)) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
    family, new = [pid], [pid]
    while new:
        new = [child for child, stat in parents.items() if stat and int(stat[1]) in new]
        family += new
    return family


def resident_mb(pid: int) -> float:
    """Zero for one that has ended."""
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_MB
    return 0.0


def connections_to(url: str) -> int:
    """How many connections of this machine lead to a server's port."""
    port = urlsplit(url).port or 5672
    count = 0
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            lines = [line.split() for line in Path(table).read_text().splitlines()[1:]]
            count += sum(int(line[2].rpartition(":")[2], 16) == port and line[3] == ESTABLISHED for line in lines)
    return count
