"""What is simulated is what then happens."""

from datetime import timedelta

import pytest

from tests.schedules.almanac import DAY, HOUR, KYIV, NOON, Almanac, contact, meeting
from tests.support.crm import SALT, execute, person, rows
from worker.core.reminders.simulation import Foreseen, Span
from worker.steps.operate.simulate import simulate

WEEK = 7 * DAY
HAPPENED = """
SELECT
    trigger, record_id, recipient_id, text, segments, CASE WHEN state = 'postponed' THEN due_at ELSE created_at END
FROM notifications
"""


def seen(almanac: Almanac, span: Span) -> list[Foreseen]:
    with almanac.pool.connection() as connection:
        configuration, _ = almanac.cache.look(connection)
        pages = simulate(connection, configuration.accounts["acme"], span, salt=SALT)
        foreseen = [item for page in pages for item in page.foreseen]
    return sorted(foreseen, key=lambda result: (result.at, result.draft.trigger))


@pytest.fixture
def busy(almanac: Almanac) -> Almanac:
    """A week with everything in it; nobody is written to at night."""
    execute(almanac.pool, "UPDATE accounts SET window_opens = 540, window_closes = 1200, segment_price = 0.5")
    almanac.publish("meeting.saved", meeting(NOON + 3 * DAY))
    almanac.publish("meeting.saved", meeting(NOON + 2 * DAY - 3 * HOUR - timedelta(minutes=30), id="early"))
    almanac.publish("meeting.saved", meeting(NOON + 4 * DAY, id="off", status="cancelled"))
    almanac.publish("contact.saved", contact("12-04"), people=[person(consent=True)])
    almanac.publish("contact.saved", contact("12-05", id="18"), people=[person(id="18", consent=False)])
    almanac.publish(
        "staff_reminder.saved", {"id": "5", "version": 1, "date": (NOON + DAY).astimezone(KYIV).isoformat()}
    )
    almanac.publish(
        "contract.saved", {"id": "7", "version": 1, "number": "7", "subject": "Оренда", "dateend": "2026-12-07"}
    )
    almanac.publish(
        "invoice.saved", {"id": "9", "version": 1, "number": "9", "status": "unpaid", "duedate": "2026-12-02"}
    )
    return almanac


def test_a_simulation_equals_what_then_happens(busy: Almanac) -> None:
    foreseen = seen(busy, Span(busy.now, busy.now + WEEK))

    busy.has_recipient = True
    busy.goes_on(WEEK - timedelta(minutes=1))

    happened = rows(busy.pool, HAPPENED)
    simulated = [
        (
            item.draft.trigger,
            item.entry.record_id,
            item.draft.recipient_id,
            item.draft.text,
            item.draft.segments,
            item.at,
        )
        for item in foreseen
    ]
    assert sorted(simulated) == sorted(happened)
    assert {item.draft.trigger for item in foreseen} == {
        "meeting_reminder",
        "contact_birthday",
        "staff_reminder",
        "contract_expiration_reminder",
        "invoice_overdue_notice",
    }


def test_an_unsent_text_of_a_simulation_has_a_reason(busy: Almanac) -> None:
    foreseen = seen(busy, Span(busy.now, busy.now + WEEK))

    unsent = [(item.entry.record_id, item.draft.reason) for item in foreseen if not item.is_sent]
    assert unsent == [("18", "no_consent")]


def test_published_reminders_are_not_foreseen_again(busy: Almanac) -> None:
    before = seen(busy, Span(busy.now, busy.now + WEEK))
    busy.goes_on(2 * DAY)

    after = seen(busy, Span(NOON, NOON + WEEK))

    assert len(after) == len(before) - len(busy.wire)
