import time
from collections.abc import Generator
from concurrent.futures import CancelledError
from typing import Any, cast

import pytest

from tests.support.tcp_proxy import Door
from tests.support.waiting import PATIENCE_S
from worker.amqp.broker import announce_away, announce_back
from worker.amqp.connection import CONNECTION_ERRORS, Presence
from worker.amqp.publisher import CONFIRM_S, INBOX, Outgoing, Publisher

MESSAGES = [Outgoing("crm.events", "acme.x", b"1")]


def recording(calls: list[str]) -> Presence:
    def away(*, reason: str, hint: str) -> None:  # noqa: ARG001 (as the log has it)
        calls.append(f"away: {reason}")

    return Presence(away, lambda: calls.append("back"))


@pytest.fixture
def publisher(rabbitmq: Door) -> Generator[Publisher]:
    result = Publisher(rabbitmq.url)
    assert result.publish(MESSAGES, patience_s=PATIENCE_S).result(PATIENCE_S) == 1
    yield result
    result.close()


def test_a_confirm_that_never_comes_holds_no_next_message_back(rabbitmq: Door, publisher: Publisher) -> None:
    rabbitmq.swallows = True
    asked_at = time.monotonic()

    error = publisher.publish(MESSAGES).exception(PATIENCE_S)

    assert isinstance(error, CONNECTION_ERRORS)
    assert time.monotonic() - asked_at >= CONFIRM_S
    rabbitmq.swallows = False
    assert publisher.publish(MESSAGES, patience_s=PATIENCE_S).result(PATIENCE_S) == 1


def test_a_handshake_that_nobody_answers_is_rabbitmq_being_away(rabbitmq: Door) -> None:
    rabbitmq.swallows = True
    presence = Presence(announce_away, announce_back)
    publisher = Publisher(rabbitmq.url, presence=presence)

    assert isinstance(publisher.publish(MESSAGES).exception(PATIENCE_S), CONNECTION_ERRORS)
    assert publisher.is_away
    rabbitmq.swallows = False
    assert publisher.publish(MESSAGES, patience_s=PATIENCE_S).result(PATIENCE_S) == 1
    assert not publisher.is_away
    publisher.close()


def test_jobs_too_old_behind_a_slow_job_are_no_outage(rabbitmq: Door) -> None:
    texts: list[str] = []
    publisher = Publisher(rabbitmq.url, presence=recording(texts))
    assert publisher.publish(MESSAGES, patience_s=PATIENCE_S).result(PATIENCE_S) == 1

    with rabbitmq.slow():
        slow = publisher.publish(MESSAGES, patience_s=PATIENCE_S)
        old = [publisher.publish(MESSAGES) for _ in range(3)]
        time.sleep(1.1 * CONFIRM_S)

    assert slow.result(PATIENCE_S) == 1
    assert all(isinstance(future.exception(PATIENCE_S), TimeoutError) for future in old)
    assert (texts, publisher.is_away) == ([], False)
    publisher.close()


def test_a_job_that_succeeds_announces_that_rabbitmq_is_back(rabbitmq: Door) -> None:
    texts: list[str] = []
    presence = recording(texts)
    publisher = Publisher(rabbitmq.url, presence=presence)
    presence.lost("publisher", OSError())

    assert publisher.publish(MESSAGES, patience_s=PATIENCE_S).result(PATIENCE_S) == 1
    assert publisher.publish(MESSAGES, patience_s=PATIENCE_S).result(PATIENCE_S) == 1
    publisher.close()

    assert texts == ["away: OSError", "back"]


def test_what_rabbitmq_says_nothing_of_is_unanswered_and_no_outage(rabbitmq: Door) -> None:
    texts: list[str] = []
    publisher = Publisher(rabbitmq.url, presence=recording(texts))
    assert publisher.offer(MESSAGES, patience_s=PATIENCE_S).result(PATIENCE_S) == ["confirmed"]

    with rabbitmq.slow():
        answer = publisher.offer(MESSAGES * 2).result(PATIENCE_S)

    assert (answer, texts) == (["unanswered", "unanswered"], [])
    assert publisher.offer(MESSAGES, patience_s=PATIENCE_S).result(PATIENCE_S) == ["confirmed"]
    publisher.close()


def test_a_message_that_nobody_bound_is_confirmed_where_it_is_not_mandatory(publisher: Publisher) -> None:
    assert publisher.declare_outcomes().result(PATIENCE_S) is None
    unbound = Outgoing("sms.outcomes", "acme.x", b"1", is_mandatory=False)

    assert publisher.offer([unbound]).result(PATIENCE_S) == ["confirmed"]


def test_a_depth_that_never_comes_ends_the_wait(rabbitmq: Door, publisher: Publisher) -> None:
    rabbitmq.swallows = True

    assert isinstance(publisher.depth("crm.events").exception(PATIENCE_S), CONNECTION_ERRORS)


def test_while_rabbitmq_is_frozen_jobs_do_not_pile_up(rabbitmq: Door, publisher: Publisher) -> None:
    rabbitmq.swallows = True

    answers = [publisher.publish(MESSAGES) for _ in range(INBOX + 500)]

    assert sum(answer.done() for answer in answers) >= 499
    assert all(isinstance(answer.exception(PATIENCE_S), CONNECTION_ERRORS) for answer in answers)


def test_a_job_that_fails_gets_its_error_and_costs_no_other(publisher: Publisher) -> None:
    no_bytes = Outgoing("crm.events", "acme.x", cast("Any", 5))

    assert isinstance(publisher.publish([no_bytes]).exception(PATIENCE_S), TypeError | AttributeError)
    assert publisher.publish(MESSAGES, patience_s=PATIENCE_S).result(PATIENCE_S) == 1
    assert publisher.is_alive


def test_an_answer_nobody_wants_any_more_stops_nothing(rabbitmq: Door, publisher: Publisher) -> None:
    rabbitmq.swallows = True
    publisher.publish(MESSAGES)
    unwanted = publisher.publish(MESSAGES)
    unwanted.cancel()
    rabbitmq.swallows = False

    assert publisher.publish(MESSAGES, patience_s=PATIENCE_S).result(PATIENCE_S) == 1
    with pytest.raises(CancelledError):
        unwanted.result(0)


def test_publishing_after_the_end_is_a_timeout_error(publisher: Publisher) -> None:
    publisher.close(PATIENCE_S)

    assert not publisher.is_alive
    assert isinstance(publisher.publish(MESSAGES).exception(0), TimeoutError)
