from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.crm import delivery, event, execute, person, row, rows
from tests.provider import Provider
from worker.core.nudge import Place
from worker.steps.accept import accept
from worker.steps.plan import Intake
from worker.steps.post import Sender
from worker.steps.release import Released, release
from worker.steps.repeat import repeat
from worker.steps.send import send, send_alone


def planned(intake: Intake, *events: dict[str, object]) -> list[Place]:
    accepted = accept(intake, [delivery(one) for one in events or (event("invoice.overdue"),)])
    return [place for part in accepted for nudge in part.nudges for place in nudge.places]


def states(intake: Intake) -> list[tuple[str, str | None]]:
    return [(found[0], found[1]) for found in rows(intake.pool, "SELECT state, reason FROM notifications ORDER BY id")]


def sweep(intake: Intake, *, after: timedelta = timedelta()) -> Released:
    """Let time pass, as far as the rows can tell, and look for what is due."""
    execute(intake.pool, "UPDATE notifications SET due_at = due_at - %s WHERE due_at IS NOT NULL", after)
    execute(intake.pool, "UPDATE attempts SET leased_until = leased_until - %s WHERE settled_at IS NULL", after)
    return release(intake.pool, lambda _lane: 0)


def repeat_all(sender: Sender, released: Released) -> None:
    for held in released.held.values():
        repeat(sender, held)


def test_a_planned_text_is_sent_and_its_id_kept(intake: Intake, sender: Sender, provider: Provider) -> None:
    sent = send(sender, planned(intake))

    assert (sent.claimed, sent.posted, sent.settled) == (1, 1, 1)
    message = provider.messages()[0]
    assert (message["recipient"], message["sender"]) == ("380671234567", "DemoShop")
    assert message["text"] == "Олена, рахунок INV-901 прострочено. До сплати 1 250,00 грн"
    assert states(intake) == [("accepted", None)]
    assert row(intake.pool, "SELECT message_id, attempt FROM provider_messages") == (
        message["message_id"],
        message["sequence_id"],
    )
    assert row(intake.pool, "SELECT outcome, body FROM attempts") == ("accepted", None)


def test_every_move_is_remembered_with_its_actor(intake: Intake, sender: Sender) -> None:
    send(sender, planned(intake))

    found = rows(intake.pool, "SELECT from_state, to_state, actor FROM moves ORDER BY id")
    assert found == [(None, "planned", "accept"), ("planned", "sending", "send"), ("sending", "accepted", "record")]


