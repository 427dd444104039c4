from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.steps.ledger import accept_batch
from tests.support.crm import Json, delivery, event, person, row, rows
from worker.core.contract.data import Person, Record
from worker.core.reminders.calendar_entry import Entry
from worker.core.reminders.reminder_event import event_of
from worker.core.reminders.schedule import next_due, rules_of
from worker.steps.ingest.plan import Intake
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.db.postgres import transaction
from worker.store.reminders.calendar_entries import ENTRY_COLUMNS, entry_of_row

ENTRIES = f"SELECT {ENTRY_COLUMNS} FROM calendar AS c ORDER BY record_id"  # noqa: S608 (our own names)


def entries(intake: Intake) -> list[Entry]:
    return [entry_of_row(item) for item in rows(intake.pool, ENTRIES)]


def hours_ago(hours: float) -> datetime:
    return datetime.now(UTC) - timedelta(hours=hours)  # noqa: TID251 (a CRM has a clock of its own)


def crm(event_type: str, *, ago: float, **data: Any) -> Json:
    return {**event(event_type, **data), "time": hours_ago(ago).isoformat()}


def occurrence(intake: Intake) -> tuple[str, bytes]:
    """The next reminder of the only entry, by the account's own rules."""
    with transaction(intake.pool) as connection:
        account = ConfigurationCache().look(connection)[0].accounts["acme"]
    [entry] = entries(intake)
    [(rule, due)] = [
        (rule, due) for rule in rules_of(account) if (due := next_due(rule, entry, after=entry.changed_at))
    ]
    key, _, body = event_of(entry, rule, due, Record(), account=account)
    return key, body


def test_a_batch_keeps_the_moments_of_its_records(intake: Intake) -> None:
    start = hours_ago(-48).isoformat()
    accept_batch(
        intake,
        delivery(event("booking.submitted", booking={"id": "1", "start": start})),
        delivery(event("booking.confirmed", booking={"id": "2", "start": start})),
        delivery(event("contact.saved", contact={"id": "3", "birthday": "--05-01"})),
        delivery(event("order.created")),
        delivery(event("meeting.reminder_due", meeting={"id": "4", "start": start})),
    )

    results = entries(intake)
    assert [(entry.record_kind, entry.record_id, entry.cancelled) for entry in results] == [
        ("booking", "1", True),
        ("booking", "2", False),
        ("contact", "3", False),
    ]


def test_dead_letters_and_repeated_events_leave_the_calendar_unchanged(intake: Intake) -> None:
    good = event("meeting.saved", meeting={"id": "1", "start": hours_ago(-48).isoformat()})
    accept_batch(intake, delivery(good))
    row(intake.pool, "UPDATE calendar SET rules_version = 1 RETURNING 1")

    accept_batch(intake, delivery(good), delivery(event("meeting.saved", meeting={"id": "2", "start": "9999-01-01"})))

    assert rows(intake.pool, "SELECT record_id, rules_version FROM calendar") == [("1", 1)]
    assert rows(intake.pool, "SELECT reason FROM dead_letters") == [("schema",)]


def test_a_reminder_of_ours_reaches_the_person_whom_the_record_named(intake: Intake) -> None:
    meeting = {"id": "1", "start": hours_ago(-1).isoformat(), "remind_before": [90]}
    accept_batch(intake, delivery(crm("meeting.saved", ago=5, meeting=meeting, recipients=[person("lead")])))
    key, body = occurrence(intake)

    accept_batch(intake, delivery(body, key=key))

    assert rows(intake.pool, "SELECT trigger, state, phone FROM notifications") == [
        ("meeting_reminder", "planned", "+380671234567")
    ]


@pytest.mark.parametrize("version", [None, 1])
def test_an_occurrence_is_no_news_of_its_record(intake: Intake, version: int | None) -> None:
    invoice = {"id": "1", "duedate": hours_ago(72).date().isoformat(), "status": "unpaid", "version": version}
    accept_batch(intake, delivery(crm("invoice.saved", ago=71, invoice=invoice, recipients=[person()])))
    key, body = occurrence(intake)
    accept_batch(intake, delivery(body, key=key))

    # Paid before our notice went out; its event came after.
    paid = {**invoice, "status": "paid", "version": version and version + 1}
    payment = {"id": "1", "total": {"amount": "1.00", "currency": "UAH"}}
    accept_batch(intake, delivery(crm("invoice.payment_recorded", ago=70, invoice=paid, payment=payment)))

    assert row(intake.pool, "SELECT facts ->> 'status' FROM records") == ("paid",)
    assert [entry.cancelled for entry in entries(intake)] == [True]


def named(entry: Entry) -> list[dict[str, object]]:
    """The people of an entry as their event named them."""
    return [dict(person.without(Person.known_at).json) for person in entry.data.recipients]


def test_a_record_without_reminders_is_scheduled_once_it_has_some(intake: Intake) -> None:
    invoice = {"id": "1", "duedate": "2026-11-20", "lines": ["every one of them"]}
    paid = crm("invoice.saved", ago=2, invoice={**invoice, "status": "paid"}, client={"id": "5"}, recipients=[person()])
    body = crm("invoice.saved", ago=1, invoice={**invoice, "status": "unpaid"}, client={"id": "5"}, recipients=[])
    is_due = "SELECT rules_version < (SELECT rules_version FROM accounts) FROM calendar"

    accept_batch(intake, delivery(paid))

    assert rows(intake.pool, is_due) == [(False,)]
    [kept] = entries(intake)
    assert (kept.data.invoice.json, named(kept)) == ({"id": "1", "status": "paid"}, [person()])

    accept_batch(intake, delivery(body))

    assert rows(intake.pool, is_due) == [(True,)]
    [woken] = entries(intake)
    assert (woken.cancelled, woken.record.json) == (False, {"id": "1", "duedate": "2026-11-20", "status": "unpaid"})
    assert named(woken) == [person()]
