from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

import orjson
import psycopg
from pika.adapters.blocking_connection import BlockingChannel
from psycopg import sql

from tests.pipeline.conftest import System, states, wait_for_accepted
from tests.support.broker import depth
from tests.support.crm import Json, event, person, row, rows
from tests.support.simulated_provider import Provider
from tests.support.tcp_proxy import door
from tests.support.waiting import wait_until
from worker.store.db.postgres import Pool

Publish = Callable[[Iterable[Json]], None]
PublishRaw = Callable[[str, str, bytes], None]

ENVELOPE: Json = {
    "queue_name": "sms.urgent",
    "actor_name": "send_notifications",
    "args": [[["2026-11-01", 1]]],
    "kwargs": {},
    "options": {},
    "message_id": "1",
    "message_timestamp": 1,
}
POISON: dict[str, Json | bytes] = {
    "options null": {**ENVELOPE, "options": None},
    "options a list": {**ENVELOPE, "options": []},
    "an unknown option": {**ENVELOPE, "options": {"pipe_target": {}}},
    "throws a string": {**ENVELOPE, "options": {"throws": "Exception"}},
    "retries a string": {**ENVELOPE, "options": {"retries": "x"}},
    "eta null": {**ENVELOPE, "options": {"eta": "soon"}},
    "another queue": {**ENVELOPE, "queue_name": "sms.bulk"},
    "queue null": {**ENVELOPE, "queue_name": None},
    "actor a list": {**ENVELOPE, "actor_name": ["send_notifications"]},
    "an unknown actor": {**ENVELOPE, "actor_name": "drop_everything"},
    "an event actor": {**ENVELOPE, "actor_name": "accept_events", "args": []},
    "args null": {**ENVELOPE, "args": None},
    "args of the other actor": {**ENVELOPE, "actor_name": "repeat_attempts"},
    "args a phone": {**ENVELOPE, "args": ["0671234567"]},
    "kwargs": {**ENVELOPE, "kwargs": {"notification_ids": []}},
    "a field more": {**ENVELOPE, "priority": 1},
    "no fields": {},
    "a list": orjson.dumps([ENVELOPE]),
    "not JSON": b"\x80\x04pickle",
    "empty": b"",
    "deep": b"[" * 60_000,
    "long": b'"' + b"x" * 200_000 + b'"',
    "a huge number": b'{"message_timestamp": ' + b"9" * 5000 + b"}",
    "an event": event("order.created"),
}


def test_a_foreign_message_stops_no_send_queue(
    system: System, publish: Publish, publish_raw: PublishRaw, pool: Pool
) -> None:
    system.start("worker")

    for body in POISON.values():
        publish_raw("", "sms.urgent", body if isinstance(body, bytes) else orjson.dumps(body))
    publish([event("order.created")])

    wait_for_accepted(pool, 1)
    wait_until(lambda: count_dead(pool, "envelope") == len(POISON), "every envelope is a dead letter")


def test_a_forged_envelope_on_an_event_queue_is_an_event_refused(
    system: System, publish: Publish, publish_raw: PublishRaw, pool: Pool, amqp_url: str
) -> None:
    system.start("worker")

    publish_raw("", "crm.events", orjson.dumps({**ENVELOPE, "actor_name": "accept_events", "queue_name": "crm.events"}))
    publish_raw("", "crm.events", b'{"options": null}')
    publish([event()])

    wait_for_accepted(pool, 1)
    assert count_dead(pool, "schema") == 2
    wait_until(lambda: depth(amqp_url, "crm.events") == 0, "the queue is empty")


def test_bad_events_do_not_delay_a_good_event_beside_them(
    system: System, publish: Publish, publish_raw: PublishRaw, pool: Pool
) -> None:
    bad = [b"{", b"\xff\xfe", b"[" * 100_000, b'"' + b"x" * 10_000_000 + b'"', b"{}", b"null"]

    for body in bad:
        publish_raw("crm.events", "acme.order.created", body)
    publish([event("order.created"), event("order.created", account="nobody")])
    system.start("worker")

    wait_for_accepted(pool, 1)
    wait_until(lambda: count_dead(pool) == len(bad) + 1, "each bad one is a dead letter")


