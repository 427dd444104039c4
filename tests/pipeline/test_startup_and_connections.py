import re
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.pipeline.conftest import System, wait_for_accepted
from tests.support.crm import Json, event, person, rows
from tests.support.health_client import wait_until_ready
from tests.support.pgbouncer import pgbouncer
from tests.support.simulated_provider import Provider
from tests.support.tcp_proxy import Door, door
from tests.support.waiting import wait_until
from worker.amqp.topology import QUEUES
from worker.store.db.postgres import Pool

Publish = Callable[[Iterable[Json]], None]

PROMPT = timedelta(seconds=2)
#: A noisy machine may be slow; a slow start is slow each time.
STARTS = 5
CONNECTED = """
SELECT application_name FROM pg_stat_activity WHERE datname = current_database() AND application_name <> 'test'
"""


@pytest.mark.long
@pytest.mark.parametrize("command", ["worker", "scheduler"])
def test_a_process_is_at_work_within_two_seconds_of_its_imports(system: System, command: str) -> None:
    assert any(took(system, command) < PROMPT for _ in range(STARTS))


def took(system: System, command: str) -> timedelta:
    """From the end of its imports to the begin of its work."""
    process = system.start(command)
    wait_until(lambda: line_of(system, f"{command}.started", process.pid), "it is at work")
    moments = [
        datetime.fromisoformat(line_of(system, f"{command}.{name}", process.pid)[0]["@timestamp"])
        for name in ("starting", "started")
    ]
    process.kill()
    return moments[1] - moments[0]


def line_of(system: System, action: str, pid: int) -> list[dict[str, Any]]:
    return [line for line in system.log_lines(action) if line["process.pid"] == pid]


def test_each_purpose_has_one_connection_and_idle_processes_few(
    system: System, publish: Publish, pool: Pool, amqp_url: str
) -> None:
    with door(amqp_url) as rabbitmq:
        rabbitmq.open()
        for command in ("worker", "scheduler"):
            wait_until_ready(system.door(system.start(command, SMS_AMQP_URL=rabbitmq.url)))
        wait_until(lambda: connected(pool)["perfectum-sms scheduler"] <= 3, "an idle scheduler holds few")
        idle = connected(pool)
        publish(event("invoice.overdue", recipients=[person(phone=f"067{number:07d}")]) for number in range(300))
        wait_for_accepted(pool, 300)
        busy = connected(pool)

        purposes = [f"consumer {queue}" for queue in QUEUES]
        assert sorted(names(rabbitmq)) == sorted(
            [*purposes, "worker publisher", "scheduler publisher", "scheduler outcomes"]
        )
    assert idle["perfectum-sms worker"] <= 4, idle
    assert busy["perfectum-sms worker"] <= 2 * 16 + 2, busy
    assert (idle | busy).keys() <= {"perfectum-sms worker", "perfectum-sms scheduler", "perfectum-sms probe"}


def connected(pool: Pool) -> Counter[str]:
    return Counter(name for (name,) in rows(pool, CONNECTED))


def names(rabbitmq: Door) -> list[str]:
    """What the connections call themselves: a long string of AMQP's, its length in four bytes."""
    matches = [re.search(rb"connection_nameS\0\0\0(.)", greeting, re.DOTALL) for greeting in rabbitmq.greetings]
    return [match.string[match.end() : match.end() + match[1][0]].decode() for match in matches if match]


def test_a_process_whose_login_fails_logs_the_reason_and_the_fix(system: System) -> None:
    database, broker = (urlsplit(system.environment[f"SMS_{name}_URL"]) for name in ("DATABASE", "AMQP"))
    address = database.netloc.replace(database.password or "", "hunter2")

    system.start("worker", SMS_DATABASE_URL=database._replace(netloc=address).geturl())
    system.start("worker", SMS_AMQP_URL=broker._replace(path="/nowhere").geturl())

    wait_until(lambda: system.log_lines("postgresql.away") and system.log_lines("rabbitmq.away"), "both are away")
    (sql,), (amqp, *_) = system.log_lines("postgresql.away"), system.log_lines("rabbitmq.away")
    assert "password authentication failed" in sql["sms.reason"]
    assert "Fix the user or the password in SMS_DATABASE_URL." in sql["sms.reason"]
    assert "vhost nowhere not found" in amqp["sms.reason"]
    assert "rabbitmqctl add_vhost" in amqp["sms.hint"]


def test_behind_a_pooler_of_sessions_every_text_goes_once(
    system: System, publish: Callable[[Iterable[Json]], None], pool: Pool, provider: Provider
) -> None:
    url = system.environment["SMS_DATABASE_URL"]
    with pgbouncer(url, pool_mode="session", default_pool_size=60) as pooled:
        system.start("worker", SMS_DATABASE_URL=pooled)
        system.start("scheduler", SMS_DATABASE_URL=pooled)

        publish(event("order.created", order={"id": str(n), "number": str(n)}) for n in range(40))

        wait_for_accepted(pool, 40)
        assert system.stop() == [0, 0]
    assert len(provider.messages()) == 40
    assert system.log_lines("postgresql.away") == []
