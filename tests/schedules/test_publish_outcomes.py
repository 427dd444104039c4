from collections.abc import Callable, Generator
from typing import Any

import orjson
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from schedules.publish_outcomes import DECLARED_EVERY_S, Outcomes, drop_old_outcomes
from tests.steps.ledger import planned
from tests.support.crm import SALT, add_account, event, execute, rows
from tests.support.tcp_proxy import Door
from tests.support.waiting import PATIENCE_S, wait_until
from worker.amqp.connection import CONNECTION_ERRORS
from worker.amqp.publisher import Publisher
from worker.amqp.topology import OTHER_EVENTS, OUTCOMES_EXCHANGE, SEND_QUEUES
from worker.core.outcomes.refusals import LONGEST_S
from worker.health import metrics
from worker.steps.ingest.plan import Intake
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.db.postgres import Pool

MOVE = """
INSERT INTO transitions (month, notification, at, to_state, actor)
SELECT month, id, now(), %s, 'test' FROM notifications WHERE account = %s
"""
REFUSALS = """
INSERT INTO outcomes (account, type, at, reason, facts)
SELECT %s || nth %% %s, 'event.refused', now(), 'schema', '{"dead_letter": 1}'
FROM generate_series(1, %s) AS nth
"""
FULL = {"x-max-length": 1, "x-overflow": "reject-publish", "x-queue-type": "quorum"}


class Clock:
    """A steady clock that a test moves on."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def publisher(rabbitmq: Door) -> Generator[Publisher]:
    result = Publisher(rabbitmq.url, name="outcomes")
    assert result.fault() is None
    yield result
    result.close()


@pytest.fixture
def outcomes(acme_pool: Pool, publisher: Publisher, clock: Clock) -> Outcomes:
    """A scheduler's, for two accounts that hear of everything and have a text each."""
    add_account(acme_pool, "other")
    execute(acme_pool, "UPDATE accounts SET outcomes = '{all}'")
    intake = Intake(acme_pool, ConfigurationCache(), SALT)
    planned(intake, *[event("invoice.overdue", account=account) for account in ("acme", "other")])
    return Outcomes(acme_pool, publisher, clock=clock)


def move(pool: Pool, *states: str, account: str = "acme") -> None:
    for state in states:
        execute(pool, MOVE, state, account)


def bind(channel: BlockingChannel, pattern: str, **arguments: Any) -> str:
    queue: str = channel.queue_declare(
        f"crm.{pattern.partition('.')[0]}", durable=True, arguments=arguments or {"x-queue-type": "quorum"}
    ).method.queue
    channel.queue_bind(queue, OUTCOMES_EXCHANGE, pattern)
    return queue


@pytest.fixture
def crm(channel: BlockingChannel, publisher: Publisher) -> Generator[Callable[..., str]]:
    """Binds queues of CRMs, and deletes them in the end."""
    assert publisher.declare_outcomes().result(PATIENCE_S) is None
    queues: list[str] = []

    def bound(pattern: str, **arguments: Any) -> str:
        queues.append(bind(channel, pattern, **arguments))
        return queues[-1]

    yield bound
    for queue in queues:
        channel.queue_delete(queue)


def never(*_: object) -> None:
    """Acknowledge nothing."""


def heard(channel: BlockingChannel, queue: str) -> list[tuple[str, dict[str, Any]]]:
    """Take everything that lies in a queue: routing keys and bodies."""
    found: list[tuple[str, dict[str, Any]]] = []
    while True:
        method, _, body = channel.basic_get(queue, auto_ack=True)
        if method is None or body is None:
            return found
        found.append((str(method.routing_key), orjson.loads(body)))


def left(pool: Pool, account: str = "acme") -> int:
    return rows(pool, "SELECT count(*) FROM outcomes WHERE account = %s", account)[0][0]


