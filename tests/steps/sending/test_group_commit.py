import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from psycopg.errors import CheckViolation

from tests.steps.ledger import planned, states
from tests.support.crm import add_account, event, execute, person, row, rows
from tests.support.simulated_provider import Provider
from tests.support.waiting import PATIENCE_S, wait_until
from worker.steps.effects import Ended, Moved
from worker.steps.ingest.plan import Intake
from worker.steps.sending.claim import claim
from worker.steps.sending.group_commit import Recorder, Written
from worker.steps.sending.post import Sender, ask
from worker.steps.sending.record_result import AnsweredAttempt, JudgedAnswer
from worker.store.db.postgres import committed_after, transaction
from worker.store.sending import pauses

PEOPLE = 6
ACCEPTED = ("accepted", None)
WAITS = "SELECT count(*) FROM pg_locks WHERE NOT granted"
LOCK = "SELECT FROM attempts WHERE key = %s FOR UPDATE"
TRANSACTIONS = "SELECT DISTINCT xmin::text FROM attempts"
#: Ours are in line long before that.
IN_LINE_S = 0.3

Answers = Sequence[Sequence[AnsweredAttempt]]


@pytest.fixture
def answers(intake: Intake, sender: Sender) -> Answers:
    """Answers of the provider to as many POSTs as there are people; none is recorded yet."""
    notification_ids = [
        notification_id
        for nth in range(PEOPLE)
        for notification_id in planned(intake, event(recipients=[person(phone=f"067100000{nth}", id=str(nth))]))
    ]
    execute(intake.pool, "UPDATE notifications SET text = text || id, state = 'planned' WHERE state = 'planned'")
    execute(intake.pool, "UPDATE accounts SET in_flight = 20, requests_per_s = 1000")
    sender.cache.fresh(sender.pool)
    claimed = committed_after(
        sender.pool, pauses.question("acme"), partial(claim, sender, "acme", notification_ids, time.monotonic())
    )
    assert len(claimed.posts) == PEOPLE
    return [[(post.attempts[0], JudgedAnswer(ask(sender, post)[0], is_failure=False))] for post in claimed.posts]


def written_while_another_waits(
    sender: Sender, first: Sequence[AnsweredAttempt], others: Answers
) -> list[Future[Written]]:
    """Let a thread write the first while its attempt is locked, and others come until it is free."""
    with ThreadPoolExecutor(PEOPLE + 1) as threads:
        with transaction(sender.pool) as holder:
            holder.execute(LOCK, (first[0][0].key,))
            running = [threads.submit(sender.recorder.write, sender.pool, first)]
            wait_until(lambda: row(sender.pool, WAITS)[0] == 1, "the first waits for its attempt")
            running += [threads.submit(sender.recorder.write, sender.pool, answered) for answered in others]
            time.sleep(IN_LINE_S)
        return running


def test_answers_during_a_commit_share_the_next_transaction(intake: Intake, sender: Sender, answers: Answers) -> None:
    written = written_while_another_waits(sender, answers[0], answers[1:])

    assert [future.result(PATIENCE_S).settled for future in written] == [1] * PEOPLE
    assert states(intake) == [ACCEPTED] * PEOPLE
    assert len(rows(intake.pool, TRANSACTIONS)) == 2
    # Each row is counted once.
    measured = [effect for future in written for effect in future.result().measured]
    assert sum(effect.rows for effect in measured if isinstance(effect, Moved)) == PEOPLE
    assert sum(isinstance(effect, Ended) for effect in measured) == PEOPLE


def test_an_answer_that_cannot_be_written_takes_no_other_with_it(
    intake: Intake, sender: Sender, answers: Answers
) -> None:
    stored = answers[3][0][0]
    refuse = "ALTER TABLE provider_messages ADD CONSTRAINT only_in_this_test CHECK (attempt <> '{}')"
    execute(intake.pool, refuse.format(stored.key))

    written = written_while_another_waits(sender, answers[0], answers[1:])

    assert [type(future.exception(PATIENCE_S)) for future in written if future.exception(PATIENCE_S)] == [
        CheckViolation
    ]
    assert isinstance(written[3].exception(), CheckViolation)
    assert sorted(states(intake)) == [ACCEPTED] * (PEOPLE - 1) + [("sending", None)]


def test_one_attempt_is_never_settled_twice_in_one_transaction(
    intake: Intake, sender: Sender, answers: Answers
) -> None:
    written = written_while_another_waits(sender, answers[0], [answers[1], answers[1], answers[1]])

    assert [future.result(PATIENCE_S).settled for future in written] == [1] * 4
    moves = "SELECT count(*) FROM transitions WHERE to_state = 'accepted'"
    assert row(intake.pool, moves) == (2,)


def answers_of(intake: Intake, sender: Sender, account: str) -> Sequence[AnsweredAttempt]:
    """The answer to a POST of another account, which is not recorded yet."""
    add_account(intake.pool, account)
    notification_ids = planned(intake, event(account=account, recipients=[person(phone="0672000000", id=account)]))
    execute(intake.pool, "UPDATE notifications SET text = text || id WHERE account = %s", account)
    sender.cache.fresh(sender.pool)
    act = partial(claim, sender, account, notification_ids, time.monotonic())
    [post] = committed_after(sender.pool, pauses.question(account), act).posts
    return [(post.attempts[0], JudgedAnswer(ask(sender, post)[0], is_failure=False))]


def test_answers_of_several_accounts_share_a_transaction(intake: Intake, sender: Sender, answers: Answers) -> None:
    patient = replace(sender, recorder=Recorder(timedelta(seconds=2)))
    others = [answers_of(intake, sender, account) for account in ("bravo", "charlie", "delta")]

    written = written_while_another_waits(patient, answers[0], others)

    assert [future.result(PATIENCE_S).settled for future in written] == [1] * 4
    settled = "SELECT DISTINCT xmin::text FROM attempts WHERE settled_at IS NOT NULL"
    assert len(rows(intake.pool, settled)) == 2


def test_a_refusal_is_written_with_others_of_its_account_alone(
    intake: Intake, sender: Sender, provider: Provider, answers: Answers
) -> None:
    provider.fault("code", code=404, times=1)
    refused = answers_of(intake, sender, "bravo")
    patient = replace(sender, recorder=Recorder(timedelta(seconds=2)))

    with ThreadPoolExecutor(1) as threads:
        with transaction(sender.pool) as holder:
            holder.execute(LOCK, (answers[0][0][0].key,))
            waiting = threads.submit(patient.recorder.write, patient.pool, answers[0])
            wait_until(lambda: row(sender.pool, WAITS)[0] == 1, "the first waits for its attempt")

            patient.recorder.write(patient.pool, refused)
            assert not waiting.done()
        assert waiting.result(PATIENCE_S).settled == 1


def test_an_account_that_waits_holds_no_other_back(intake: Intake, sender: Sender, answers: Answers) -> None:
    others = answers_of(intake, sender, "other")

    with ThreadPoolExecutor(1) as threads:
        with transaction(sender.pool) as holder:
            holder.execute(LOCK, (answers[0][0][0].key,))
            waiting = threads.submit(sender.recorder.write, sender.pool, answers[0])
            wait_until(lambda: row(sender.pool, WAITS)[0] == 1, "the first waits for its attempt")

            assert sender.recorder.write(sender.pool, others).settled == 1
            assert not waiting.done()
        assert waiting.result(PATIENCE_S).settled == 1
