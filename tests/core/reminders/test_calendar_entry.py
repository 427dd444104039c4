from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.core.examples import NOW, drafted, happened
from tests.core.reminders.moments import clocked, entry, entry_after, of, rule, walk
from tests.support.crm import person
from worker.core.contract.data import Data
from worker.core.contract.event_types import KEPT, TYPES
from worker.core.reminders.calendar_entry import DATED, DELETED_DATA, folded
from worker.core.reminders.schedule import DEFAULTS
from worker.core.triggers.catalogue import BY_ID

MEETING = {"id": "5", "start": "2026-12-01T10:00:00+02:00", "timezone": "Europe/Kyiv"}
BOOKING = {"id": "5", "start": "2026-12-01T10:00:00+02:00"}
INVOICE = {"id": "5", "duedate": "2026-11-20", "status": "unpaid"}


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_every_kept_record_kind_has_a_moment_and_a_trigger() -> None:
    assert DATED.keys() == {*KEPT}
    assert {dated.trigger for dated in DATED.values()} == DEFAULTS.keys()
    assert all(TYPES[BY_ID[dated.trigger].event].record == dated.record_kind for dated in DATED.values())


@pytest.mark.parametrize(
    ("record_kind", "record", "moment", "local_at", "zone"),
    [
        ("meeting", MEETING, "start", "2026-12-01T10:00", "Europe/Kyiv"),
        (
            "meeting",
            {**MEETING, "start": "2026-12-01T08:00:00Z", "timezone": "Asia/Kathmandu"},
            "start",
            "2026-12-01T13:45",
            "Asia/Kathmandu",
        ),
        ("booking", BOOKING, "start", "2026-12-01T10:00", None),
        ("staff_reminder", {"id": "5", "date": "2026-12-01T08:00:00Z"}, "date", "2026-12-01T10:00", None),
        ("contact", {"id": "5", "birthday": "1990-02-29"}, "birthday", "2000-02-29T00:00", None),
        (
            "contact",
            {"id": "5", "birthday": "--12-31", "timezone": "Asia/Tokyo"},
            "birthday",
            "2000-12-31",
            "Asia/Tokyo",
        ),
        ("contract", {"id": "5", "dateend": "2026-12-31"}, "dateend", "2026-12-31", None),
        ("contract", {"id": "5", "dateend": "2026-12-31 00:00:00"}, "dateend", "2026-12-31", None),
        ("invoice", INVOICE, "duedate", "2026-11-20", None),
        ("proposal", {"id": "5", "open_till": "2026-11-30"}, "open_till", "2026-11-30", None),
    ],
)
def test_a_saved_record_keeps_its_moment_in_local_time(
    record_kind: str, record: dict[str, Any], moment: str, local_at: str, zone: str | None
) -> None:
    result = of(record_kind, "saved", record)

    assert (result.moment, result.local_at, result.zone) == (moment, local(local_at), zone)
    assert (result.cancelled, result.corrections) == (False, ())


@pytest.mark.parametrize(
    ("record_kind", "field"),
    [(record_kind, dated.moment) for record_kind, dated in DATED.items() if dated.shape != "instant"],
)
@pytest.mark.parametrize("none", ["", None, "0000-00-00"])
def test_a_saved_record_without_a_day_is_cancelled(record_kind: str, field: str, none: str | None) -> None:
    result = of(record_kind, "saved", {"id": "5", field: none})

    assert (result.local_at, result.cancelled, result.corrections) == (None, True, ())


@pytest.mark.parametrize("nobodys", ["1970-01-01", "1900-01-01", "1970-01-01 00:00:00"])
def test_a_placeholder_birthday_has_no_reminder(nobodys: str) -> None:
    result = of("contact", "saved", {"id": "5", "birthday": nobodys})
    sent = happened("contact.birthday", contact={"id": "5", "birthday": nobodys}, recipients=[person(consent=True)])

    assert (result.local_at, result.cancelled) == (None, True)
    assert [(draft.state, draft.reason) for draft in drafted(sent)] == [("cancelled", "birthday_unknown")]
    assert of("contact", "saved", {"id": "5", "birthday": "--01-01"}).local_at == local("2000-01-01")


@pytest.mark.parametrize("record_kind", KEPT)
def test_a_deleted_record_keeps_no_data(record_kind: str) -> None:
    result = of(record_kind, "deleted", {"id": "5", "version": 3})

    assert (result.data, result.cancelled, result.local_at, result.version) == (DELETED_DATA, True, None, 3)


@pytest.mark.parametrize(
    ("event_type", "status", "is_reminded"),
    [
        ("booking.confirmed", None, True),
        ("booking.confirmed", "confirmed", True),
        ("booking.confirmed", "cancelled", False),
        ("booking.submitted", None, False),
        ("booking.submitted", "confirmed", False),
        ("booking.saved", None, True),
        ("booking.saved", "visited", True),
        ("booking.saved", "Pending", False),
        ("booking.saved", "submitted", False),
        ("booking.saved", "cancelled", False),
        ("booking.saved", "Скасовано", False),
        ("booking.saved", "not confirmed", False),
    ],
)
def test_only_a_confirmed_booking_has_a_reminder(
    event_type: str,
    status: str | None,
    is_reminded: bool,  # noqa: FBT001 (a table)
) -> None:
    result = entry(event_type, booking={**BOOKING, "status": status})

    assert result.local_at == local("2026-12-01T10:00")
    assert bool(walk(rule("booking"), result)) == is_reminded


