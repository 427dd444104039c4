"""What the first contract took under names it did not know, and what later contracts named: its events still go in."""

from typing import Any

import pytest

from tests.core.examples import drafted, happened, look, published
from tests.support.crm import person
from worker.core.contract.event import Event

#: Anything of JSON, as CRMs spell what later contracts named.
ODD: list[Any] = ["", "0", "60", "no such word", 2, 48000.0, -1, True, ["x"], {"amount": 5}, "x" * 30_000]
DAYS: list[Any] = ["2026-11-16 09:30:00", "2026-11-16T09:30:00Z", "16.11.2026", 1763280000, "2026-02-30", *ODD]
MONEY: list[Any] = ["48000.00", "48 000,00 грн", 48000, {"amount": "1", "currency": "грн"}, *ODD]
NAMED_LATER: dict[tuple[str, str, str], list[Any]] = {
    ("proposal.comment_added", "proposal", "datecreated"): DAYS,
    ("proposal.comment_added", "proposal", "total"): MONEY,
    ("proposal.comment_added", "proposal", "days_left"): ["4", "four", 10**9, *ODD],
    ("proposal.comment_added", "proposal", "subject"): ODD,
    ("proposal.comment_added", "proposal", "phonenumber"): ODD,
    ("order.created", "order", "date"): DAYS,
    ("order.approved", "order", "total"): MONEY,
    ("order.cancelled", "order", "phonenumber"): ODD,
    ("invoice.overdue", "invoice", "cancel_overdue_reminders"): ODD,
    ("invoice.overdue", "invoice", "days_left"): ODD,
    ("invoice.payment_recorded", "payment", "do_not_notify"): ODD,
    ("booking.submitted", "booking", "remind_before"): [[60, "120"], [-1], [*range(20)], *ODD],
    ("booking.confirmed", "booking", "phonenumber"): ODD,
}
BODIES = [(*source, value) for source, values in NAMED_LATER.items() for value in values]


@pytest.mark.parametrize(("event_type", "section", "field", "value"), BODIES)
def test_a_field_that_got_its_name_later_refuses_no_event(
    event_type: str, section: str, field: str, value: object
) -> None:
    body = published(event_type)
    body["data"][section][field] = value

    parsed = look(body)

    assert isinstance(parsed, Event), parsed
    assert len(drafted(parsed)) == 1


@pytest.mark.parametrize("role", ["creator", "", 3, None, True, ["assignee"], {"id": 1}])
@pytest.mark.parametrize("event_type", ["invoice.overdue", "order.created", "booking.confirmed", "task.assigned"])
def test_any_role_of_a_recipient_goes_in(event_type: str, role: object) -> None:
    assert happened(event_type, recipients=[{**person(), "role": role}])
