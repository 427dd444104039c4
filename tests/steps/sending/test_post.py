import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from psycopg.errors import CheckViolation
from psycopg_pool import PoolClosed

from tests.steps.ledger import planned, repeat_all, states, sweep
from tests.support.crm import event, execute, person, row, rows
from tests.support.simulated_provider import Provider
from worker import failpoint
from worker.core.sending.nudge import NotificationId
from worker.failpoint import Boundary
from worker.steps.ingest.plan import Intake
from worker.steps.sending.claim import claim
from worker.steps.sending.post import NEVER_POSTED, Sender, record_all
from worker.steps.sending.record_result import JudgedAnswer
from worker.steps.sending.send import send
from worker.store.db.postgres import committed_after
from worker.store.sending import pauses

LEASE_OVER = timedelta(minutes=2)
ACCEPTED = ("accepted", None)


class BrokenError(Exception):
    """A fault that no code expects."""


@pytest.mark.parametrize("boundary", ["sent", "answered"])
def test_a_post_that_breaks_is_in_doubt_and_never_planned_anew(
    intake: Intake, sender: Sender, provider: Provider, boundary: Boundary
) -> None:
    failpoint.arm(partial(break_at, boundary))
    with pytest.raises(BrokenError):
        send(sender, planned(intake))
    failpoint.arm(failpoint.nothing)

    is_asked_again_and_sent_once(intake, sender, provider)


def break_at(meant: Boundary, boundary: Boundary) -> None:
    if boundary == meant:
        raise BrokenError


def test_an_answer_that_cannot_be_written_down_is_asked_for_again(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    execute(intake.pool, "ALTER TABLE provider_messages ADD CONSTRAINT only_in_this_test CHECK (message_id IS NULL)")
    with pytest.raises(CheckViolation):
        send(sender, planned(intake))
    execute(intake.pool, "ALTER TABLE provider_messages DROP CONSTRAINT only_in_this_test")

    is_asked_again_and_sent_once(intake, sender, provider)


def is_asked_again_and_sent_once(intake: Intake, sender: Sender, provider: Provider) -> None:
    assert states(intake) == [("sending", None)]
    released = sweep(intake, after=timedelta(hours=1))
    assert released.nudges == ()
    repeat_all(sender, released)
    assert states(intake) == [ACCEPTED]
    assert row(intake.pool, "SELECT tries FROM notifications") == (0,)
    assert row(intake.pool, "SELECT lease, unknown FROM attempts") == (2, True)
    assert len(provider.messages()) == 1


OPT_OUT = """
INSERT INTO suppressions
SELECT account, recipient_key, 'asked', 'test', now() FROM notifications WHERE phone LIKE %s
"""


@pytest.fixture
def crowd(intake: Intake) -> Callable[[], list[NotificationId]]:
    """Four people with the same text, in one POST."""
    execute(intake.pool, "UPDATE template_versions SET text = 'Дякуємо за оплату!'")
    people = [person(phone=f"067100000{number}", id=str(number)) for number in range(4)]
    return lambda: planned(intake, event(recipients=people))


def test_while_a_row_of_a_group_is_wanted_its_bytes_go_again_to_all(
    intake: Intake, sender: Sender, provider: Provider, crowd: Callable[[], list[NotificationId]]
) -> None:
    provider.fault("reset_before")
    send(sender, crowd())
    body = row(intake.pool, "SELECT body FROM attempts")
    execute(intake.pool, OPT_OUT.replace("LIKE", "NOT LIKE"), "%3")

    released = sweep(intake, after=LEASE_OVER)
    assert row(intake.pool, "SELECT body FROM attempts") == body
    repeat_all(sender, released)

    assert states(intake) == [ACCEPTED] * 4
    assert {message["sequence_id"] for message in provider.messages()} == {
        row(intake.pool, "SELECT key FROM attempts")[0]
    }


def test_when_nobody_of_a_group_wants_it_any_more_all_of_it_is_unconfirmed(
    intake: Intake, sender: Sender, provider: Provider, crowd: Callable[[], list[NotificationId]]
) -> None:
    provider.fault("reset_before")
    send(sender, crowd())
    execute(intake.pool, OPT_OUT, "%")

    repeat_all(sender, sweep(intake, after=LEASE_OVER))

    assert states(intake) == [("unconfirmed", "not_wanted")] * 4
    assert provider.state()["posts"] == 1


def test_rows_left_out_of_an_answer_are_unconfirmed_in_its_commit(
    intake: Intake, sender: Sender, provider: Provider, crowd: Callable[[], list[NotificationId]]
) -> None:
    provider.fault("leave_out_rows", count=3)

    send(sender, crowd())

    assert sorted(states(intake)) == [ACCEPTED, *[("unconfirmed", "left_out")] * 3]
    written = rows(intake.pool, "SELECT xmin::text FROM transitions WHERE actor = 'record'")
    written += rows(intake.pool, "SELECT xmin::text FROM attempts")
    assert len(written) == 5
    assert len(set(written)) == 1
    assert sweep(intake, after=timedelta(days=2)).handed_over == {}


def test_an_answer_after_the_pool_is_closed_raises_poolclosed(intake: Intake, sender: Sender) -> None:
    sender.cache.fresh(sender.pool)
    act = partial(claim, sender, "acme", planned(intake), time.monotonic())
    sender.cache.fresh(sender.pool)
    [post] = committed_after(sender.pool, pauses.question("acme"), act).posts
    sender.pool.close()

    with pytest.raises(PoolClosed):
        record_all(sender, post, [(post.attempts[0], JudgedAnswer(NEVER_POSTED))])