def test_a_crm_hears_in_order_what_it_has_bound(
    outcomes: Outcomes, acme_pool: Pool, channel: BlockingChannel, crm: Callable[..., str]
) -> None:
    queue = crm("acme.notification.*")
    move(acme_pool, "accepted", "delivered")
    execute(acme_pool, "INSERT INTO pauses (account, reason, since, paused_by) VALUES ('acme', 'money', now(), 'x')")

    outcomes.publish()

    found = heard(channel, queue)
    assert [key for key, _ in found] == ["acme.notification.accepted", "acme.notification.delivered"]
    assert [body["type"] for _, body in found] == ["notification.accepted", "notification.delivered"]
    assert found[0][1]["data"]["version"] < found[1][1]["data"]["version"]
    assert left(acme_pool) == 0


def test_what_nobody_has_bound_is_dropped_after_the_confirm(outcomes: Outcomes, acme_pool: Pool) -> None:
    move(acme_pool, "accepted")

    outcomes.publish()

    assert left(acme_pool) == 0


def test_a_full_queue_of_one_account_delays_no_other(
    outcomes: Outcomes, acme_pool: Pool, channel: BlockingChannel, crm: Callable[..., str], clock: Clock
) -> None:
    full, other = crm("acme.#", **FULL), crm("other.#")
    for account in ("acme", "other"):
        move(acme_pool, "accepted", "undelivered", "delivered", account=account)

    outcomes.publish()
    wait_until(lambda: not left(acme_pool, "other"), "the other account's are out")

    assert [key for key, _ in heard(channel, other)] == [
        *("other.notification.accepted", "other.notification.undelivered", "other.notification.delivered")
    ]
    assert left(acme_pool) > 0
    taken = heard(channel, full)
    while left(acme_pool):
        clock.now += LONGEST_S
        outcomes.publish()
        taken += heard(channel, full)
    assert [key.rpartition(".")[2] for key, _ in taken] == ["accepted", "undelivered", "delivered"]


def test_a_busy_account_goes_on_beside_many_that_say_little(outcomes: Outcomes, acme_pool: Pool) -> None:
    for account in ("heavy-0", *(f"light-{nth}" for nth in range(60))):
        add_account(acme_pool, account)
    execute(acme_pool, "UPDATE accounts SET outcomes = '{all}'")
    execute(acme_pool, REFUSALS, "light-", 60, 60)
    execute(acme_pool, REFUSALS, "heavy-", 1, 300)

    outcomes.publish()

    assert rows(acme_pool, "SELECT account, count(*) FROM outcomes GROUP BY account") == []


def test_a_consumer_that_never_acknowledges_loses_nothing(
    outcomes: Outcomes, acme_pool: Pool, channel: BlockingChannel, crm: Callable[..., str]
) -> None:
    queue = crm("acme.#")
    channel.basic_qos(prefetch_count=1)
    tag = channel.basic_consume(queue, never)
    move(acme_pool, "accepted", "delivered")

    outcomes.publish()

    assert left(acme_pool) == 0
    channel.basic_cancel(tag)
    channel.basic_recover(requeue=True)
    assert {key.rpartition(".")[2] for key, _ in heard(channel, queue)} == {"accepted", "delivered"}


def test_while_rabbitmq_is_away_outcomes_wait_and_go_on_in_order(
    outcomes: Outcomes, acme_pool: Pool, rabbitmq: Door, channel: BlockingChannel, crm: Callable[..., str]
) -> None:
    queue = crm("acme.#")
    move(acme_pool, "accepted", "delivered")
    rabbitmq.shut()
    with pytest.raises(CONNECTION_ERRORS):
        outcomes.publish()
    assert left(acme_pool) == 2

    rabbitmq.open()
    outcomes.publish()

    assert [key.rpartition(".")[2] for key, _ in heard(channel, queue)] == ["accepted", "delivered"]


