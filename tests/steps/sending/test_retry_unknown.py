import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event, Thread

import pytest

from tests.steps.ledger import planned, repeat_all, states, sweep
from tests.support.crm import delivery, event, execute, row
from tests.support.simulated_provider import Provider
from tests.support.waiting import WAITING_FOR_A_LOCK, wait_until
from worker.core.sending.pause import ACCOUNT, Stop
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send
from worker.store.db.postgres import clock, transaction
from worker.store.sending import pauses


def test_a_lost_answer_is_repeated_under_the_same_key(
    intake: Intake, sender: Sender, provider: Provider, alerts: list[str]
) -> None:
    provider.fault("reset_after", times=1)
    send(sender, planned(intake))
    assert states(intake) == [("sending", None)]

    repeat_all(sender, sweep(intake, after=timedelta(minutes=2)))

    assert states(intake) == [("accepted", None)]
    assert (len(provider.messages()), provider.state()["repeats"]) == (1, 1)
    assert alerts == ["attempt.in_doubt"]


def test_a_repeat_posts_the_very_same_bytes(intake: Intake, sender: Sender, provider: Provider) -> None:
    provider.fault("http", times=1, status=502)
    send(sender, planned(intake))
    before = row(intake.pool, "SELECT body, key FROM attempts")
    execute(intake.pool, "UPDATE template_versions SET text = 'another text'")

    released = sweep(intake, after=timedelta(minutes=2))
    after = row(intake.pool, "SELECT body, key FROM attempts")
    repeat_all(sender, released)

    assert before == after
    assert provider.messages()[0]["text"].startswith("Олена, рахунок")


