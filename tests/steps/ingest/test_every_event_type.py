from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.steps.ledger import accept_batch, planned, reasons, states, sweep
from tests.support.crm import Json, add_account, delivery, event, execute, person, row, rows
from worker.cli.event.examples import PHONE, example
from worker.core.contract.event_types import KEPT, TYPES
from worker.core.triggers.catalogue import BY_EVENT
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send

CUSTOM = """
WITH added AS (
    INSERT INTO templates (account, name, section, locale) VALUES ('acme', 'Привіт', 'clients', %s) RETURNING id
)
INSERT INTO template_versions SELECT id, 1, %s, 'admin', now() FROM added
"""
RECORD = "SELECT facts, deleted FROM records WHERE kind = %s"


def example_of(event_type: str) -> Json:
    return dict(example(event_type, account="acme", phone=PHONE, now=datetime.now(UTC)))  # noqa: TID251 (a CRM has a clock)


@pytest.mark.parametrize("event_type", TYPES)
def test_every_example_goes_through_the_intake(intake: Intake, event_type: str) -> None:
    accepted = accept_batch(intake, delivery(example_of(event_type)))

    assert (accepted.events, accepted.refused) == (1, 0)
    assert accepted.planned + accepted.postponed == min(1, len(BY_EVENT[event_type]))
    outcome = "planned" if BY_EVENT[event_type] else "recorded"
    assert row(intake.pool, "SELECT type, outcome FROM events") == (event_type, outcome)
    assert row(intake.pool, "SELECT count(*) FROM records") == (0 if event_type == "sms.send_requested" else 1,)


@pytest.mark.parametrize("record", KEPT)
def test_a_deleted_record_stays_as_an_empty_tombstone(intake: Intake, record: str) -> None:
    saved = example_of(f"{record}.saved")
    accept_batch(intake, delivery(saved))
    assert row(intake.pool, RECORD, record) == (saved["data"][record], False)

    fields = {"id": saved["data"][record]["id"], "version": 9, "phonenumber": "067 123 45 67"}
    facts: Json = {record: fields}
    accept_batch(intake, delivery(event(f"{record}.deleted", **facts)))
    accept_batch(intake, delivery({**saved, "id": "late"}))

    assert row(intake.pool, RECORD, record) == ({"id": fields["id"]}, True)


def later(body: Json, **record: Any) -> Json:
    """The same record, saved with something else a minute later."""
    [record_kind] = body["data"].keys() & {"booking", "contact", "invoice", "meeting", "contract", "proposal"}
    moment = datetime.fromisoformat(body["time"]) + timedelta(minutes=1)
    facts: Json = {record_kind: {**body["data"][record_kind], "version": 99, **record}}
    saved = event(f"{record_kind}.saved", **facts)
    return {**saved, "time": moment.isoformat()}


@pytest.mark.parametrize(
    ("event_type", "change", "reason"),
    [
        ("invoice.overdue", {"status": "paid"}, "invoice_settled"),
        ("booking.confirmed", {"status": "cancelled"}, "booking_cancelled"),
        ("booking.confirmed", {"start": "2999-01-01T10:00:00Z"}, "record_moved"),
        ("meeting.reminder_due", {"status": "cancelled"}, "meeting_cancelled"),
        ("meeting.reminder_due", {"start": "2999-01-01T10:00:00Z"}, "record_moved"),
        ("contract.overdue", {"dateend": "2999-01-01", "days_left": 9999}, "record_moved"),
        ("contract.comment_added", {"trash": True}, "contract_hidden"),
        ("proposal.overdue", {"status": "accepted"}, "proposal_decided"),
        ("proposal.overdue", {"open_till": "2999-01-01"}, "record_moved"),
        ("invoice.overdue", {"duedate": "2999-01-01"}, "not_overdue"),
        ("contact.birthday", {"consent": False}, "no_consent"),
    ],
)
def test_a_newer_state_of_a_record_cancels_a_waiting_text(
    intake: Intake, sender: Sender, event_type: str, change: Json, reason: str
) -> None:
    body = example_of(event_type)
    notification_ids = planned(intake, body)
    accept_batch(intake, delivery(later(body, **change)))

    send(sender, notification_ids)

    assert states(intake) == [("cancelled", reason)]