def test_nothing_goes_into_an_exchange_declared_otherwise(
    outcomes: Outcomes, acme_pool: Pool, channel: BlockingChannel, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    channel.exchange_declare(OUTCOMES_EXCHANGE, "fanout", durable=True)
    queue = str(channel.queue_declare("", exclusive=True).method.queue)
    channel.queue_bind(queue, OUTCOMES_EXCHANGE)
    move(acme_pool, "accepted")

    for _ in range(3):
        outcomes.publish()
        clock.now += DECLARED_EVERY_S

    assert (heard(channel, queue), left(acme_pool)) == ([], 1)
    assert capsys.readouterr().out.count("outcomes.shut") == 1
    channel.exchange_delete(OUTCOMES_EXCHANGE)
    outcomes.publish()
    assert left(acme_pool) == 0


def test_an_exchange_that_was_deleted_is_declared_at_the_next_run(
    outcomes: Outcomes, acme_pool: Pool, channel: BlockingChannel
) -> None:
    outcomes.publish()
    channel.exchange_delete(OUTCOMES_EXCHANGE)
    move(acme_pool, "accepted")
    with pytest.raises(CONNECTION_ERRORS):
        outcomes.publish()

    outcomes.publish()

    assert left(acme_pool) == 0


def test_a_queue_of_ours_that_is_refused_lets_outcomes_wait_a_minute(
    outcomes: Outcomes, acme_pool: Pool, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schedules.publish_outcomes.DEEP_QUEUES", dict.fromkeys([*SEND_QUEUES, "sms.none"], 500))
    assert isinstance(publisher.depth("sms.none").exception(PATIENCE_S), CONNECTION_ERRORS)
    assert not publisher.is_away
    move(acme_pool, "accepted")

    outcomes.publish()
    assert left(acme_pool) == 1
    execute(acme_pool, "UPDATE outcomes SET at = at - interval '61 seconds'")
    outcomes.publish()

    assert left(acme_pool) == 0


def test_while_events_lie_in_the_queues_outcomes_wait_for_a_minute(
    outcomes: Outcomes, acme_pool: Pool, channel: BlockingChannel
) -> None:
    for _ in range(501):
        channel.basic_publish("", OTHER_EVENTS, b"{}")
    wait_until(lambda: channel.queue_declare(OTHER_EVENTS, passive=True).method.message_count > 500, "they lie there")
    move(acme_pool, "accepted")

    outcomes.publish()
    assert left(acme_pool) == 1
    execute(acme_pool, "UPDATE outcomes SET at = at - interval '61 seconds'")
    outcomes.publish()

    assert left(acme_pool) == 0


def test_what_is_published_refused_and_dropped_is_counted(
    outcomes: Outcomes, acme_pool: Pool, crm: Callable[..., str]
) -> None:
    registry = metrics.registry_of("scheduler")

    def counted(result: str) -> float:
        return registry.get_sample_value("sms_outcomes_total", {"result": result}) or 0.0

    before = {result: counted(result) for result in ("published", "refused", "dropped", "gone")}
    crm("acme.#", **FULL)
    move(acme_pool, "accepted", account="other")
    move(acme_pool, "accepted", "undelivered", "delivered")
    outcomes.publish()
    execute(acme_pool, "UPDATE outcomes SET at = at - interval '73 hours'")
    dropped = left(acme_pool)
    drop_old_outcomes(acme_pool)
    move(acme_pool, "accepted", account="other")
    execute(acme_pool, "UPDATE accounts SET outcomes = '{event.refused}' WHERE id = 'other'")
    outcomes.publish()

    after = {result: counted(result) - before[result] for result in before}
    assert after == {"published": 4 - dropped, "refused": 1, "dropped": dropped, "gone": 1}


def test_an_outcome_goes_on_in_the_trace_of_its_event(
    acme_pool: Pool, outcomes: Outcomes, channel: BlockingChannel, crm: Callable[..., str]
) -> None:
    traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    queue = crm("acme.#")
    execute(acme_pool, "DELETE FROM outcomes")
    outcomes.publish()
    execute(acme_pool, "UPDATE events SET traceparent = %s WHERE account = 'acme'", traceparent)

    move(acme_pool, "accepted")
    outcomes.publish()

    _, properties, body = channel.basic_get(queue, auto_ack=True)
    assert body is not None
    assert properties is not None
    assert (properties.headers or {})["traceparent"] == traceparent
