import socket
from collections.abc import Callable, Iterable

import pytest

from tests.pipeline.conftest import System, wait_for_accepted
from tests.pipeline.test_crashes_and_bad_events import shut_database
from tests.support.crm import Json, event, execute
from tests.support.health_client import answer, is_ready, wait_until_ready, wait_until_unready
from tests.support.simulated_provider import Provider
from tests.support.tcp_proxy import door
from tests.support.waiting import PATIENCE_S, wait_until
from worker.store.db.postgres import Pool

Publish = Callable[[Iterable[Json]], None]

#: A consumer of a worker stops looking at its queue, and is not asked to end.
HANG = """
import threading, time

def hang():
    while not (consumers := [it for it in threading.enumerate() if getattr(it, "queue_name", None) == "crm.events"]):
        time.sleep(0.1)
    time.sleep(3)
    consumers[0].pause()

threading.Thread(target=hang, daemon=True).start()
"""

#: Writes that allocate are refused, as on a full disk; the probe, which updates a row in place, is not.
FULL = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END $$;
CREATE TRIGGER full_disk BEFORE INSERT ON event_keys FOR EACH STATEMENT EXECUTE FUNCTION full_disk()
"""


def test_a_worker_that_consumes_is_ready(system: System, publish: Publish, pool: Pool) -> None:
    there = system.door(system.start("worker"))

    wait_until_ready(there)
    assert answer(there, "/livez") == (200, [])
    publish([event()])
    wait_for_accepted(pool, 1)
    assert is_ready(there)


def test_an_outage_of_rabbitmq_makes_processes_unready_and_not_dead(system: System, amqp_url: str) -> None:
    with door(amqp_url) as rabbitmq:
        rabbitmq.open()
        worker = system.door(system.start("worker", SMS_AMQP_URL=rabbitmq.url))
        scheduler = system.door(system.start("scheduler", SMS_AMQP_URL=rabbitmq.url))
        wait_until_ready(worker)
        wait_until_ready(scheduler)

        rabbitmq.shut()
        wait_until_unready(worker, because="consumer of sms.urgent: not connected to RabbitMQ")
        wait_until_unready(worker, because="publisher: ")
        wait_until_unready(scheduler, because="publisher: ")
        wait_until_unready(scheduler, because="task release fails")
        assert [answer(name, "/livez") for name in (worker, scheduler)] == [(200, []), (200, [])]
        rabbitmq.open()

        wait_until_ready(worker)
        wait_until_ready(scheduler)


def test_a_frozen_rabbitmq_makes_a_worker_unready(system: System, amqp_url: str) -> None:
    with door(amqp_url) as rabbitmq:
        rabbitmq.open()
        worker = system.door(system.start("worker", SMS_AMQP_URL=rabbitmq.url))
        wait_until_ready(worker)

        rabbitmq.swallows = True
        wait_until_unready(worker, because="publisher: ")
        rabbitmq.swallows = False
        rabbitmq.shut()
        rabbitmq.open()

        wait_until_ready(worker)


def test_an_outage_of_postgresql_makes_processes_unready_and_not_dead(
    system: System, publish: Publish, pool: Pool, services: tuple[str, str], database_url: str
) -> None:
    worker, scheduler = system.door(system.start("worker")), system.door(system.start("scheduler"))
    wait_until_ready(worker)
    wait_until_ready(scheduler)

    with shut_database(services[1], database_url):
        publish([event()])
        wait_until_unready(worker, because="PostgreSQL: ")
        wait_until_unready(worker, because="consumer of crm.events: waits for PostgreSQL")
        wait_until_unready(scheduler, because="PostgreSQL: ")
        assert [answer(name, "/livez") for name in (worker, scheduler)] == [(200, []), (200, [])]

    wait_until_ready(worker)
    wait_until_ready(scheduler)
    wait_for_accepted(pool, 1)


def test_a_full_disk_in_ingest_makes_a_worker_unready_until_it_is_over(
    system: System, publish: Publish, pool: Pool
) -> None:
    worker = system.door(system.start("worker"))
    wait_until_ready(worker)
    execute(pool, FULL)

    publish([event()])
    wait_until_unready(worker, because="consumer of crm.events: waits for PostgreSQL (No space left on device (53100))")
    wait_until(lambda: len(system.log_lines("batch.returned")) >= 4, "it is tried again, ever more seldom")
    assert [line["sms.reason"] for line in system.log_lines("postgresql.away")] == ["No space left on device (53100)"]
    assert not is_ready(worker)
    execute(pool, "DROP TRIGGER full_disk ON event_keys")

    wait_for_accepted(pool, 1)
    wait_until_ready(worker)
    assert len(system.log_lines("postgresql.back")) == 1


def test_a_full_disk_in_sending_makes_a_worker_unready(system: System, publish: Publish, pool: Pool) -> None:
    worker = system.door(system.start("worker"))
    wait_until_ready(worker)
    execute(pool, FULL.replace("event_keys", "attempts"))

    publish([event()])

    wait_until_unready(worker, because="sending: waits for PostgreSQL (No space left on device (53100))")


def test_a_process_that_cannot_start_is_alive_and_unready(system: System, amqp_url: str, database_url: str) -> None:
    with door(amqp_url) as rabbitmq, door(database_url) as postgresql:
        urls = {"SMS_AMQP_URL": rabbitmq.url, "SMS_DATABASE_URL": postgresql.url}
        both = [system.door(system.start(name, **urls)) for name in ("worker", "scheduler")]
        for name in both:
            wait_until_unready(name, because="starting: PostgreSQL: ")
            assert answer(name, "/livez") == (200, [])
        postgresql.open()
        for name in both:
            wait_until_unready(name, because="publisher: ")
            assert answer(name, "/livez") == (200, [])
        rabbitmq.open()
        for name in both:
            wait_until_ready(name)


def test_a_worker_with_a_hung_consumer_lives_and_is_not_ready(system: System) -> None:
    there = system.door(system.start("worker", TESTS_FIRST=HANG))

    wait_until_ready(there)
    wait_until_unready(there, because="consumer of crm.events: has not looked at its queue for")
    assert answer(there, "/livez") == (200, [])
    assert [fault.split(":")[0] for fault in answer(there, "/readyz")[1]] == ["consumer of crm.events"]


def test_a_process_that_ends_is_unready_and_alive(system: System, publish: Publish, provider: Provider) -> None:
    provider.fault("no_answer", times=None)
    worker = system.start("worker")
    there = system.door(worker)
    publish(event() for _ in range(20))
    wait_until(lambda: provider.state()["posts"] >= 5, "the provider is asked and says nothing")

    worker.terminate()

    wait_until_unready(there, because="ending")
    assert answer(there, "/livez") == (200, [])


@pytest.mark.parametrize("command", ["worker", "scheduler"])
def test_a_process_without_the_address_that_was_asked_for_ends_with_a_hint(system: System, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        taken = f"127.0.0.1:{stranger.getsockname()[1]}"
        process = system.start(command, SMS_LISTEN=taken)

        assert process.wait(PATIENCE_S) == 1
    [log] = system.folder.iterdir()
    assert f"SMS_LISTEN: {taken} cannot be listened at" in log.read_text()


def test_replicas_on_one_machine_need_no_address_each(system: System) -> None:
    doors = {system.door(system.start("worker", SMS_LISTEN="")) for _ in range(2)}

    assert len(doors) == 2
    for name in doors:
        wait_until_ready(name)


def test_a_process_with_listen_off_listens_nowhere(system: System, publish: Publish, pool: Pool) -> None:
    system.start("worker", SMS_LISTEN="off")
    publish([event()])

    wait_for_accepted(pool, 1)
    assert system.log_lines("http.listening") == []
