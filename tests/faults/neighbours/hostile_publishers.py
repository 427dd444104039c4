"""A CRM that harms others by how it publishes: forged headers and sources, large bodies, connections without end."""

import shlex
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from urllib.parse import urlsplit

import orjson
import pika
from pika.adapters.blocking_connection import BlockingConnection

from tests.faults.harness.environment import Stage
from tests.faults.harness.events import Publication, dead, published
from tests.faults.harness.fleet import Fleet
from tests.faults.harness.row import Result
from tests.faults.neighbours.neighbours import HOSTILE, VICTIM, Attack, beside, publishing
from tests.faults.workers.process_ends import faulted
from tests.support.crm import row
from worker.amqp.connection import CONNECTION_ERRORS
from worker.cli.account.fence import CHANNELS_MAX, CONNECTIONS_MAX, fence

#: More than RabbitMQ's own count of any message that has not killed workers.
FORGED_COUNT = 5
LARGE = 250_000
#: Into the queue of urgent events, where the other's wait too.
KEY = f"{HOSTILE}.order.created"
PASSWORD = "of-the-tests"
#: Far more connections than it may have.
TRIED = 2 * CONNECTIONS_MAX
DEAD_LETTERS = """
SELECT
    count(*) FILTER (WHERE account = 'beta'), count(*) FILTER (WHERE account IS DISTINCT FROM 'beta'),
    coalesce(sum(length(head) + coalesce(length(body), 0)), 0)
FROM dead_letters
"""


def counted(stage: Stage) -> Iterator[Publication]:
    """Good events without recipients, whose headers claim many returns."""
    forged = pika.BasicProperties(delivery_mode=2, headers={"x-delivery-count": FORGED_COUNT})
    while True:
        mark = stage.events.mark()
        body = stage.events.body("order.created", HOSTILE, mark=mark, phones=())
        yield replace(published(body, mark=mark, phones=()), properties=forged)


def unreadable(stage: Stage) -> Iterator[Publication]:
    """Large bodies that no parser takes, all different."""
    while True:
        yield refused(stage, b'{"%s": ' % stage.events.mark().encode() + b"[" * LARGE, "not_json")


def wrong(stage: Stage) -> Iterator[Publication]:
    """Large bodies that are JSON and no events."""
    while True:
        yield refused(stage, orjson.dumps({"id": stage.events.mark(), "more": "x" * LARGE}), "schema")


def forged(stage: Stage) -> Iterator[Publication]:
    """Events that claim to be of the other account."""
    while True:
        body = stage.events.body("order.created", VICTIM, mark=stage.events.mark(), phones=stage.events.phones(1))
        yield refused(stage, orjson.dumps(body), "account_mismatch")


def refused(stage: Stage, body: bytes, reason: str) -> Publication:
    """What must become a dead letter."""
    return Publication(stage.events.mark(), "", HOSTILE, KEY, body, (), dead(reason, "too_many"))


def lettered(stage: Stage, runs: int, *, attack: Attack) -> Result:
    """Beside an attack whose events all become dead letters: of the hostile account alone, and small."""
    result = beside(stage, runs, attack=attack)
    hostile, others, kept = row(stage.pool, DEAD_LETTERS)
    figures = {**result.figures, "dead letters": hostile, "kept MB": round(kept / 1e6, 1)}
    faults = [f"{others} letters of others"] if others else []
    faults += [] if hostile else ["nothing became a dead letter"]
    return faulted(replace(result, figures=figures), faults)


def connecting(stage: Stage, runs: int) -> Result:
    """Beside a publisher that opens as many connections and channels as the printed commands allow."""
    opened: list[int] = []

    @contextmanager
    def attack(stage: Stage, _fleet: Fleet) -> Generator[None]:
        for command in fence(HOSTILE):
            arguments = shlex.split(command)[1:]
            stage.servers.rabbitmqctl(*arguments, *([PASSWORD] if arguments[0] == "add_user" else []))
        held = list(connections(url_of(stage.amqp_url)))
        opened.extend((len(held), channels(held[0])))
        try:
            yield
        finally:
            for item in held:
                with suppress(*CONNECTION_ERRORS):
                    item.close()
            for name in (f"crm-{HOSTILE}", f"crm-{HOSTILE}.outcomes"):
                stage.servers.rabbitmqctl("delete_user", name)
            for name in ("sms-events", "sms-outcomes"):
                stage.servers.rabbitmqctl("clear_policy", name)

    result = beside(stage, runs, attack=attack)
    figures = {**result.figures, "connections": opened[0], "channels": opened[1]}
    faults = [f"{opened[0]} connections, {opened[1]} channels"] if opened != [CONNECTIONS_MAX, CHANNELS_MAX] else []
    return faulted(replace(result, figures=figures), faults)


def url_of(url: str) -> pika.URLParameters:
    """RabbitMQ for the hostile account's user."""
    parts = urlsplit(url)
    own = parts._replace(netloc=f"crm-{HOSTILE}:{PASSWORD}@{parts.hostname}:{parts.port}").geturl()
    return pika.URLParameters(own)


def connections(parameters: pika.URLParameters) -> Iterator[BlockingConnection]:
    """As many as there may be."""
    for _ in range(TRIED):
        with suppress(*CONNECTION_ERRORS):
            yield BlockingConnection(parameters)


def channels(connection: BlockingConnection) -> int:
    """How many channels there may be."""
    for number in range(2 * CHANNELS_MAX):
        try:
            connection.channel()
        except CONNECTION_ERRORS:
            return number
    return 2 * CHANNELS_MAX


ATTACKS = {
    "counted": publishing(counted, pace=150.0),
    "unreadable": publishing(unreadable, pace=40.0),
    "wrong": publishing(wrong, pace=20.0),
    "forged": publishing(forged, pace=250.0),
}
