"""Ways to PostgreSQL and back, from delivery to the recorded answer; each is felt by whoever waits for a text."""

import sys
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg
import pytest
from psycopg.pq import PipelineStatus

from tests.steps.sending.straight.conftest import set_anew
from tests.support.crm import Json, delivery, event, execute, person, row
from tests.support.waiting import PATIENCE_S
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.steps.sending.straight.straight_posts import StraightPosts
from worker.store.db.postgres import Pool


class Trips:
    """Counts how often anybody waits for an answer of PostgreSQL; what a pipeline sends is answered together."""

    number = 0

    def counted(self, waiting: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        """Pass on what a connection waits for; however often it looks, it is one way."""
        waits = False
        try:
            wanted = next(waiting)
            while True:
                waits = True
                wanted = waiting.send((yield wanted))
        except StopIteration as end:
            return end.value
        finally:
            self.number += waits


@contextmanager
def trips(monkeypatch: pytest.MonkeyPatch) -> Generator[Trips]:
    counter, wait = Trips(), psycopg.Connection.wait

    leave = psycopg.Pipeline.__exit__

    def counting(self: psycopg.Connection[Any], gen: Generator[Any, Any, Any], *more: Any, **named: Any) -> Any:
        is_sent_ahead = self.pgconn.pipeline_status == PipelineStatus.ON
        return wait(self, gen if is_sent_ahead else counter.counted(gen), *more, **named)

    def leaving(self: psycopg.Pipeline, *why: Any) -> None:
        counter.number += 1
        leave(self, *why)

    with monkeypatch.context() as patch:
        patch.setattr(psycopg.Connection, "wait", counting)
        patch.setattr(psycopg.Pipeline, "__exit__", leaving)
        yield counter


@pytest.fixture
def sent(straight: Intake, straight_posts: StraightPosts) -> Callable[[int], None]:
    """Accept so many events in a batch and POST their texts."""

    def send(number: int) -> None:
        [accepted] = accept(straight, [delivery(paid(nth)) for nth in range(number)])
        straight_posts.take(accepted.claims)
        straight_posts.drain(PATIENCE_S)
        assert sum(1 for claim in accepted.claims for _ in claim.notification_ids) == number

    return send


def paid(nth: int) -> Json:
    return event(recipients=[person(phone=f"+38067{nth:07}", id=str(nth))])


def test_an_event_alone_takes_ten_round_trips(
    straight: Intake, sent: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fewest(sent, 1, monkeypatch, hoped=10) == 10
    assert row(straight.pool, "SELECT count(*) FROM notifications WHERE state <> 'accepted'") == (0,)


def test_a_batch_of_200_takes_fourteen_round_trips(
    straight: Intake, sent: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    send_many_at_once(straight)

    assert fewest(sent, 200, monkeypatch, hoped=14) <= 14


def send_many_at_once(straight: Intake) -> None:
    execute(straight.pool, "UPDATE accounts SET post_mode = 'sendmulti', multi_max = 100")
    set_anew(straight)


UPDATES = """
SELECT coalesce(sum(n_tup_upd), 0)::integer, coalesce(sum(n_tup_hot_upd), 0)::integer FROM pg_stat_user_tables
WHERE pg_partition_root(relid) = 'notifications'::regclass
"""


def test_nine_of_ten_updates_of_straight_texts_leave_all_indexes_alone(
    straight: Intake, sent: Callable[[int], None]
) -> None:
    send_many_at_once(straight)
    before = updates(straight.pool)
    for _ in range(4):
        sent(200)
    made, hot = (after - known for after, known in zip(updates(straight.pool), before, strict=True))

    assert made == 800
    assert hot >= 0.9 * made


def updates(pool: Pool) -> tuple[int, int]:
    """Count updates of notifications, and those that are HOT, once every session has told of its own."""
    with ExitStack() as stack:
        for connection in [stack.enter_context(pool.connection()) for _ in range(pool.max_size)]:
            connection.execute("SELECT pg_stat_force_next_flush()")
    made, hot = row(pool, UPDATES)
    return made, hot


def fewest(sent: Callable[[int], None], number: int, monkeypatch: pytest.MonkeyPatch, *, hoped: int) -> int:
    """The fewest of some batches, until one takes what is hoped for.

    Now and then a connection is asked whether it lives, and what people have paused; on a busy machine answers that
    otherwise come together are recorded one by one.
    """
    least = sys.maxsize
    for _ in range(30):
        with trips(monkeypatch) as counter:
            sent(number)
        least = min(least, counter.number)
        if least <= hoped:
            break
    return least
