import time
from collections.abc import Callable, Iterable
from functools import partial
from itertools import count

from tests.pipeline.conftest import System, states, wait_for_accepted
from tests.support.broker import depth, look
from tests.support.crm import Json, event, execute, person, rows
from tests.support.metrics_reader import Exposition
from tests.support.simulated_provider import Provider
from tests.support.waiting import PATIENCE_S, wait_until
from worker.amqp.topology import QUEUES
from worker.store.db.postgres import Pool, rerun

Publish = Callable[[Iterable[Json]], None]

#: What a killed worker held comes back to the others by its lease, and what it was nudged for by its row.
HURRY = (
    "UPDATE attempts SET leased_until = now() WHERE settled_at IS NULL",
    "UPDATE notifications SET due_at = now() WHERE state = 'planned'",
)


class Crm:
    """Publishes events, each for another person, and knows how many."""

    def __init__(self, publish: Publish) -> None:
        self._publish = publish
        self._numbers = count(1)
        self.published = 0

    def publish(self, events: int) -> None:
        people = [person(phone=f"067{next(self._numbers):07d}") for _ in range(events)]
        self._publish([event("invoice.overdue", recipients=[item]) for item in people])
        self.published += events

    def publish_until(self, condition: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, f"waited in vain: {what}"
            self.publish(20)
            time.sleep(0.1)


def shared(door: str) -> bool:
    """Whether a worker accepted events and sent texts."""
    seen = Exposition(door)
    return bool(seen.of("sms_events_total", outcome="accepted") and seen.of("sms_attempts_total", outcome="accepted"))


def test_changing_replicas_under_load_lose_and_double_nothing(
    system: System, publish: Publish, pool: Pool, provider: Provider
) -> None:
    provider.settings(latency_ms=20)
    crm = Crm(publish)
    system.start("scheduler")
    doors = [system.door(doomed := system.start("worker"))]
    crm.publish_until(lambda: shared(doors[0]), "the first one works")
    leaving, _staying = system.start("worker"), system.start("worker")
    doors += [system.door(process) for process in system.processes[2:]]
    crm.publish_until(lambda: all(map(shared, doors)), "all three share the work")

    crm.publish(100)
    doomed.kill()
    crm.publish(100)
    leaving.terminate()
    crm.publish(100)

    assert leaving.wait(PATIENCE_S) == 0
    for statement in HURRY:
        # Workers write the same rows meanwhile, and PostgreSQL may choose ours to give way.
        rerun(partial(execute, pool, statement))
    wait_for_accepted(pool, crm.published)
    recipients = [message["recipient"] for message in provider.messages()]
    assert (len(recipients), len(set(recipients))) == (crm.published, crm.published)
    assert rows(pool, "SELECT count(*) FROM events") == [(crm.published,)]
    assert rows(pool, "SELECT * FROM dead_letters") == []


def test_a_replica_for_what_is_urgent_takes_that_alone(
    system: System, publish: Publish, pool: Pool, amqp_url: str
) -> None:
    mine = ("crm.events.urgent", "sms.urgent")
    there = system.door(system.start("worker", "--queues", ",".join(mine)))
    people = [person(phone=f"067{number:07d}") for number in range(5)]
    publish(event("order.created", recipients=[{**item, "kind": "order"}]) for item in people)
    publish(event("invoice.overdue", recipients=[item]) for item in people)
    wait_for_accepted(pool, 5)
    assert {queue: look(amqp_url, queue).consumer_count for queue in QUEUES} == {
        queue: int(queue in mine) for queue in QUEUES
    }
    assert depth(amqp_url, "crm.events") == 5

    system.start("worker", "--queues", "crm.events")
    wait_until(lambda: states(pool) == {"accepted": 5, "planned": 5}, "the others are planned")
    wait_until(lambda: depth(amqp_url, "sms.normal"), "somebody is asked to send them")
    assert {lane for lane, _ in Exposition(there).risen("sms_notifications_total")} == {"urgent"}

    system.start("worker")
    wait_for_accepted(pool, 10)