def test_equal_texts_share_a_post_and_one_phone_never_stands_in_it_twice(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    execute(intake.pool, "UPDATE template_versions SET text = 'Дякуємо за оплату!'")
    crowd = [person(phone=f"067{number:07d}", id=str(number)) for number in range(20)]

    send(sender, planned(intake, event(recipients=crowd), event(recipients=crowd[:1])))

    assert provider.state()["posts"] == 2
    assert len(provider.messages()) + provider.state()["refused_rows"].get("427", 0) == 21


def test_a_lost_answer_is_repeated_under_the_same_key_and_sends_nothing_twice(
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

    assert sweep(intake).held == {}
    first = sweep(intake, after=timedelta(minutes=2)).held
    assert [lease for held in first.values() for _, _, lease in held] == [2]
    assert sweep(intake).held == {}


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
    places = planned(intake)
    send(sender, places)
    state, found = states(intake)[0]
    assert state == "postponed"
    assert found in {reason, row(intake.pool, "SELECT reason FROM notifications")[0]}

    sweep(intake, after=timedelta(minutes=2))
    send(sender, places)

    assert states(intake)[0][0] == "accepted"
    assert row(intake.pool, "SELECT count(DISTINCT key) FROM attempts") == (2,)


def test_a_refusal_of_a_repeat_says_nothing_about_the_first_post(
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


def test_a_refused_number_is_refused_with_the_providers_reason(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    provider.stop("380671234567")

    send(sender, planned(intake))

    assert states(intake) == [("refused", "not_allowed_number_stoplist")]


@pytest.mark.parametrize(("code", "reason"), [(203, "money"), (105, "token"), (401, "sender")])
def test_money_token_and_sender_pause_the_account_with_one_alert(
    intake: Intake, sender: Sender, provider: Provider, alerts: list[str], code: int, reason: str
) -> None:
    provider.fault("code", code=code, times=None)
    places = planned(intake, event(), event())

    send(sender, places)
    send(sender, places)

    assert row(intake.pool, "SELECT reason FROM pauses") == (reason,)
    assert alerts == ["account.paused"]
    assert {state for state, _ in states(intake)} <= {"postponed", "planned"}
    assert sweep(intake, after=timedelta(hours=1)).count == 0


@pytest.mark.parametrize("code", [300, 436, 999])
def test_a_code_that_nobody_expects_is_loud(
    intake: Intake, sender: Sender, provider: Provider, alerts: list[str], code: int
) -> None:
    provider.fault("code", code=code, times=1)

    send(sender, planned(intake))

    assert alerts[0] == "provider.unexpected"


def test_a_paused_account_goes_on_when_it_is_resumed(intake: Intake, sender: Sender, provider: Provider) -> None:
    provider.fault("code", code=203, times=1)
    places = planned(intake)
    send(sender, places)
    execute(intake.pool, "DELETE FROM pauses")

    sweep(intake, after=timedelta(minutes=1))
    send(sender, places)

    assert states(intake) == [("accepted", None)]


def test_a_settled_invoice_cancels_its_overdue_notice_at_the_claim(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    one = event("invoice.overdue")
    places = planned(intake, one)
    paid = {**one["data"]["invoice"], "version": 5, "status": "paid"}
    accept(intake, [delivery(event("invoice.payment_recorded", invoice=paid, recipients=[]))])

    send(sender, places)

    assert states(intake) == [("cancelled", "invoice_settled")]
    assert provider.state()["posts"] == 0


def test_somebody_who_opted_out_meanwhile_is_not_written_to(intake: Intake, sender: Sender, provider: Provider) -> None:
    places = planned(intake)
    execute(
        intake.pool,
        "INSERT INTO suppressions SELECT account, recipient_key, 'asked', 'test', now() FROM notifications",
    )

    send(sender, places)

    assert states(intake) == [("cancelled", "suppressed")]
    assert provider.state()["posts"] == 0


def test_a_text_past_its_time_expires_instead_of_going_out(intake: Intake, sender: Sender, provider: Provider) -> None:
    places = planned(intake)
    execute(intake.pool, "UPDATE notifications SET expires_at = now()")

    send(sender, places)

    assert states(intake) == [("expired", "too_late")]
    assert provider.state()["posts"] == 0


def test_two_workers_with_one_nudge_send_once(intake: Intake, sender: Sender, provider: Provider) -> None:
    places = planned(intake, *(event() for _ in range(10)))

    with ThreadPoolExecutor(4) as workers:
        claimed = [workers.submit(send, sender, places) for _ in range(4)]

    assert sum(one.result().claimed for one in claimed) == 10
    assert len(provider.messages()) == 10


def test_a_lost_nudge_is_a_delay_and_not_a_loss(intake: Intake) -> None:
    places = planned(intake)

    assert sweep(intake).count == 0
    released = sweep(intake, after=timedelta(seconds=31))

    assert [nudge.places for nudge in released.nudges] == [tuple(places)]
    assert row(intake.pool, "SELECT due_at - now() > interval '20 s', nudges FROM notifications") == (True, 1)


def test_a_crowded_account_does_not_keep_the_sweeper_from_another(intake: Intake) -> None:
    crowd = [person(phone=f"067{number:07d}", id=str(number)) for number in range(450)]
    planned(intake, event(recipients=crowd), event("order.created"))

    released = sweep(intake, after=timedelta(minutes=1))

    lanes = {
        nudge.lane: sum(len(other.places) for other in released.nudges if other.lane == nudge.lane)
        for nudge in released.nudges
    }
    assert lanes == {"urgent": 1, "normal": 200}


def test_a_row_that_breaks_its_claim_five_times_fails_with_a_dead_letter(intake: Intake, sender: Sender) -> None:
    places = planned(intake, event(), event())
    execute(intake.pool, "UPDATE notifications SET phone = 'not digits' WHERE id = %s", places[0][1])

    for _ in range(5):
        send(sender, places)
        sweep(intake, after=timedelta(hours=1))

    assert sorted(states(intake)) == [("accepted", None), ("failed", "failing")]
    assert row(intake.pool, "SELECT kind, reason, notification FROM dead_letters") == ("job", "failing", places[0][1])


def test_a_row_that_killed_workers_four_times_is_poison(intake: Intake, sender: Sender, provider: Provider) -> None:
    places = planned(intake)
    name = f"{places[0][0]}/{places[0][1]}".encode()
    execute(intake.pool, "INSERT INTO suspects VALUES (sha256(%s), 4, now(), now())", name)

    send_alone(sender, places)

    assert states(intake) == [("failed", "poison")]
    assert provider.state()["posts"] == 0


def test_a_nudge_that_came_back_is_split_and_its_rows_go_out(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    places = planned(intake, event(), event())

    send_alone(sender, places)

    assert len(provider.messages()) == 2
    assert rows(intake.pool, "SELECT * FROM suspects") == []


def test_the_token_travels_in_the_header_only(intake: Intake, sender: Sender, provider: Provider) -> None:
    provider.fault("code", code=105, times=1)
    send(sender, planned(intake))

    bodies = rows(intake.pool, "SELECT to_jsonb(a)::text FROM attempts AS a")
    assert all("token-of-acme" not in found[0] for found in bodies)
