"""Claims at acceptance and the pace that others hold."""

from contextlib import AbstractContextManager
from threading import Event, Thread

import pytest

from tests.steps.sending.straight.conftest import going, taken
from tests.support.crm import add_account, event, execute, row
from tests.support.waiting import PATIENCE_S, wait_until
from worker import failpoint
from worker.failpoint import Boundary
from worker.steps.ingest.plan import Accepted, Intake
from worker.steps.sending.straight import claim
from worker.steps.sending.straight import straight_posts as posts_under_way
from worker.steps.sending.straight.straight_posts import StraightPosts


def test_accepting_does_not_wait_for_an_account_that_others_send_for(straight: Intake) -> None:
    with straight.pool.connection() as other, other.transaction():
        other.execute("SELECT FROM rate_limits FOR UPDATE")

        accepted = taken(straight, event())

    assert accepted.planned == 1
    assert going(accepted) == []


WAITS_FOR_THE_PACE = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND state = 'idle in transaction' AND query LIKE '%SKIP LOCKED%'
"""


def test_accepting_waits_a_little_for_a_pace_that_is_soon_free(
    straight: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claim, "PACE_WAIT_S", PATIENCE_S)
    accepted = list[Accepted]()
    accepting = Thread(target=lambda: accepted.append(taken(straight, event())))
    with straight.pool.connection() as other, other.transaction():
        other.execute("SELECT account FROM rate_limits FOR UPDATE")
        accepting.start()
        wait_until(lambda: row(straight.pool, WAITS_FOR_THE_PACE) == (1,), what="accepting waits for the pace")
    accepting.join()

    assert len(going(accepted[0])) == 1


def test_one_batch_of_a_process_is_written_at_a_time(
    straight: Intake, straight_posts: StraightPosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claim, "PACE_WAIT_S", 0)
    monkeypatch.setattr(posts_under_way, "TURN_WAIT_S", PATIENCE_S)
    accepted, asked, begun = list[Accepted](), list[AbstractContextManager[None]](), Event()
    in_turn = straight_posts.in_turn

    def noted() -> AbstractContextManager[None]:
        asked.append(in_turn())
        return asked[-1]

    def hold(boundary: Boundary) -> None:
        if boundary == "claimed_straight" and not begun.is_set():
            begun.set()
            wait_until(lambda: len(asked) == 2, what="the second batch asks for its turn")

    monkeypatch.setattr(straight_posts, "in_turn", noted)
    failpoint.arm(hold)
    batches = [Thread(target=lambda: accepted.append(taken(straight, event()))) for _ in range(2)]
    for batch in batches:
        batch.start()
    for batch in batches:
        batch.join()

    assert [len(going(each)) for each in accepted] == [1, 1]


def test_a_batch_that_takes_long_keeps_no_other_from_its_turn(straight_posts: StraightPosts) -> None:
    with straight_posts.in_turn(), straight_posts.in_turn():
        pass


@pytest.mark.parametrize(("patience_s", "at_once"), [(0.0, 1), (PATIENCE_S, 2)])
def test_of_two_accounts_the_free_one_goes_and_the_other_joins_if_it_is_soon_free(
    straight: Intake, monkeypatch: pytest.MonkeyPatch, patience_s: float, at_once: int
) -> None:
    add_account(straight.pool, "bravo")
    execute(straight.pool, "INSERT INTO rate_limits (account) VALUES ('bravo')")
    monkeypatch.setattr(claim, "PACE_WAIT_S", patience_s)
    accepted = list[Accepted]()
    accepting = Thread(target=lambda: accepted.append(taken(straight, event(), event(account="bravo"))))
    with straight.pool.connection() as other, other.transaction():
        other.execute("SELECT FROM rate_limits WHERE account = 'bravo' FOR UPDATE")
        accepting.start()
        wait_until(lambda: bool(accepted) or row(straight.pool, WAITS_FOR_THE_PACE) == (1,), what="it looks")
        if not patience_s:
            accepting.join()
    accepting.join()

    assert (len(going(accepted[0])), accepted[0].planned) == (at_once, 2 - at_once)
