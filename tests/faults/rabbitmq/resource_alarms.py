"""RabbitMQ raises an alarm: it takes nothing from publishers and goes on delivering."""

import time
from dataclasses import replace
from datetime import datetime

import pika

from tests.faults.harness.environment import Stage, moment
from tests.faults.harness.fleet import Fleet
from tests.faults.harness.row import Result
from tests.faults.workers.process_ends import faulted, until_more_came
from tests.support.crm import row
from tests.support.waiting import wait_until
from worker.amqp import topology
from worker.amqp.publisher import CONFIRM_S

#: What lies in the queues when the alarm is raised.
LYING = 300
PACE = 20.0
BLOCKED_S = 6.0
#: A nudge that RabbitMQ does not take is given up after CONFIRM_S, or after two when its connection was replaced.
GIVEN_UP_S = 2 * CONFIRM_S + 2.0
ACCEPTED = "SELECT count(*) FROM events"
Command = tuple[str, str]


def memory_alarm(stage: Stage, _runs: int) -> Result:
    """RabbitMQ has no memory left."""
    command = "set_vm_memory_high_watermark"
    return alarmed(stage, (command, "0.00001"), (command, "0.4"))


def disk_alarm(stage: Stage, _runs: int) -> Result:
    """RabbitMQ has no disk left."""
    command = "set_disk_free_limit"
    return alarmed(stage, (command, "1000000GB"), (command, "50MB"))


def alarmed(stage: Stage, raised: Command, lowered: Command) -> Result:
    """Events lie in the queues, the alarm is raised, workers start: they accept all of them, and nudge in vain."""
    declare(stage.amqp_url)
    stage.publish(stage.events.stream(LYING)).wait()
    try:
        stage.servers.rabbitmqctl(*raised)
        with stage.fleet() as fleet:
            began = moment()
            wait_until(lambda: row(stage.pool, ACCEPTED)[0] >= LYING, "everything that lay there is accepted")
            accepted_s = moment() - began
            load = stage.publish(stage.events.stream(), pace=PACE)
            time.sleep(BLOCKED_S)
            blocked, created = not load.confirmed, stage.provider.state()["created"]
            stage.servers.rabbitmqctl(*lowered)
            ended = moment()
            until_more_came(stage)
            load.finish()
            result = stage.result(fleet, runs=1, ended=[ended])
            rest_s = moment() - ended
            given_up = given_up_s(fleet)
    finally:
        stage.servers.rabbitmqctl(*lowered)
    figures = {"accepted meanwhile": LYING, "in s": round(accepted_s, 1), "sent meanwhile": created}
    figures |= {"at rest after s": round(rest_s, 1)}
    faults = [] if blocked else ["RabbitMQ took events: there was no alarm"]
    faults += [] if given_up <= GIVEN_UP_S else [f"a publisher waited for {given_up:.1f} s"]
    return faulted(replace(result, figures={**figures, "publisher waited s": round(given_up, 1)}), faults)


def declare(amqp_url: str) -> None:
    """Declare what workers declare."""
    connection = pika.BlockingConnection(pika.URLParameters(amqp_url))
    topology.declare_each(connection)
    connection.close()


def given_up_s(fleet: Fleet) -> float:
    """How long a worker's publisher waited for RabbitMQ: from its first nudge to the line that it is away."""
    accepted = first_at(fleet, "events.accepted")
    away = first_at(fleet, "rabbitmq.away")
    return max((away[pid] - accepted[pid] for pid in accepted.keys() & away.keys()), default=float("inf"))


def first_at(fleet: Fleet, action: str) -> dict[int, float]:
    """When each process logged this first."""
    results: dict[int, float] = {}
    for line in fleet.log_lines(action):
        results.setdefault(line["process.pid"], datetime.fromisoformat(line["@timestamp"]).timestamp())
    return results
