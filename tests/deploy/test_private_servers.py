import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import pika
import psycopg
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from pika.spec import BasicProperties, Queue

from deploy.services import Server
from deploy.services.local import Pair, short_lived_folder
from deploy.services.server import answers_amqp, answers_sql
from tests.deploy.conftest import NOTHING, RUN, Start, has_left

pytestmark = pytest.mark.long

PERSISTENT: Final = 2
HOLD = "from deploy.services import local_services\nwith local_services(): input()"


def test_private_servers_answer_and_ask_for_a_password(private: Pair) -> None:
    with psycopg.connect(private.database_url) as connection:
        row = connection.execute("select current_database(), current_setting('max_connections')").fetchone()

    assert row == ("sms", "200")
    assert not answers_sql(private.database_url.replace("sms:", "sms:wrong"))


def test_a_killed_postgresql_comes_back_with_its_data(private: Pair) -> None:
    with psycopg.connect(private.database_url) as connection:
        connection.execute("create table kept (number int)")
        connection.execute("insert into kept values (42)")

    first = _die_and_return(private.postgresql)

    with psycopg.connect(private.database_url) as connection:
        assert connection.execute("select number from kept").fetchone() == (42,)
    assert private.postgresql.pid != first


def test_rabbitmq_keeps_queues_and_messages_through_stop_and_kill(private: Pair) -> None:
    with _channel(private) as channel:
        channel.queue_declare("kept", durable=True)
    private.rabbitmq.stop()
    private.rabbitmq.start()
    with _channel(private) as channel:
        channel.confirm_delivery()
        channel.basic_publish("", "kept", b"", BasicProperties(delivery_mode=PERSISTENT), mandatory=True)

    first = _die_and_return(private.rabbitmq)

    with _channel(private) as channel:
        method = channel.queue_declare("kept", passive=True).method
    assert isinstance(method, Queue.DeclareOk)
    assert method.message_count == 1
    assert private.rabbitmq.pid != first


def test_the_next_start_ends_what_a_killed_run_left_and_disturbs_no_other(private: Pair, start: Start) -> None:
    killed = start(*RUN, "--", "sleep", "600")
    left = killed.folder()
    killed.send(signal.SIGKILL)
    killed.code()

    following = start(*RUN)
    own = following.folder()
    following.match(r"(?s)export SMS_AMQP_URL=.*export SMS_DATABASE_URL=.*")
    cleared = has_left(left)
    following.send_to_group(signal.SIGINT)

    assert following.code() == 0
    assert (cleared, has_left(own)) == (NOTHING, NOTHING)
    assert answers_sql(private.database_url)
    assert answers_amqp("127.0.0.1", pika.URLParameters(private.amqp_url).port)


def test_a_start_that_is_interrupted_leaves_nothing(start: Start) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        run = start(*RUN)
        run.match("starting private")
        run.send_to_group(number)

        assert run.code() == 128 + number
        assert _folders_of(run.process.pid) == []


def test_a_program_that_holds_services_and_gets_sigterm_leaves_nothing(start: Start) -> None:
    run = start(sys.executable, "-c", HOLD)
    run.match("starting private")
    run.send(signal.SIGTERM)

    assert run.code() == -signal.SIGINT
    assert _folders_of(run.process.pid) == []


def _die_and_return(server: Server) -> int:
    first = server.pid
    server.kill()
    assert not server.is_running
    server.start()
    return first


@contextmanager
def _channel(services: Pair) -> Generator[BlockingChannel]:
    with pika.BlockingConnection(pika.URLParameters(services.amqp_url)) as connection:
        yield connection.channel()


def _folders_of(pid: int) -> list[str]:
    return [str(folder) for folder in short_lived_folder().glob(f"sms-services-{pid}-*")]