def test_an_attempt_is_handed_over_whole_and_only_when_its_lease_has_ended(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    provider.fault("no_answer", times=1)
    send(sender, planned(intake))

    assert sweep(intake).handed_over == {}
    first = sweep(intake, after=timedelta(minutes=2)).handed_over
    assert [lease for held in first.values() for _, _, lease in held] == [2]
    assert sweep(intake).handed_over == {}


def test_a_lease_that_was_given_on_is_not_used_any_more(intake: Intake, sender: Sender, provider: Provider) -> None:
    provider.fault("reset_after", times=1)
    send(sender, planned(intake))
    old = sweep(intake, after=timedelta(minutes=2))
    new = sweep(intake, after=timedelta(minutes=2))

    repeat_all(sender, old)
    assert provider.state()["posts"] == 1
    repeat_all(sender, new)
    assert states(intake) == [("accepted", None)]


def test_when_the_keys_life_is_over_nobody_asks_again(intake: Intake, sender: Sender, provider: Provider) -> None:
    provider.fault("reset_after", times=1)
    send(sender, planned(intake))
    execute(intake.pool, "UPDATE attempts SET key_expires_at = now()")

    repeat_all(sender, sweep(intake, after=timedelta(minutes=2)))

    assert provider.state()["posts"] == 1
    assert states(intake) == [("unconfirmed", "key_expired")]


def test_507_without_rows_is_unconfirmed_and_never_sent_again(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    provider.settings(repeat_shape="null")
    provider.fault("reset_after", times=1)
    send(sender, planned(intake))

    repeat_all(sender, sweep(intake, after=timedelta(minutes=2)))

    assert states(intake) == [("unconfirmed", "repeat")]
    assert sweep(intake, after=timedelta(days=2)).count == 0


@pytest.mark.parametrize(("code", "reason"), [(438, "rate_limited"), (503, "failed_sms_send")])
def test_a_definite_refusal_that_time_heals_is_tried_under_a_fresh_key(
    intake: Intake, sender: Sender, provider: Provider, code: int, reason: str
) -> None:
    provider.fault("code", times=1, code=code)
    notification_ids = planned(intake)
    send(sender, notification_ids)
    state, text = states(intake)[0]
    assert state == "postponed"
    assert text == reason

    sweep(intake, after=timedelta(minutes=2))
    send(sender, notification_ids)

    assert states(intake)[0][0] == "accepted"
    assert row(intake.pool, "SELECT count(DISTINCT key) FROM attempts") == (2,)


def test_a_refusal_of_a_repeat_does_not_settle_the_first_post(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    provider.fault("reset_after", times=1)
    provider.fault("code", times=1, code=503)
    send(sender, planned(intake))

    repeat_all(sender, sweep(intake, after=timedelta(minutes=2)))
    assert states(intake) == [("sending", None)]
    repeat_all(sender, sweep(intake, after=timedelta(minutes=10)))

    assert states(intake) == [("accepted", None)]
    assert len(provider.messages()) == 1


def test_a_repeat_of_an_account_that_was_stopped_while_it_waited_for_the_pace_is_not_made(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    provider.fault("no_answer", times=1)
    send(sender, planned(intake))
    released = sweep(intake, after=timedelta(minutes=2))
    repeating = Thread(target=repeat_all, args=(sender, released))
    with intake.pool.connection() as other, other.transaction():
        other.execute("SELECT FROM rate_limits FOR UPDATE")
        repeating.start()
        wait_until(lambda: row(intake.pool, WAITING_FOR_A_LOCK) == (1,), what="the repeat waits for the pace")
        with transaction(intake.pool) as connection:
            pauses.pause(connection, "acme", Stop(ACCOUNT, "money", "provider"), now=clock(connection))
    repeating.join()

    assert provider.state()["posts"] == 1
    assert states(intake) == [("sending", None)]


def test_a_repeat_that_nobody_wants_any_more_is_not_made(intake: Intake, sender: Sender, provider: Provider) -> None:
    provider.fault("reset_after", times=1)
    body = event("invoice.overdue")
    send(sender, planned(intake, body))
    paid = {**body["data"]["invoice"], "version": 5, "status": "paid"}
    accept(intake, [delivery(event("invoice.payment_recorded", invoice=paid, recipients=[]))])

    repeat_all(sender, sweep(intake, after=timedelta(minutes=2)))

    assert provider.state()["posts"] == 1
    assert states(intake) == [("unconfirmed", "not_wanted")]


def test_a_repeat_waits_for_the_morning_like_everything_else(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    provider.fault("reset_before", times=1)
    send(sender, planned(intake))
    minute = row(intake.pool, "SELECT extract(epoch FROM (now() AT TIME ZONE 'Europe/Kyiv')::time)::int / 60")[0]
    opens, closes = (minute + 60, minute + 120) if minute < 1200 else (minute - 120, minute - 60)
    execute(intake.pool, "UPDATE accounts SET window_opens = %s, window_closes = %s", opens, closes)

    repeat_all(sender, sweep(intake, after=timedelta(minutes=2)))

    assert provider.state()["posts"] == 1
    assert row(intake.pool, "SELECT leased_until > now() + interval '50 minutes' FROM attempts") == (True,)


def test_an_answer_is_written_down_though_postgresql_was_away_when_it_came(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    provider.settings(latency_ms=700)
    notification_ids = planned(intake)
    with ThreadPoolExecutor(1) as worker:
        sending = worker.submit(send, sender, notification_ids)
        wait_until(lambda: provider.state()["posts"] == 1, "the POST")
        execute(intake.pool, "ALTER TABLE provider_messages RENAME TO away")
        wait_until(provider.messages, "the answer")
        time.sleep(1.0)
        execute(intake.pool, "ALTER TABLE away RENAME TO provider_messages")
        sending.result()

    assert states(intake) == [("accepted", None)]


def test_a_process_that_is_to_end_claims_nothing_new(
    intake: Intake, sender: Sender, provider: Provider, ending: Event
) -> None:
    notification_ids = planned(intake)
    ending.set()

    send(sender, notification_ids)

    assert states(intake) == [("planned", None)]
    assert provider.state()["posts"] == 0


def test_after_a_round_without_an_answer_the_rest_is_left_to_the_sweeper(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    provider.fault("http", times=None, status=502)
    execute(intake.pool, "UPDATE accounts SET in_flight = 5")

    send(sender, planned(intake, *(event() for _ in range(12))))

    assert provider.state()["posts"] == 4  # one slot is kept for urgent texts
    assert sorted(state for state, _ in states(intake)) == ["planned"] * 8 + ["sending"] * 4
