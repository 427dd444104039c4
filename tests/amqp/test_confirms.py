from functools import partial

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import UnroutableError

from tests.support.waiting import PATIENCE_S
from worker.amqp.confirms import WINDOW, Confirmation, Confirms, Outgoing, confirmed_of
from worker.amqp.pika_internals import ending_after
from worker.amqp.publisher import Publisher
from worker.amqp.topology import OTHER_EVENTS

FULL = {"x-max-length": 3, "x-overflow": "reject-publish"}


def confirmations(channel: BlockingChannel, *messages: Outgoing) -> list[Confirmation]:
    return Confirms(channel).publish(messages, partial(ending_after, channel), PATIENCE_S)


def test_more_than_a_window_of_messages_is_confirmed_in_order(channel: BlockingChannel) -> None:
    queue = channel.queue_declare("", exclusive=True).method.queue
    count = 2 * WINDOW + 7

    answers = confirmations(channel, *(Outgoing("", queue, b"%d" % number) for number in range(count)))

    assert answers == ["confirmed"] * count
    bodies = [channel.basic_get(queue, auto_ack=True)[2] for _ in range(count)]
    assert bodies == [b"%d" % number for number in range(count)]


def test_an_unroutable_message_is_returned_and_not_confirmed(channel: BlockingChannel) -> None:
    queue = channel.queue_declare("", exclusive=True).method.queue
    here, nowhere = Outgoing("", queue, b"1"), Outgoing("", "nowhere", b"1")

    assert confirmations(channel, here, nowhere, here, nowhere) == ["confirmed", "returned", "confirmed", "returned"]


def test_a_message_refused_by_a_full_queue_is_not_counted(channel: BlockingChannel) -> None:
    queue = channel.queue_declare("", exclusive=True, arguments=FULL).method.queue
    answers = confirmations(channel, *(Outgoing("", queue, b"1") for _ in range(50)))

    assert set(answers[-10:]) == {"refused"}
    assert confirmed_of(answers) == answers.index("refused")


def test_a_channel_remembers_that_it_has_refused(channel: BlockingChannel) -> None:
    full = channel.queue_declare("", exclusive=True, arguments=FULL).method.queue
    empty = channel.queue_declare("", exclusive=True).method.queue
    confirms = Confirms(channel)

    confirms.publish([Outgoing("", empty, b"1")], partial(ending_after, channel), PATIENCE_S)
    before = confirms.has_refused
    confirms.publish([Outgoing("", full, b"1") for _ in range(50)], partial(ending_after, channel), PATIENCE_S)
    confirms.publish([Outgoing("", empty, b"1")], partial(ending_after, channel), PATIENCE_S)

    assert (before, confirms.has_refused) == (False, True)


def test_a_count_without_a_queue_is_an_error() -> None:
    with pytest.raises(UnroutableError):
        confirmed_of(["confirmed", "returned"])


def test_messages_whose_queue_was_deleted_go_out_once_it_is_there_again(amqp_url: str) -> None:
    publisher = Publisher(amqp_url)
    outgoing = Outgoing("crm.events", "acme.x", b"1")
    assert publisher.publish([outgoing], patience_s=PATIENCE_S).result(PATIENCE_S) == 1
    connection = pika.BlockingConnection(pika.URLParameters(amqp_url))
    channel = connection.channel()
    channel.queue_delete(OTHER_EVENTS)

    assert publisher.publish([outgoing] * 20, patience_s=PATIENCE_S).result(PATIENCE_S) == 20

    assert channel.queue_declare(OTHER_EVENTS, passive=True).method.message_count == 20
    connection.close()
    publisher.close()
