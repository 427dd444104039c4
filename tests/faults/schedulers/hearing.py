"""What CRMs hear while schedulers die, RabbitMQ goes away and a queue of theirs is full: everything, in order."""

import signal
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import orjson

from tests.faults.harness.environment import Stage, moment
from tests.faults.harness.row import Result
from tests.faults.rabbitmq.queues import channel_to
from tests.faults.workers.process_ends import faulted, until_more_came
from tests.support.crm import row, rows
from tests.support.tcp_proxy import door
from tests.support.waiting import wait_until
from worker.amqp.topology import OUTCOMES_EXCHANGE

SCHEDULERS = 3
PACE = 30.0
#: Of each batch of outcomes that RabbitMQ has confirmed.
CHANCE = 0.3
QUEUE, FULL_QUEUE, LATER_QUEUE = "crm.faults", "crm.acme", "crm.acme.later"
FROZEN_S = 3.0
FULL = {"x-max-length": 5, "x-overflow": "reject-publish", "x-queue-type": "quorum"}
TEXTS = 300
#: The change of each text that a CRM hears of, by its version.
MADE = """
SELECT id FROM transitions
WHERE to_state NOT IN ('planned', 'postponed', 'sending', 'sent')
"""
LEFT = "SELECT count(*) FROM outcomes"
LEFT_OF = "SELECT count(*) FROM outcomes WHERE account <> 'acme'"

#: Versions in the order in which they came, by notification.
Heard = dict[str, list[int]]


def killed(stage: Stage, runs: int) -> Result:
    """A scheduler dies after the confirm and before the delete: its batch is heard twice, in the same order."""
    with stage.fleet(schedulers=SCHEDULERS, armed="scheduler", failpoints=f"outcomes_confirmed:kill:{CHANCE}") as fleet:
        hear(stage, QUEUE, "#")
        load = stage.publish(stage.events.stream(), pace=PACE)
        fleet.wait_for_kills(runs)
        fleet.disarm()
        load.finish()
        told = settled(stage)
        result = stage.result(fleet, runs=fleet.kills, since=moment())
    heard = taken(stage, QUEUE)
    repeats = sum(len(versions) - len(set(versions)) for versions in heard.values())
    more = [] if repeats else ["nothing was heard twice: no scheduler died in between"]
    return judged(result, heard, told, {"heard twice": repeats}, more)


def frozen(stage: Stage, runs: int) -> Result:
    """Schedulers are frozen for longer than their locks last, then go on with what others have published meanwhile."""
    with stage.fleet(schedulers=SCHEDULERS, waits="OUTCOMES_PATIENCE=2,FROZEN_WAIT=3") as fleet:
        hear(stage, QUEUE, "#")
        load = stage.publish(stage.events.stream(), pace=PACE)
        for _ in range(runs):
            asleep = stage.random.sample(fleet.schedulers, SCHEDULERS - 1)
            time.sleep(stage.random.random())
            for slot in asleep:
                fleet.signal(signal.SIGSTOP, slot)
            time.sleep(FROZEN_S)
            for slot in asleep:
                fleet.signal(signal.SIGCONT, slot)
        load.finish()
        told = settled(stage)
        result = stage.result(fleet, runs=runs * (SCHEDULERS - 1), since=moment())
    return judged(result, taken(stage, QUEUE), told, {}, [])


def cut_off(stage: Stage, runs: int) -> Result:
    """Nobody reaches RabbitMQ again and again while outcomes are on their way."""
    with door(stage.amqp_url) as way:
        way.open()
        with stage.fleet(schedulers=2, amqp_url=way.url) as fleet:
            hear(stage, QUEUE, "#")
            load = stage.publish(stage.events.stream(), pace=PACE)
            for _ in range(runs):
                until_more_came(stage)
                way.shut()
                way.open()
            load.finish()
            told = settled(stage)
            result = stage.result(fleet, runs=runs, since=moment())
    return judged(result, taken(stage, QUEUE), told, {}, [])


def full(stage: Stage, _runs: int) -> Result:
    """A queue of one account's CRM is full and nobody reads it: the others hear meanwhile, and it hears later."""
    with stage.fleet(schedulers=2) as fleet:
        hear(stage, QUEUE, "beta.#", "gamma.#")
        hear(stage, FULL_QUEUE, "acme.#", **FULL)
        stage.publish(stage.events.stream(TEXTS)).wait()
        stage.rest()
        wait_until(lambda: not row(stage.pool, LEFT_OF)[0], "the others have heard everything")
        waits, lay = row(stage.pool, LEFT)[0], moment()
        hear(stage, LATER_QUEUE, "acme.#")
        first = taken(stage, FULL_QUEUE)
        told = settled(stage)
        result = stage.result(fleet, runs=1, since=lay)
    heard = merged(merged(first, taken(stage, LATER_QUEUE)), taken(stage, QUEUE))
    more = [] if waits else ["nothing waited: no queue was full"]
    return judged(result, heard, told, {"waited for the full queue": waits}, more)


def hear(stage: Stage, queue: str, *patterns: str, **arguments: object) -> None:
    """Let CRMs hear of everything, and bind a queue."""
    stage.set_accounts("outcomes", ["all"])
    with channel_to(stage.amqp_url) as channel:
        channel.queue_declare(queue, durable=True, arguments=arguments or {"x-queue-type": "quorum"})
        channel.queue_purge(queue)
        channel.exchange_declare(OUTCOMES_EXCHANGE, "topic", durable=True)
        for pattern in patterns:
            channel.queue_bind(queue, OUTCOMES_EXCHANGE, pattern)


def settled(stage: Stage) -> set[int]:
    """Wait until nothing is left to be told, and return the versions that are to be heard."""
    stage.rest()
    wait_until(lambda: not row(stage.pool, LEFT)[0], "the outbox is empty")
    return {version for (version,) in rows(stage.pool, MADE)}


def taken(stage: Stage, queue: str) -> Heard:
    """Take all that lies in a queue, and delete it."""
    heard: Heard = defaultdict(list)
    with channel_to(stage.amqp_url) as channel:
        while True:
            _, _, body = channel.basic_get(queue, auto_ack=True)
            if body is None:
                break
            data = orjson.loads(body)["data"]
            heard[data.get("notification", "")].append(data.get("version", 0))
        channel.queue_delete(queue)
    heard.pop("", None)
    return heard


def merged(first: Heard, later: Heard) -> Heard:
    return {name: [*first.get(name, ()), *later.get(name, ())] for name in {*first, *later}}


def judged(result: Result, heard: Heard, told: set[int], figures: dict[str, object], more: Sequence[str]) -> Result:
    """With what was not heard, or was heard in another order than it happened."""
    versions = {version for each in heard.values() for version in each}
    unordered = [name for name, each in heard.items() if each != sorted(each)]
    faults = [*more]
    faults += [f"{len(told - versions)} outcomes were not heard"] if told - versions else []
    faults += [f"{len(versions - told)} were heard that nothing was"] if versions - told else []
    faults += [f"{len(unordered)} texts were heard of in another order"] if unordered else []
    return faulted(replace(result, figures={**result.figures, "outcomes": len(told), **figures}), faults)
