"""What one node carries in a day, and what a thousand times as much takes: arithmetic on measured figures."""

from collections.abc import Mapping
from math import ceil

DAY_S, TIMES = 86_400, 1_000
#: Of a large server, and how much of it is planned with: the rest is for peaks and for the loss of one.
CORES, FULL = 64, 0.6
#: Members of a quorum queue: each does the work.
COPIES = 3


def sizing(events_per_s: float, cpu_ms: Mapping[str, float]) -> list[str]:
    """Sentences with the figures that they come from; `cpu_ms` is an event's, by whose it is."""
    workers, postgresql = cpu_ms["workers"], cpu_ms.get("postgresql", 0.0)
    rabbitmq, wanted = cpu_ms.get("rabbitmq", 0.0), TIMES * events_per_s
    usable = CORES * FULL
    server = f"a server of {CORES} cores, {FULL:.0%} full, carries {usable:.0f}"
    ours, ledger = cores(wanted, workers), cores(wanted, postgresql)
    broker = COPIES * cores(wanted, rabbitmq)
    primaries, nodes = ceil(ledger / usable), max(COPIES, ceil(broker / usable))
    members = f"{COPIES} members of a quorum queue"
    return [
        f"One node: {events_per_s:,.0f} events/s x {DAY_S:,} s = {events_per_s * DAY_S:,.0f} events a day.",
        f"A thousand times as much is {wanted:,.0f} events/s; {server}.",
        f"Workers: {wanted:,.0f} x {workers:.3f} ms / 1000 = {ours:,.0f} cores, in as many replicas as one likes.",
        f"PostgreSQL: {wanted:,.0f} x {postgresql:.3f} ms / 1000 = {ledger:,.0f} cores.",
        f"That is {primaries:,} primaries with accounts shared out, each with replicas and monthly partitions.",
        f"RabbitMQ: {wanted:,.0f} x {rabbitmq:.3f} ms / 1000 x {members} = {broker:,.0f} cores.",
        f"That is {nodes:,} nodes, in clusters of {COPIES} with accounts shared out.",
    ]


def cores(events_per_s: float, ms: float) -> float:
    """How many are busy."""
    return events_per_s * ms / 1000
