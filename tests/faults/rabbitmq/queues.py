"""Queues that are deleted, declared otherwise, or hold what comes back too often or for too long."""

import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import pika
from pika.adapters.blocking_connection import BlockingChannel

from tests.faults.harness.environment import Stage, moment
from tests.faults.harness.events import Publication, dead
from tests.faults.harness.generator import Generator as Load
from tests.faults.harness.row import Result
from tests.faults.rabbitmq.outages import lines_a_minute, quiet, soon_back
from tests.faults.rabbitmq.resource_alarms import declare
from tests.faults.workers.process_ends import faulted, until_more_came
from tests.support.crm import rows
from tests.support.waiting import wait_until
from worker.amqp.topology import DEAD_QUEUE, EVENT_QUEUES, NO_LIMIT, OTHER_EVENTS, SEND_QUEUES

PACE = 30.0
AHEAD = 200
BURST = 400
#: What is confirmed just before a deletion is noted a moment later.
NOTED_S = 0.3
REFUSED_S = 12.0
#: Above RabbitMQ's own limit since 4.0, which is 20.
RETURNS, LYING, TAKEN_S = 25, 150, 30.0
#: RabbitMQ waits three minutes before it tries a dead letter again whose queue was not there; in milliseconds.
SOON_AGAIN = {"dead_letter_worker_publisher_confirm_timeout": 3000}
KNOWN = "SELECT event_id FROM events WHERE event_id = ANY(%s)"
DOCUMENTED = "what is in a deleted event queue is lost, as deploy/troubleshooting.md warns; what comes later is not"


def send_queues_deleted(stage: Stage, runs: int) -> Result:
    """Every queue of nudges is deleted under load: the sweeper finds the rows."""
    with stage.fleet() as fleet:
        load = stage.publish(stage.events.stream(), ahead=AHEAD)
        lying = 0
        for _ in range(runs):
            until_more_came(stage)
            lying += sum(delete(stage.amqp_url, SEND_QUEUES))
        ended = moment()
        until_more_came(stage)
        load.finish()
        return stage.result(fleet, runs=runs, since=ended, figures={"nudges deleted": lying})


def event_queue_deleted(stage: Stage, runs: int) -> Result:
    """The event queue is deleted in a burst: only what lay in it is lost."""
    lost = lying = 0
    deleted = 0.0
    with stage.fleet() as fleet:
        for _ in range(runs):
            load = stage.publish(stage.events.stream(BURST))
            wait_until(lambda load=load: len(load.confirmed) > BURST / 2, "half of them are published")
            lying += sum(delete(stage.amqp_url, [OTHER_EVENTS]))
            deleted = moment() + NOTED_S
            load.wait()
            lost += drop_lost(stage, load, before=deleted)
        result = stage.result(fleet, runs=runs, since=deleted)
    return replace(result, figures={"lay in it": lying, "lost as documented": lost}, reason=DOCUMENTED)


def drop_lost(stage: Stage, load: Load, *, before: float) -> int:
    """Wait until what was confirmed later is accepted; count what is lost of before, and expect it no more."""
    later = [confirmed.publication.id for confirmed in load.confirmed if confirmed.at > before]
    wait_until(lambda: len(rows(stage.pool, KNOWN, later)) == len(later), "later events are accepted")
    time.sleep(1.0)  # a batch of before may still be on its way to its commit
    known = {event for (event,) in rows(stage.pool, KNOWN, [confirmed.publication.id for confirmed in load.confirmed])}
    kept = [confirmed for confirmed in load.confirmed if confirmed.at > before or confirmed.publication.id in known]
    lost = len(load.confirmed) - len(kept)
    load.confirmed[:] = kept
    return lost


