"""Events that come more than once, under an id that was taken, or from a publisher that died half-way."""

from contextlib import suppress
from dataclasses import replace

import orjson
import pika

from tests.faults.harness.environment import Stage, moment
from tests.faults.harness.events import Publication, dead
from tests.faults.harness.fleet import Fleet
from tests.faults.harness.generator import PROPERTIES
from tests.faults.harness.row import Result
from tests.faults.network.lossy_proxies import BrittleDoor, opened
from tests.faults.workers.process_ends import faulted
from tests.support.crm import execute, row
from worker.amqp.connection import CONNECTION_ERRORS

PUBLISHERS, COPIES = 8, 13
CAREFREE = 200
#: A reset connection takes along what RabbitMQ has not read: a slow one may have read nothing.
TRIES = 20
#: Where a stream of so many events is cut; any position in the middle of a body will do.
HALF = 0.61

REPEATS = "SELECT coalesce(sum(repeats), 0)::integer FROM event_keys"
REUSED = "SELECT count(*) FROM dead_letters WHERE reason = 'id_reused' AND event_id = ANY(%s)"
CLOSED = "DELETE FROM dead_letters WHERE reason = 'id_reused'"


def duplicated(stage: Stage, runs: int) -> Result:
    """Each event a hundred times at once, from eight publishers."""
    events = list(stage.events.stream(runs))
    with stage.fleet() as fleet:
        loads = [
            stage.publish([publication for publication in events for _ in range(COPIES)]) for _ in range(PUBLISHERS)
        ]
        for load in loads:
            load.wait()
        result = stage.result(fleet, runs=runs, since=moment())
    [repeats], expected = row(stage.pool, REPEATS), runs * (PUBLISHERS * COPIES - 1)
    # RabbitMQ may hand over an event once more: that counts as a repeat too.
    faults = [f"{repeats} repeats counted of {expected}"] if repeats < expected else []
    return faulted(replace(result, figures={"copies each": PUBLISHERS * COPIES, "repeats counted": repeats}), faults)


def ids_reused(stage: Stage, runs: int) -> Result:
    """Ids that come again with another content: the first event is sent, the other is a dead letter."""
    firsts = list(stage.events.stream(runs, people=1))
    with stage.fleet() as fleet:
        stage.publish(firsts)
        assert stage.rest().came
        stage.publish(
            [reused(publication, stage.events.single(people=1, account=publication.account)) for publication in firsts]
        )
        rest = stage.rest()
        [dead_letters] = row(stage.pool, REUSED, [publication.id for publication in firsts])
        # They share their ids with events that were sent, of which there are no dead letters.
        execute(stage.pool, CLOSED)
        stage.loads.pop()
        result = stage.result(fleet, runs=runs, since=moment())
    faults = [f"{dead_letters} dead letters for {runs} ids"] if dead_letters != runs or not rest.came else []
    return faulted(replace(result, figures={"dead letters": dead_letters}), faults)


def reused(first: Publication, other: Publication) -> Publication:
    """Another event under the id of the first."""
    body = {**orjson.loads(other.body), "id": first.id}
    return replace(other, body=orjson.dumps(body), id="", phones=(), fate=dead("id_reused"))


def publisher_died(stage: Stage, runs: int) -> Result:
    """A CRM that asks for no confirms dies in the middle of a frame; from its outbox it publishes everything again."""
    with stage.fleet() as fleet:
        arrived = [next(filter(None, (publish_twice(stage, fleet) for _ in range(TRIES))), 0) for _ in range(runs)]
        result = stage.result(fleet, runs=runs, since=moment())
    faults = [] if min(arrived) > 0 and max(arrived) < CAREFREE else [f"{arrived} of {CAREFREE} arrived: nothing tried"]
    reason = "without confirms whatever is on the way is lost with the publisher: the contract asks for them"
    figures = {"published": CAREFREE, "arrived before it died": arrived[0]}
    return faulted(replace(result, figures=figures, reason=reason), faults)


def publish_twice(stage: Stage, fleet: Fleet) -> int:
    """Publish events half-way without confirms, then all of them: how many had arrived before."""
    events = list(stage.events.stream(CAREFREE, people=1))
    before = came_again(fleet)
    publish_half(stage, events)
    stage.publish(events)
    assert stage.rest().came
    return came_again(fleet) - before


def came_again(fleet: Fleet) -> int:
    """How many events the workers have met that they had accepted before."""
    return sum(line["sms.repeats"] for line in fleet.log_lines("events.accepted"))


def publish_half(stage: Stage, events: list[Publication]) -> None:
    """Publish without confirms through a door that breaks."""
    length = int(HALF * sum(len(event.body) + len(event.routing_key) + 80 for event in events))
    with opened(BrittleDoor(stage.amqp_url, length=length)) as brittle, suppress(*CONNECTION_ERRORS):
        channel = pika.BlockingConnection(pika.URLParameters(brittle.url)).channel()
        for publication in events:
            channel.basic_publish(publication.exchange, publication.routing_key, publication.body, PROPERTIES)