@pytest.mark.parametrize(
    ("record_kind", "record"),
    [
        ("meeting", {**MEETING, "status": "cancelled"}),
        ("invoice", {**INVOICE, "status": "paid"}),
        ("meeting", {**MEETING, "status": "Canceled"}),
        ("invoice", {**INVOICE, "status": 2}),
        ("invoice", {**INVOICE, "amount_due": {"amount": "0.00", "currency": "UAH"}}),
        ("invoice", {**INVOICE, "amount_due": {"amount": "-5.00", "currency": "UAH"}}),
        ("invoice", {**INVOICE, "cancel_overdue_reminders": "1"}),
        ("staff_reminder", {"id": "5", "date": "2026-12-01T08:00:00Z", "status": "done"}),
        ("proposal", {"id": "5", "open_till": "2026-11-30", "status": "accepted"}),
        ("contract", {"id": "5", "dateend": "2026-12-31", "trash": True}),
        ("contract", {"id": "5", "dateend": "2026-12-31", "status": "terminated"}),
    ],
)
def test_a_record_without_allowed_texts_is_cancelled(record_kind: str, record: dict[str, Any]) -> None:
    assert of(record_kind, "saved", record).cancelled


def test_consent_is_asked_for_when_there_is_a_text() -> None:
    assert not entry("contact.saved", contact={"id": "5", "birthday": "--05-01", "consent": False}).cancelled


CLOCKS = sorted({BY_ID[dated.trigger].event for dated in DATED.values()})


@pytest.mark.parametrize("event_type", [*CLOCKS, "order.created", "task.assigned", "sms.send_requested"])
def test_occurrences_and_undated_events_make_no_calendar_entry(event_type: str) -> None:
    assert entry_after(happened(event_type)) is None


def test_a_position_of_a_proposal_makes_an_entry_and_of_an_order_none() -> None:
    position = {"status_from": "1", "status_to": "4"}
    proposal: dict[str, Any] = {
        "proposal": {"id": "5", "open_till": "2026-12-05"},
        "position": {**position, "entity_type": "proposal"},
    }
    order: dict[str, Any] = {"order": {"id": "5"}, "position": {**position, "entity_type": "order"}}

    assert entry("position.status_changed", **proposal).local_at == local("2026-12-05")
    assert entry_after(happened("position.status_changed", **order)) is None


def test_a_payment_updates_its_invoice_and_keeps_absent_fields() -> None:
    saved = entry("invoice.saved", invoice={**INVOICE, "version": 1}, recipients=[person()])
    payment = {"id": "1", "total": {"amount": "1.00", "currency": "UAH"}}
    left = entry(
        "invoice.payment_recorded",
        invoice={"id": "5", "version": 2, "status": "partially_paid"},
        payment=payment,
        recipients=[],
    )
    [result] = folded([saved, left])

    assert result.local_at == local("2026-11-20")
    assert (result.record.status, Data.recipients.written(result.data)) == (
        "partially_paid",
        [{**person(), "known_at": NOW.isoformat()}],
    )
    assert "payment" not in result.data.json


def test_a_recipient_of_a_wrong_kind_is_not_kept_in_an_entry() -> None:
    proposal = {"id": "5", "open_till": "2026-12-05", "version": 2}
    known = entry("proposal.saved", proposal={**proposal, "version": 1}, recipients=[person("lead")])
    comment = {"id": "1", "author": "client"}
    newer = entry("proposal.comment_added", proposal=proposal, comment=comment, recipients=[person("staff")])
    [result] = folded([known, newer])

    assert (result.version, Data.recipients.written(result.data)) == (
        2,
        [{**person("lead"), "known_at": NOW.isoformat()}],
    )


def test_the_account_gives_the_zone_that_a_record_does_not_name() -> None:
    result = entry("booking.confirmed", by=clocked("Asia/Kathmandu"), booking=BOOKING)

    assert (result.local_at, result.zone) == (local("2026-12-01T13:45"), None)


def test_states_of_a_batch_fold_into_the_newest() -> None:
    states = [entry("meeting.saved", at=NOW - timedelta(hours=hours), meeting=MEETING) for hours in (3, 1, 2)]

    [result] = folded(states)

    assert result.changed_at == NOW - timedelta(hours=1)


def test_a_day_that_was_taken_away_does_not_come_back_with_a_payment() -> None:
    payment = {"id": "1", "total": {"amount": "1.00", "currency": "UAH"}}
    states = [
        entry("invoice.saved", invoice={**INVOICE, "version": 1}),
        entry("invoice.saved", invoice={"id": "5", "version": 2, "status": "unpaid"}),
        entry("invoice.payment_recorded", invoice={"id": "5", "version": 3, "status": "unpaid"}, payment=payment),
    ]

    [result] = folded(states)

    assert (result.local_at, result.cancelled) == (None, False)
