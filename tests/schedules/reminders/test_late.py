"""Late reminders and clocks that jump: published while they are worth it, else missed; never twice."""

from datetime import timedelta

import pytest

from tests.schedules.almanac import DAY, HOUR, NOON, Almanac, contact, meeting
from tests.support.crm import execute, person, rows

MEETING, REMINDER = "meeting.saved", ["meeting.reminder_due"]
#: An admin's newest text; without one the trigger sends nothing.
WRITE = """
INSERT INTO template_versions (template, version, text, author, created_at)
SELECT id, %s, %s, 'test', now() FROM templates WHERE trigger = 'meeting_reminder'
"""


def test_a_reminder_an_hour_late_is_published_and_a_week_late_missed(almanac: Almanac) -> None:
    almanac.publish(MEETING, meeting(NOON + 2 * DAY))
    almanac.publish("contact.saved", contact("12-03"))
    almanac.tick()
    almanac.now = NOON + DAY + HOUR
    assert almanac.tick() == REMINDER

    almanac.now = NOON + 9 * DAY
    assert almanac.tick() == []

    assert almanac.occurrences()[1:] == [
        ("17", 0, "missed", "too_late"),
        ("1", 120, "missed", "too_late"),
    ]


def test_two_reminders_that_come_due_together_are_published_as_one(almanac: Almanac) -> None:
    almanac.publish(MEETING, meeting(NOON + 2 * DAY))
    almanac.tick()
    almanac.now = NOON + 2 * DAY - HOUR

    assert almanac.tick() == REMINDER
    assert almanac.occurrences() == [("1", 1440, "missed", "overtaken"), ("1", 120, "published", None)]


def test_rabbitmq_that_is_away_for_too_long_makes_it_missed(almanac: Almanac) -> None:
    almanac.publish(MEETING, meeting(NOON + 2 * DAY))
    almanac.time()
    almanac.now = NOON + DAY
    almanac.emit()
    almanac.now = NOON + 2 * DAY

    assert almanac.take() == []
    assert almanac.occurrences() == [("1", 1440, "missed", "too_late")]


def test_a_crash_between_the_confirm_and_its_mark_repeats_the_same_bytes(almanac: Almanac) -> None:
    almanac.publish(MEETING, meeting(NOON + 2 * DAY))
    almanac.time()
    almanac.now = NOON + DAY
    almanac.emit()
    almanac.send(almanac.take())
    assert almanac.take() == []

    almanac.now += timedelta(minutes=1)
    almanac.publish(MEETING, meeting(NOON + 2 * DAY, version=2, subject="Інша назва"))
    almanac.time()
    again = almanac.take()
    almanac.send(again)

    assert [event.content for event in almanac.wire] == [almanac.wire[0].content] * 2
    assert almanac.mark(again) == 1
    assert almanac.mark(again) == 0


def test_a_clock_that_jumps_ahead_and_back_publishes_nothing_twice(almanac: Almanac) -> None:
    almanac.publish(MEETING, meeting(NOON + 2 * DAY))
    almanac.publish("contact.saved", contact("12-02"))
    almanac.tick()
    almanac.now = NOON + DAY
    almanac.tick()
    almanac.now = NOON

    almanac.goes_on(3 * DAY)

    results = [(event.type, event.data.json.get("offset_minutes")) for event in almanac.wire]
    assert sorted(results, key=str) == [("contact.birthday", None), *((REMINDER[0], offset) for offset in (120, 1440))]


def test_the_clock_of_the_machine_decides_nothing(almanac: Almanac, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", (NOON + 1000 * DAY).timestamp)
    almanac.publish(MEETING, meeting(NOON + 2 * DAY))

    assert almanac.tick() == []
    almanac.now = NOON + DAY
    assert almanac.tick() == REMINDER


def test_a_deleted_account_takes_its_calendar_with_it(almanac: Almanac) -> None:
    almanac.publish(MEETING, meeting(NOON + 2 * DAY), people=[person()])
    almanac.time()
    almanac.now = NOON + DAY
    almanac.emit()
    execute(almanac.pool, "DELETE FROM accounts")

    assert almanac.tick() == []
    assert almanac.occurrences() == [("1", 1440, "cancelled", "record_deleted")]


def test_a_reminder_in_quiet_hours_is_published_the_evening_before(almanac: Almanac) -> None:
    execute(almanac.pool, "UPDATE accounts SET window_opens = 540, window_closes = 1200")
    half_past_eight = NOON + 3 * DAY - 3 * HOUR - timedelta(minutes=30)
    almanac.publish(MEETING, meeting(half_past_eight))

    moments = almanac.goes_on(4 * DAY)

    evening = NOON + 2 * DAY + timedelta(hours=7, minutes=30)
    assert moments == [half_past_eight - DAY, evening]
    assert [event.data.json["offset_minutes"] for event in almanac.wire] == [1440, 120]


def test_a_text_written_later_moves_its_reminder_to_the_evening(
    almanac: Almanac,
) -> None:
    execute(almanac.pool, "UPDATE accounts SET window_opens = 540, window_closes = 1200")
    execute(almanac.pool, WRITE, 2, "")
    almanac.publish(MEETING, meeting(NOON + timedelta(hours=20, minutes=30)))
    almanac.tick()
    execute(almanac.pool, WRITE, 3, "Чекаємо на вас")

    assert almanac.goes_on(DAY) == [NOON + timedelta(hours=7, minutes=30)]


def test_a_meeting_made_at_night_for_the_early_morning_is_not_reminded_of(almanac: Almanac) -> None:
    execute(almanac.pool, "UPDATE accounts SET window_opens = 540, window_closes = 1200")
    almanac.now = NOON + 11 * HOUR
    almanac.publish(MEETING, meeting(NOON + 20 * HOUR))

    assert almanac.goes_on(DAY) == []


def test_longer_quiet_hours_lose_no_reminder_of_the_evening(almanac: Almanac) -> None:
    execute(almanac.pool, "UPDATE accounts SET window_opens = 540, window_closes = 1200")
    almanac.publish(MEETING, meeting(NOON + timedelta(hours=20, minutes=30)))
    almanac.time()
    execute(almanac.pool, "UPDATE accounts SET window_closes = 1080")

    assert almanac.goes_on(DAY) == [NOON + timedelta(hours=5, minutes=30)]


def test_a_reminder_cancelled_before_publishing_gets_its_new_moment(almanac: Almanac) -> None:
    almanac.now = NOON - 6 * HOUR
    almanac.publish("contact.saved", contact("12-01"))
    almanac.time()
    almanac.now = NOON - 3 * HOUR
    almanac.emit()
    almanac.publish("contact.saved", contact("12-08", version=2))
    assert almanac.tick() == []

    again = NOON - 3 * HOUR + 7 * DAY
    assert almanac.goes_on(8 * DAY) == [again]
    assert [event.occurred_at for event in almanac.wire] == [again]
    assert rows(almanac.pool, "SELECT event_id FROM occurrences") == [(event.id,) for event in almanac.wire]
