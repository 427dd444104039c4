"""The commands that `account show` prints, run at a real RabbitMQ: what they let a CRM do, and what not."""

import json
import shlex
import subprocess
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection
from pika.exceptions import ChannelClosedByBroker

from deploy.services.local import Pair
from deploy.services.programs import THIS_MACHINE, needed_programs
from tests.support.waiting import PATIENCE_S, wait_until
from worker.amqp.topology import (
    EVENT_QUEUES,
    EVENTS_EXCHANGE,
    NO_LIMIT,
    OTHER_EVENTS,
    OUTCOMES_EXCHANGE,
    QUEUES,
    declare_each,
    declare_outcomes,
)
from worker.cli.account.fence import fence

pytestmark = pytest.mark.long

PASSWORD = "of-the-tests"
PUBLISHES, HEARS = "crm-acme", "crm-acme.outcomes"
QUEUE = "crm-acme.outcomes"
REFUSED = 403

Use = Callable[[BlockingChannel], object]


@pytest.fixture(scope="module")
def fenced(private: Pair) -> Pair:
    """A RabbitMQ that has our exchanges and queues, and the fenced users of two accounts."""
    for command in dict.fromkeys([*fence("acme"), *fence("globex")]):
        arguments = shlex.split(command)[1:]
        rabbitmqctl(private, *arguments, *([PASSWORD] if arguments[0] == "add_user" else []))
    with BlockingConnection(pika.URLParameters(private.amqp_url)) as connection:
        assert (declare_each(connection), declare_outcomes(connection)) == ({}, None)
    with user(private, "crm-globex.outcomes") as connection:
        own_queue(connection.channel(), "globex")
    return private


def rabbitmqctl(pair: Pair, *arguments: str) -> str:
    tool = needed_programs(THIS_MACHINE).rabbitmq.server.parent / "rabbitmqctl"
    environment = dict(pair.rabbitmq.launch.environment)
    return subprocess.run(
        [tool, *arguments], env=environment, check=True, capture_output=True, text=True, timeout=PATIENCE_S
    ).stdout


def user(pair: Pair, name: str) -> BlockingConnection:
    parts = urlsplit(pair.amqp_url)
    own = parts._replace(netloc=f"{name}:{PASSWORD}@{parts.hostname}:{parts.port}").geturl()
    return BlockingConnection(pika.URLParameters(own))


def own_queue(channel: BlockingChannel, account: str) -> None:
    queue = f"crm-{account}.outcomes"
    channel.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"})
    channel.queue_bind(queue, OUTCOMES_EXCHANGE, f"{account}.#")


def hear(heard: list[object], *delivery: object) -> None:
    heard.append(delivery[-1])


def is_refused(pair: Pair, name: str, use: Use) -> bool:
    """Whether RabbitMQ closes a channel of this user for lack of rights."""
    with user(pair, name) as connection:
        channel = connection.channel()
        try:
            use(channel)
            # What is refused without an answer closes the channel before the next one.
            channel.queue_declare("none of ours", passive=True)
        except ChannelClosedByBroker as error:
            return error.reply_code == REFUSED and "none of ours" not in error.reply_text
    return False


def test_a_crm_hears_its_own_outcomes_alone(fenced: Pair) -> None:
    with user(fenced, HEARS) as connection:
        channel = connection.channel()
        own_queue(channel, "acme")
        with BlockingConnection(pika.URLParameters(fenced.amqp_url)) as ours:
            ours_channel = ours.channel()
            ours_channel.confirm_delivery()
            for account in ("globex", "acme"):
                ours_channel.basic_publish(OUTCOMES_EXCHANGE, f"{account}.notification.delivered", account.encode())

        heard: list[object] = []
        channel.basic_consume(QUEUE, partial(hear, heard), auto_ack=True)
        wait_until(lambda: connection.process_data_events(0) or heard, "the outcome of acme")
        assert heard == [b"acme"]


@pytest.mark.parametrize("key", ["#", "*.#", "*.notification.delivered", "globex.#", "acme-2.#", "acme", ""])
def test_no_binding_reaches_the_outcomes_of_another(fenced: Pair, key: str) -> None:
    with user(fenced, HEARS) as connection:
        own_queue(connection.channel(), "acme")

    assert is_refused(fenced, HEARS, lambda channel: channel.queue_bind(QUEUE, OUTCOMES_EXCHANGE, key))


