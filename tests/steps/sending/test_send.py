from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from tests.steps.ledger import planned, states
from tests.support.crm import delivery, event, execute, person, row, rows
from tests.support.simulated_provider import Provider
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send


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

    results = rows(intake.pool, "SELECT from_state, to_state, actor FROM transitions ORDER BY id")
    assert results == [(None, "planned", "accept"), ("planned", "sending", "send"), ("sending", "accepted", "record")]


def test_equal_texts_share_a_post_that_has_a_phone_once(intake: Intake, sender: Sender, provider: Provider) -> None:
    execute(intake.pool, "UPDATE template_versions SET text = 'Дякуємо за оплату!'")
    crowd = [person(phone=f"067{number:07d}", id=str(number)) for number in range(20)]

    send(sender, planned(intake, event(recipients=crowd), event(recipients=crowd[:1])))

    assert provider.state()["posts"] == 2
    assert len({message["recipient"] for message in provider.messages()}) == 20
    assert sorted(states(intake)) == [("accepted", None)] * 20 + [("postponed", "duplicate")]


def test_a_refused_number_is_refused_with_the_providers_reason(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    provider.stop("380671234567")

    send(sender, planned(intake))

    assert states(intake) == [("refused", "not_allowed_number_stoplist")]


@pytest.mark.parametrize("code", [300, 436, 999])
def test_a_code_that_nobody_expects_is_loud(
    intake: Intake, sender: Sender, provider: Provider, alerts: list[str], code: int
) -> None:
    provider.fault("code", code=code, times=1)

    send(sender, planned(intake))

    assert alerts[0] == "provider.unexpected"


def test_a_settled_invoice_cancels_its_overdue_notice_at_the_claim(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    body = event("invoice.overdue")
    notification_ids = planned(intake, body)
    paid = {**body["data"]["invoice"], "version": 5, "status": "paid"}
    accept(intake, [delivery(event("invoice.payment_recorded", invoice=paid, recipients=[]))])

    send(sender, notification_ids)

    assert states(intake) == [("cancelled", "invoice_settled")]
    assert provider.state()["posts"] == 0


def test_a_person_who_opted_out_meanwhile_is_not_texted(intake: Intake, sender: Sender, provider: Provider) -> None:
    notification_ids = planned(intake)
    execute(
        intake.pool,
        "INSERT INTO suppressions SELECT account, recipient_key, 'asked', 'test', now() FROM notifications",
    )

    send(sender, notification_ids)

    assert states(intake) == [("cancelled", "suppressed")]
    assert provider.state()["posts"] == 0


def test_a_text_past_its_time_expires_instead_of_going_out(intake: Intake, sender: Sender, provider: Provider) -> None:
    notification_ids = planned(intake)
    execute(intake.pool, "UPDATE notifications SET expires_at = now()")

    send(sender, notification_ids)

    assert states(intake) == [("expired", "too_late")]
    assert provider.state()["posts"] == 0


def test_two_workers_with_one_nudge_send_once(intake: Intake, sender: Sender, provider: Provider) -> None:
    notification_ids = planned(intake, *(event() for _ in range(10)))

    with ThreadPoolExecutor(4) as workers:
        claimed = [workers.submit(send, sender, notification_ids) for _ in range(4)]

    assert sum(future.result().claimed for future in claimed) == 10
    assert len(provider.messages()) == 10


def test_the_token_travels_in_the_header_only(intake: Intake, sender: Sender, provider: Provider) -> None:
    provider.fault("code", code=105, times=1)
    send(sender, planned(intake))

    bodies = rows(intake.pool, "SELECT to_jsonb(a)::text FROM attempts AS a")
    assert all("token-of-acme" not in body[0] for body in bodies)


def test_rows_left_by_an_ending_worker_are_due_at_once(
    intake: Intake, sender: Sender, provider: Provider, ending: Event
) -> None:
    notification_ids = planned(intake)
    ending.set()

    send(sender, notification_ids)

    assert provider.state()["posts"] == 0
    assert row(intake.pool, "SELECT state, due_at <= now() FROM notifications") == ("planned", True)
