from datetime import datetime, timedelta

from tests.steps.ledger import planned, states
from tests.support.crm import delivery, event, execute, row
from tests.support.simulated_provider import Provider
from worker.core.sending.nudge import NotificationId
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send


def test_a_text_of_a_newer_record_is_rendered_anew(intake: Intake, sender: Sender, provider: Provider) -> None:
    body = event("invoice.overdue")
    notification_ids = planned(intake, body)
    execute(intake.pool, "UPDATE template_versions SET text = 'a template edited meanwhile' WHERE version > 1")
    partly = {**body["data"]["invoice"], "version": 5, "amount_due": {"amount": "50.00", "currency": "UAH"}}
    accept(intake, [delivery(event("invoice.payment_recorded", invoice=partly, recipients=[]))])

    send(sender, notification_ids)

    assert provider.messages()[0]["text"] == "Олена, рахунок INV-901 прострочено. До сплати 50,00 грн"
    assert row(
        intake.pool,
        "SELECT record_version, text LIKE '%%50,00%%' FROM notifications WHERE id = %s",
        notification_ids[0][1],
    ) == (
        5,
        True,
    )


def test_a_rerendered_text_with_a_missing_value_is_cancelled(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    execute(intake.pool, "UPDATE templates SET missing = 'fail'")
    body = event("invoice.overdue")
    notification_ids = planned(intake, body)
    nobody_knows = {**body["data"]["invoice"], "version": 5, "number": None}
    accept(intake, [delivery(event("invoice.payment_recorded", invoice=nobody_knows, recipients=[]))])

    send(sender, notification_ids)

    assert states(intake) == [("cancelled", "missing_value")]
    assert provider.messages() == []


def test_a_renewed_text_is_spelt_as_its_account_wants(intake: Intake, sender: Sender, provider: Provider) -> None:
    execute(intake.pool, "UPDATE accounts SET transliterate = TRUE")
    body = event("invoice.overdue")
    notification_ids = planned(intake, body)
    longer = {**body["data"]["invoice"], "version": 5, "number": "INV-000000000000000901"}
    accept(intake, [delivery(event("invoice.payment_recorded", invoice=longer, recipients=[]))])

    send(sender, notification_ids)

    assert provider.messages()[0]["text"].startswith("Olena, rakhunok INV-000000000000000901")


def test_older_news_change_nothing(intake: Intake, sender: Sender, provider: Provider) -> None:
    body = event("invoice.overdue")
    notification_ids = planned(intake, body)
    older = {**body["data"]["invoice"], "version": 3, "amount_due": {"amount": "1.00", "currency": "UAH"}}
    accept(intake, [delivery(event("invoice.payment_recorded", invoice=older, recipients=[]))])

    send(sender, notification_ids)

    assert provider.messages()[0]["text"].endswith("1 250,00 грн")


def test_a_booking_moved_before_its_text_is_sent_once(intake: Intake, sender: Sender, provider: Provider) -> None:
    first = event("booking.confirmed")
    booking = {**first["data"]["booking"], "version": 1}
    later = (datetime.fromisoformat(str(booking["start"])) + timedelta(hours=3)).isoformat()
    moved = {**booking, "version": 2, "start": later}
    recipients = first["data"]["recipients"]
    notification_ids = planned(intake, event("booking.confirmed", booking=booking, recipients=recipients))
    notification_ids += planned(intake, event("booking.confirmed", booking=moved, recipients=recipients))

    send(sender, notification_ids)

    assert sorted(states(intake)) == [("accepted", None), ("cancelled", "record_moved")]
    assert len(provider.messages()) == 1


def test_a_booking_moved_there_and_back_is_sent_once(intake: Intake, sender: Sender, provider: Provider) -> None:
    first = event("booking.confirmed")
    there = (datetime.fromisoformat(first["data"]["booking"]["start"]) + timedelta(hours=3)).isoformat()
    notification_ids: list[NotificationId] = []
    for version, start in enumerate((first["data"]["booking"]["start"], there, first["data"]["booking"]["start"]), 1):
        booking = {**first["data"]["booking"], "version": version, "start": start}
        notification_ids += planned(intake, event("booking.confirmed", booking=booking))
        send(sender, notification_ids[:-1])

    send(sender, notification_ids)

    assert sorted(states(intake)) == [("accepted", None), ("cancelled", "record_moved")]
    assert len(provider.messages()) == 1