@pytest.mark.parametrize("name", [PUBLISHES, HEARS])
@pytest.mark.parametrize("queue", ["crm-globex.outcomes", *QUEUES])
def test_no_queue_of_others_can_be_read_emptied_or_deleted(fenced: Pair, name: str, queue: str) -> None:
    uses: tuple[Use, ...] = (
        lambda channel: channel.basic_get(queue),
        lambda channel: channel.basic_consume(queue, partial(hear, [])),
        lambda channel: channel.queue_purge(queue),
        lambda channel: channel.queue_delete(queue),
        lambda channel: channel.queue_bind(queue, OUTCOMES_EXCHANGE, "acme.#"),
    )

    assert [is_refused(fenced, name, use) for use in uses] == [True] * len(uses)


def dead_lettering(exchange: str) -> Use:
    arguments = {"x-dead-letter-exchange": exchange, "x-dead-letter-routing-key": "globex.order.created"}
    return lambda channel: channel.queue_declare(QUEUE, durable=True, arguments=arguments)


def passing_on(exchange: str) -> Use:
    return lambda channel: channel.exchange_declare(QUEUE, "fanout", arguments={"alternate-exchange": exchange})


@pytest.mark.parametrize("exchange", [EVENTS_EXCHANGE, OUTCOMES_EXCHANGE, "sms.events", ""])
@pytest.mark.parametrize("by_way_of", [dead_lettering, passing_on])
def test_who_hears_can_forge_nothing(fenced: Pair, exchange: str, by_way_of: Callable[[str], Use]) -> None:
    with user(fenced, HEARS) as connection:
        connection.channel().queue_delete(QUEUE)

    assert is_refused(fenced, HEARS, by_way_of(exchange))


@pytest.mark.parametrize(
    ("name", "exchange", "key"),
    [
        (HEARS, EVENTS_EXCHANGE, "acme.order.created"),
        (HEARS, OUTCOMES_EXCHANGE, "acme.notification.delivered"),
        (HEARS, "", OTHER_EVENTS),
        (PUBLISHES, EVENTS_EXCHANGE, "globex.order.created"),
        (PUBLISHES, OUTCOMES_EXCHANGE, "acme.notification.delivered"),
        (PUBLISHES, "", OTHER_EVENTS),
    ],
)
def test_nothing_can_be_published_elsewhere(fenced: Pair, name: str, exchange: str, key: str) -> None:
    assert is_refused(fenced, name, lambda channel: channel.basic_publish(exchange, key, b"{}"))


@pytest.mark.parametrize("queue", ["crm-acme.more", "crm-acme", "crm-globex.outcomes2", "another", ""])
def test_who_hears_has_one_queue(fenced: Pair, queue: str) -> None:
    assert is_refused(fenced, HEARS, lambda channel: channel.queue_declare(queue, durable=True))


def test_who_publishes_hears_nothing(fenced: Pair) -> None:
    assert is_refused(fenced, PUBLISHES, lambda channel: own_queue(channel, "acme"))
    assert is_refused(
        fenced, PUBLISHES, lambda channel: channel.exchange_bind(EVENTS_EXCHANGE, OUTCOMES_EXCHANGE, "acme.#")
    )


def test_what_comes_back_to_a_crms_queue_again_and_again_stays(fenced: Pair) -> None:
    listed = json.loads(rabbitmqctl(fenced, "list_policies", "--formatter=json"))

    [definition] = [policy["definition"] for policy in listed if policy["name"] == "sms-outcomes"]
    assert json.loads(definition)["delivery-limit"] == NO_LIMIT


def test_every_queue_that_may_grow_is_bounded(fenced: Pair) -> None:
    listed = rabbitmqctl(fenced, "list_queues", "--silent", "name", "policy")

    policies = dict(line.split("\t") for line in listed.splitlines())
    assert policies["crm-globex.outcomes"] == "sms-outcomes"
    assert {policies[queue] for queue in EVENT_QUEUES} == {"sms-events"}