def test_a_killed_worker_loses_nothing_and_sends_nothing_twice(
    system: System, publish: Publish, pool: Pool, provider: Provider
) -> None:
    provider.settings(latency_ms=20)
    doomed = system.start("worker")
    system.start("scheduler")
    publish(event("invoice.overdue", recipients=[person(phone=f"067{number:07d}")]) for number in range(300))
    wait_until(lambda: states(pool).get("accepted", 0) >= 20, "the first ones are sent")

    doomed.kill()
    with pool.connection() as connection:
        connection.execute("UPDATE attempts SET leased_until = now() WHERE settled_at IS NULL")
    system.start("worker")

    wait_for_accepted(pool, 300)
    recipients = [message["recipient"] for message in provider.messages()]
    assert (len(recipients), len(set(recipients))) == (300, 300)


def test_a_deleted_send_queue_is_a_delay_and_not_a_loss(
    system: System, publish: Publish, pool: Pool, channel: BlockingChannel
) -> None:
    system.start("worker", "--queues", "crm.events")
    publish(event() for _ in range(20))
    wait_until(lambda: states(pool).get("planned") == 20, "the rows are planned")

    channel.queue_delete("sms.normal")
    system.start("worker")
    system.start("scheduler")
    with pool.connection() as connection:
        connection.execute("UPDATE notifications SET due_at = now()")

    wait_for_accepted(pool, 20)


def test_an_outage_of_postgresql_loses_no_event(
    system: System, publish: Publish, pool: Pool, services: tuple[str, str], database_url: str
) -> None:
    system.start("worker")
    system.start("scheduler")
    publish([event()])
    wait_for_accepted(pool, 1)

    with shut_database(services[1], database_url):
        publish(event() for _ in range(100))
        wait_until(lambda: system.log_lines("postgresql.away"), "the worker says so")

    wait_for_accepted(pool, 101)
    assert count_dead(pool) == 0
    assert rows(pool, "SELECT * FROM suspect_messages") == []


def test_servers_absent_at_the_start_are_logged_once(
    system: System, publish: Publish, pool: Pool, amqp_url: str, database_url: str
) -> None:
    with door(amqp_url) as rabbitmq, door(database_url) as postgresql:
        urls = {"SMS_AMQP_URL": rabbitmq.url, "SMS_DATABASE_URL": postgresql.url}
        worker = system.start("worker", **urls)
        wait_until(lambda: system.log_lines("postgresql.away"), "the worker misses PostgreSQL")
        postgresql.open()
        wait_until(lambda: system.log_lines("rabbitmq.away"), "the worker misses RabbitMQ")
        rabbitmq.open()

        publish([event()])

        wait_for_accepted(pool, 1)
        assert worker.poll() is None
        assert len(system.log_lines("rabbitmq.away")) == 1
        assert len(system.log_lines("postgresql.away")) == 1


def test_rabbitmq_going_and_coming_is_survived(system: System, publish: Publish, pool: Pool, amqp_url: str) -> None:
    with door(amqp_url) as rabbitmq:
        rabbitmq.open()
        system.start("worker", SMS_AMQP_URL=rabbitmq.url)
        system.start("scheduler", SMS_AMQP_URL=rabbitmq.url)
        publish([event()])
        wait_for_accepted(pool, 1)

        rabbitmq.shut()
        wait_until(lambda: system.log_lines("rabbitmq.away"), "somebody misses it")
        publish(event() for _ in range(20))
        rabbitmq.open()

        wait_for_accepted(pool, 21)


def count_dead(pool: Pool, reason: str = "%") -> int:
    return row(pool, "SELECT count(*) FROM dead_letters WHERE reason LIKE %s", reason)[0]


def shut_database(server: str, url: str) -> ShutDatabase:
    return ShutDatabase(server, urlsplit(url).path.removeprefix("/"))


class ShutDatabase:
    """A database that nobody can connect to, as if its server were away."""

    def __init__(self, server: str, name: str) -> None:
        self._server = server
        self._name = name

    def __enter__(self) -> None:
        self._let_in(allow=False)

    def __exit__(self, *_: object) -> None:
        self._let_in(allow=True)

    def _let_in(self, *, allow: bool) -> None:
        verb = sql.SQL("true" if allow else "false")
        with psycopg.connect(self._server, autocommit=True) as connection:
            statement = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
            connection.execute(statement.format(sql.Identifier(self._name), verb))
            if not allow:
                end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
                connection.execute(end, (self._name,))


def test_a_queue_with_other_arguments_is_named(system: System, channel: BlockingChannel) -> None:
    channel.queue_declare("crm.events", durable=True)

    system.start("worker")

    wait_until(lambda: system.log_lines("rabbitmq.away"), "the worker says what is wrong")
    assert "inequivalent arg" in system.log_lines("rabbitmq.away")[0]["sms.reason"]
    assert "crm.events" in system.log_lines("rabbitmq.away")[0]["sms.reason"]
