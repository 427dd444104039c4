from contextlib import closing

import pytest

from schedules.process import warm
from schedules.reminders.reminder_rounds import keep_time
from tests.schedules.almanac import DAY, SECOND, Almanac, meeting
from tests.support.crm import row
from tests.support.tcp_proxy import door
from tests.support.waiting import wait_until
from worker.amqp.connection import CONNECTION_ERRORS
from worker.amqp.publisher import Publisher
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.db import postgres


def test_while_rabbitmq_is_away_what_is_due_is_kept_and_the_task_fails(almanac: Almanac, amqp_url: str) -> None:
    almanac.now = row(almanac.pool, "SELECT clock_timestamp()")[0]
    almanac.publish("meeting.saved", meeting(almanac.now + DAY + SECOND))

    with door(amqp_url) as rabbitmq, closing(Publisher(rabbitmq.url)) as publisher:
        wait_until(lambda: fails(almanac, publisher) and almanac.states() == ["pending"], "the reminder is kept")
        assert fails(almanac, publisher)
        rabbitmq.open()
        wait_until(lambda: not fails(almanac, publisher) and almanac.states() == ["published"], "it is published")


def test_postgresql_lost_right_after_the_start_ends_no_scheduler(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "POOL_TIMEOUT_S", 1.0)
    cache = ConfigurationCache()

    with (
        door(database_url) as away,
        postgres.open_pool(away.url, size=1, name="test") as open_pool,
        postgres.open_pool(database_url, size=1, name="test") as pool,
    ):
        warm(cache, open_pool)
        warm(cache, pool)

    assert cache.as_of(0)


def fails(almanac: Almanac, publisher: Publisher) -> bool:
    """Whether a run of the reminders' tasks reports that RabbitMQ is away."""
    try:
        keep_time(almanac.pool, almanac.cache, publisher)
    except CONNECTION_ERRORS:
        return True
    return False