def queue_otherwise(stage: Stage, _runs: int) -> Result:
    """A queue of ours exists as a classic queue: processes log which and why; the others are used meanwhile."""
    with channel_to(stage.amqp_url) as channel:
        channel.queue_declare(OTHER_EVENTS, durable=True)
    with stage.fleet() as fleet:
        began = moment()
        load = stage.publish(stage.events.stream(event_type="order.created"), pace=PACE, ahead=AHEAD)
        time.sleep(REFUSED_S)
        load.finish()
        meanwhile = stage.provider.state()["created"]
        refused, ends = moment(), len(fleet.ends)
        delete(stage.amqp_url, [OTHER_EVENTS])
        load = stage.publish(stage.events.stream(), pace=PACE, ahead=AHEAD)
        until_more_came(stage)
        load.finish()
        result = stage.result(fleet, runs=1, ended=[refused], figures={"sent meanwhile": meanwhile})
        lines = lines_a_minute(fleet, began, refused)
        reasons = {line["sms.reason"] for line in fleet.log_lines("queue.refused")}
    clear = [reason for reason in reasons if "PRECONDITION_FAILED" in reason and OTHER_EVENTS in reason]
    faults = [] if clear else [f"no word on the queue, but {reasons}"]
    faults += [] if meanwhile else ["no order was sent meanwhile"]
    faults += [f"{ends} processes ended"] if ends else []
    return faulted(
        soon_back(quiet(replace(result, reason=f"it says: {clear[0][:120]}" if clear else ""), lines)), faults
    )


def dead_queue_deleted(stage: Stage, runs: int) -> Result:
    """The queue of dead letters is deleted again and again: bad events and foreign envelopes are rows all the same."""
    with stage.servers.rabbitmq_with(**SOON_AGAIN), stage.fleet() as fleet:
        load = stage.publish(stage.events.stream(), pace=PACE, ahead=AHEAD)
        bad: list[Publication] = []
        for _ in range(runs):
            until_more_came(stage)
            delete(stage.amqp_url, [DEAD_QUEUE])
            batch = [*(unreadable(stage) for _ in range(5)), *(foreign(stage) for _ in range(5))]
            stage.publish(batch).wait()
            bad += batch
        load.finish()
        return stage.result(fleet, runs=runs, since=moment(), figures={"dead letters": len(bad)})


def unreadable(stage: Stage) -> Publication:
    """An event that is no JSON."""
    mark = stage.events.mark()
    return Publication(mark, "", "acme", "acme.invoice.overdue", f"{{{mark}".encode(), (), dead("not_json"))


def foreign(stage: Stage) -> Publication:
    """A message on a send queue that none of ours has written."""
    mark = stage.events.mark()
    queue = stage.random.choice(SEND_QUEUES)
    return Publication(mark, "", "acme", queue, f"foreign {mark}".encode(), (), dead("envelope"), exchange="")


def returned_often(stage: Stage, _runs: int) -> Result:
    """Events come back more often than RabbitMQ's own limit allows, as in a storm of crashes; they are innocent."""
    declare(stage.amqp_url)
    stage.publish(stage.events.stream(LYING)).wait()
    # The first sight of a delivery is no return.
    returns = [crash_holding_all(stage.amqp_url) for _ in range(RETURNS + 1)][-1]
    with stage.fleet() as fleet:
        result = stage.result(fleet, runs=RETURNS, since=moment())
    figures = {"returns of each": returns, "limit": NO_LIMIT}
    faults = [] if returns >= RETURNS else [f"each came back {returns} times only"]
    return faulted(replace(result, figures=figures), faults)


def crash_holding_all(amqp_url: str) -> int:
    """Take everything in the event queues and vanish; return the fewest returns of a delivery."""
    returns: list[int] = []

    def take(_channel: object, _method: object, properties: pika.BasicProperties, _body: bytes) -> None:
        count = (properties.headers or {}).get("x-delivery-count")
        returns.append(count if isinstance(count, int) else 0)

    connection = pika.BlockingConnection(pika.URLParameters(amqp_url))
    channel = connection.channel()
    for queue in EVENT_QUEUES:
        channel.basic_consume(queue, take)
    deadline = moment() + TAKEN_S
    while len(returns) < LYING and moment() < deadline:
        connection.process_data_events(1)
    connection.close()
    assert len(returns) == LYING, f"{len(returns)} of {LYING} came"
    return min(returns)


def delete(amqp_url: str, queues: Sequence[str]) -> list[int]:
    """Delete queues; how many messages lay ready in each."""
    with channel_to(amqp_url) as channel:
        return [channel.queue_delete(queue).method.message_count for queue in queues]


@contextmanager
def channel_to(amqp_url: str) -> Generator[BlockingChannel]:
    """A channel of a connection of its own."""
    connection = pika.BlockingConnection(pika.URLParameters(amqp_url))
    try:
        yield connection.channel()
    finally:
        connection.close()