def test_a_cancelled_order_with_any_status_code_cancels_waiting_texts(intake: Intake, sender: Sender) -> None:
    body = example_of("order.approved")
    notification_ids = planned(intake, body)
    cancelled = example_of("order.cancelled")
    order = {**body["data"]["order"], "version": 2, "status": "7", "change_id": "x"}
    accept_batch(intake, delivery({**cancelled, "data": {**cancelled["data"], "order": order}}))

    send(sender, notification_ids)

    assert states(intake)[0] == ("cancelled", "order_cancelled")


def test_a_renewed_text_still_follows_the_last_day(intake: Intake, sender: Sender) -> None:
    body = example_of("proposal.overdue")
    notification_ids = planned(intake, body)
    accept_batch(intake, delivery(later(body, number="КП-77")))

    send(sender, notification_ids)

    [(text, state)] = rows(intake.pool, "SELECT text, state FROM notifications")
    assert "КП-77" in text
    assert "діє до" in text
    assert state == "accepted"


@pytest.mark.parametrize("named", [{}, {"change_id": "a"}])
def test_a_status_change_is_sent_though_its_record_got_newer(intake: Intake, sender: Sender, named: Json) -> None:
    body = example_of("position.status_changed")
    body["data"] = {**body["data"], "position": {"entity_type": "proposal", "status_to": "4", **named}}
    notification_ids = planned(intake, body)
    accept_batch(intake, delivery(later(body, number="КП-77")))

    send(sender, notification_ids)

    [(text, state)] = rows(intake.pool, "SELECT text, state FROM notifications")
    assert (state, "КП-77" in text) == ("accepted", True)


def by_hand(**data: Any) -> Json:
    facts: Json = {"text": None, "recipients": [person()], **data}
    return event("sms.send_requested", **facts)


def test_a_custom_template_goes_to_each_in_their_language(intake: Intake) -> None:
    execute(intake.pool, CUSTOM, "uk", "Вітаємо, {contact_firstname}!")
    execute(intake.pool, CUSTOM, "en", "Hello, {contact_firstname}!")
    people = [person(), person(locale="en", phone="0501112233", firstname="John")]

    accept_batch(intake, delivery(by_hand(template="Привіт", recipients=people)))

    results = rows(intake.pool, "SELECT text, template_version, record_kind FROM notifications ORDER BY text")
    assert results == [("Hello, John!", 1, "request"), ("Вітаємо, Олена!", 1, "request")]


def test_an_unknown_template_is_a_dead_letter_that_can_be_replayed(intake: Intake) -> None:
    body = by_hand(template="Привіт")
    accept_batch(intake, delivery(body))
    assert reasons(intake) == ["unknown_template"]

    execute(intake.pool, CUSTOM, "uk", "Вітаємо!")
    accepted = accept_batch(intake, delivery(body))

    assert accepted.planned == 1


def test_a_template_of_another_account_is_unknown(intake: Intake) -> None:
    add_account(intake.pool, "beta")
    execute(intake.pool, CUSTOM, "uk", "Вітаємо!")

    accept_batch(intake, delivery({**by_hand(template="Привіт"), "source": "/accounts/beta"}))

    assert reasons(intake) == ["unknown_template"]


def test_a_send_request_is_sent(intake: Intake, sender: Sender) -> None:
    notification_ids = planned(intake, by_hand(text="Чекаємо на вас, {contact_firstname}!"))

    send(sender, notification_ids)
    sweep(intake)

    assert states(intake) == [("accepted", None)]


def test_an_event_that_texts_nobody_is_recorded_or_switched_off(intake: Intake) -> None:
    position = {"entity_type": "proposal", "status_to": "2"}
    accept_batch(intake, delivery(event("position.status_changed", position=position)))
    execute(intake.pool, "UPDATE triggers SET switched_on = FALSE WHERE trigger = 'order_created'")
    accept_batch(intake, delivery(event("order.created")))

    assert rows(intake.pool, "SELECT outcome FROM events ORDER BY id") == [("recorded",), ("switched_off",)]


def test_a_value_of_the_longest_length_is_cut_and_counted(intake: Intake) -> None:
    body = example_of("invoice.overdue")
    recipients = [{**body["data"]["recipients"][0], "firstname": "Олена " * 20_000}]

    accepted = accept_batch(intake, delivery({**body, "data": {**body["data"], "recipients": recipients}}))

    assert (accepted.planned + accepted.postponed, accepted.refused, accepted.cut) == (1, 0, 1)
