"""A burst that takes an account's pace a minute or more: what a text costs, and who goes before whom."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from statistics import quantiles

import psycopg

from tests.bench.events import Event, events
from tests.bench.generator import Crm
from tests.bench.measure import MARK, Spent
from tests.bench.stage import Stage
from tests.support.crm import row
from worker.amqp.topology import URGENT_RECORD_KINDS

#: Texts a second of the account, and how many of them are urgent ones.
PACE, URGENT_PACE = 20, 2
CLAIMS = "SELECT count(*) FROM transitions WHERE actor = 'send'"


def paced(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE accounts SET requests_per_s = %s", (PACE,))


def burst(stage: Stage, count: int) -> dict[str, object]:
    """Publish texts of one lane at once and urgent ones evenly, as many in all; look when each got to the provider.

    A text is late by the time of those that went before it and came after it.
    """
    urgent = count * URGENT_PACE // PACE
    many, few = made(count - urgent, is_urgent=False), made(urgent, is_urgent=True)
    spent, began = Spent(stage), time.monotonic()
    moments = asyncio.run(publish(stage.servers.amqp_url, many, few))
    stage.published += count
    seconds = stage.wait_answered()["at"] - began
    stage.wait_settled()
    cpu_ms, others_share = spent.per_event(count)
    arrived = {match[0]: at for text, at in stage.provider.texts() if (match := MARK.search(text))}
    went = {mark: nth for nth, mark in enumerate(sorted((event.mark for event in many), key=arrived.__getitem__))}
    late = quantiles([(went[event.mark] - nth) / PACE for nth, event in enumerate(many)], n=20)
    return {
        "seconds": round(seconds, 1),
        "seconds_at_the_pace": count / PACE,
        "claims_per_text": round(row(stage.pool, CLAIMS)[0] / count, 2),
        "late_p50_s": round(late[9], 1),
        "late_p95_s": round(late[18], 1),
        "urgent_p95_ms": round(quantiles([arrived[mark] - at for mark, at in moments.items()], n=20)[18] * 1000),
        "cpu_ms_per_text": round(sum(cpu_ms.values()), 2),
        "cpu_ms_per_text_by_process": cpu_ms,
        "others_share_of_cpu": round(others_share, 2),
    }


def made(count: int, *, is_urgent: bool) -> list[Event]:
    now = datetime.now(UTC)  # noqa: TID251 (a CRM has a clock of its own)
    every = events(0, count * 8, accounts=1, now=now)
    return [event for event in every if (event.routing_key.split(".")[1] in URGENT_RECORD_KINDS) is is_urgent][:count]


async def publish(url: str, many: Sequence[Event], few: Sequence[Event]) -> dict[str, float]:
    """Publish the burst, then the others evenly; return when each of these was published."""
    crm, moments = Crm(url), dict[str, float]()
    await crm.open()
    for event in many:
        await crm.publish(event)
    for event in few:
        await asyncio.sleep(1 / URGENT_PACE)
        moments[event.mark] = await crm.publish(event)
    await crm.settle()
    return moments
