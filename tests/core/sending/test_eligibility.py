from dataclasses import MISSING, fields, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.core.examples import NOW, account
from worker.core.clock.quiet_hours import Window
from worker.core.contract.data import Record
from worker.core.sending.eligibility import Allowed, Claimed, Decision, Dropped, Postponed, decide

DAY = Window(9 * 60, 20 * 60)
NIGHT = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)
ROW = Claimed(
    notification_id=(date(2026, 11, 1), 1),
    trigger="invoice_overdue_notice",
    phone="+380671234567",
    recipient_key=b"somebody",
    text="Дякуємо",
    segments=1,
    sender="DemoShop",
    lane="normal",
    zone="Europe/Kyiv",
    state="planned",
    reason=None,
    expires_at=NOW + timedelta(days=2),
    created_at=NOW,
    channel="sms",
    viber=None,
    is_suppressed=False,
    record=Record({"status": "unpaid"}),
    is_deleted=False,
    is_outdated=False,
    unreached_at=None,
    is_unagreed=False,
    phone_now=None,
    is_recipient_deleted=False,
)


def decided(row: Claimed, *, now: datetime = NOW) -> Decision:
    return decide(row, account(window=DAY), now=now)


def test_a_row_without_objections_is_allowed() -> None:
    assert decided(ROW) == Allowed()
    assert decided(replace(ROW, record=None)) == Allowed()


def test_a_row_without_its_facts_is_none() -> None:
    assert [field.name for field in fields(Claimed) if field.default is not MISSING] == []


def test_a_text_past_its_time_expires_to_the_moment() -> None:
    assert decided(replace(ROW, expires_at=NOW)) == Dropped("expired", "too_late")
    assert decided(replace(ROW, expires_at=NOW + timedelta(microseconds=1))) == Allowed()


def test_a_suppressed_person_is_not_texted() -> None:
    assert decided(replace(ROW, is_suppressed=True)) == Dropped("cancelled", "suppressed")


@pytest.mark.parametrize("status", ["paid", "cancelled", "draft"])
def test_a_record_that_changed_makes_the_text_untrue(status: str) -> None:
    assert decided(replace(ROW, record=Record({"status": status}))) == Dropped("cancelled", "invoice_settled")


def test_a_deleted_record_is_not_spoken_of() -> None:
    assert decided(replace(ROW, is_deleted=True)) == Dropped("cancelled", "record_deleted")


def test_at_night_a_text_waits_for_the_morning() -> None:
    assert decided(ROW, now=NIGHT) == Postponed(datetime(2026, 11, 24, 7, 0, tzinfo=UTC), "quiet_hours")


def test_the_hours_are_those_of_the_recipients_zone() -> None:
    assert decided(replace(ROW, zone="America/New_York"), now=NIGHT) == Allowed()


def test_an_urgent_text_ignores_quiet_hours() -> None:
    assert decided(replace(ROW, trigger="order_created", record=None), now=NIGHT) == Allowed()


def test_an_end_goes_before_a_wait() -> None:
    paid = replace(ROW, record=Record({"status": "paid"}))

    assert decided(paid, now=NIGHT) == Dropped("cancelled", "invoice_settled")
    assert decided(replace(paid, is_suppressed=True), now=NIGHT) == Dropped("cancelled", "suppressed")
    assert decided(replace(paid, is_suppressed=True, expires_at=NIGHT), now=NIGHT) == Dropped("expired", "too_late")
