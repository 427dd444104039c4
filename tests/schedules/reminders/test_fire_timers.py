"""What is due becomes an occurrence, once, whatever happens to its record meanwhile."""

from datetime import datetime, timedelta

import pytest

from schedules.reminders.fire_timers import emit
from tests.schedules.almanac import DAY, HOUR, NOON, Almanac, contact, meeting
from tests.support.crm import execute, rows
from worker.store.db.postgres import Connection

MEETING, REMINDER = "meeting.saved", ["meeting.reminder_due"]


def test_a_meetings_reminders_are_published_once_at_each_offset(almanac: Almanac) -> None:
    almanac.publish(MEETING, meeting(NOON + 2 * DAY))

    moments = almanac.goes_on(3 * DAY)

    assert moments == [NOON + DAY, NOON + 2 * DAY - 2 * HOUR]
    assert almanac.states() == ["published", "published"]
    assert rows(almanac.pool, "SELECT next_at FROM timers") == [(None,)]


def test_a_birthday_comes_again_every_year(almanac: Almanac) -> None:
    almanac.publish("contact.saved", contact("12-03"))

    moments = almanac.goes_on(2 * 366 * DAY)

    nine = NOON + 2 * DAY - 3 * HOUR
    assert moments == [nine, nine + 365 * DAY]
    assert len({event.id for event in almanac.wire}) == 2


def test_a_title_edited_after_publishing_makes_no_second_reminder(almanac: Almanac) -> None:
    almanac.publish(MEETING, meeting(NOON + 2 * DAY))
    almanac.goes_on(DAY)
    almanac.publish(MEETING, meeting(NOON + 2 * DAY, version=2, subject="Інша назва"))

    almanac.goes_on(2 * DAY)

    assert [event.data.json["offset_minutes"] for event in almanac.wire] == [1440, 120]


def test_a_title_edited_while_the_scheduler_is_away_loses_nothing(almanac: Almanac) -> None:
    almanac.publish(MEETING, meeting(NOON + 2 * DAY))
    almanac.tick()
    almanac.now = NOON + DAY + HOUR
    almanac.publish(MEETING, meeting(NOON + 2 * DAY, version=2, subject="Інша назва"))

    assert almanac.tick() == REMINDER


def test_a_moved_meetings_reminders_are_only_at_its_new_time(almanac: Almanac) -> None:
    almanac.publish(MEETING, meeting(NOON + 2 * DAY))
    almanac.tick()
    almanac.publish(MEETING, meeting(NOON + 3 * DAY, version=2))

    moments = almanac.goes_on(4 * DAY)

    assert moments == [NOON + 2 * DAY, NOON + 3 * DAY - 2 * HOUR]


def test_offsets_already_past_for_a_moved_meeting_are_not_published(almanac: Almanac) -> None:
    almanac.publish(MEETING, meeting(NOON + 5 * DAY))
    almanac.tick()
    almanac.now = NOON + DAY
    almanac.publish(MEETING, meeting(NOON + DAY + 5 * HOUR, version=2))

    moments = almanac.goes_on(DAY)

    assert moments == [NOON + DAY + 3 * HOUR]


def test_a_reminder_that_came_due_in_the_queue_is_published_late(almanac: Almanac) -> None:
    """The workers were frozen: an event of an hour ago is read now."""
    almanac.publish(MEETING, meeting(NOON + DAY + timedelta(minutes=30)))
    almanac.now = NOON + HOUR

    assert almanac.tick() == REMINDER


def test_old_news_brings_no_old_reminders(almanac: Almanac) -> None:
    """An import has a contact that was saved years ago; today's birthday is still worth a text, yesterday's is not."""
    for nth, day in enumerate(("11-30", "12-01")):
        almanac.publish("contact.saved", contact(day, id=str(nth)), at=NOON - 1000 * DAY)

    almanac.tick()

    assert almanac.occurrences() == [("1", 0, "published", None)]


@pytest.mark.parametrize("end", ["meeting.deleted", "cancelled"])
def test_a_cancelled_or_deleted_meeting_has_no_reminder(almanac: Almanac, end: str) -> None:
    almanac.publish(MEETING, meeting(NOON + 2 * DAY))
    almanac.tick()
    if end == "cancelled":
        almanac.publish(MEETING, meeting(NOON + 2 * DAY, version=2, status="cancelled"))
    else:
        almanac.publish(end, {"id": "1", "version": 2})

    assert almanac.goes_on(3 * DAY) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": "cancelled"}, "meeting_cancelled"),
        ({"start": (NOON + 4 * DAY).isoformat()}, "record_moved"),
        (None, "record_deleted"),
    ],
)
def test_a_reminder_waiting_for_rabbitmq_is_cancelled_with_its_record(
    almanac: Almanac, change: dict[str, str] | None, reason: str
) -> None:
    almanac.publish(MEETING, meeting(NOON + 2 * DAY))
    almanac.time()
    almanac.now = NOON + DAY
    almanac.emit()
    if change:
        almanac.publish(MEETING, {**meeting(NOON + 2 * DAY, version=2), **change})
    else:
        almanac.publish("meeting.deleted", {"id": "1", "version": 2})

    assert almanac.take() == []
    assert almanac.occurrences() == [("1", 1440, "cancelled", reason)]


def test_a_cancelled_reminder_returns_with_its_meeting(almanac: Almanac) -> None:
    start = NOON + 2 * DAY
    almanac.publish(MEETING, meeting(start))
    almanac.time()
    almanac.now = NOON + DAY - HOUR
    almanac.publish(MEETING, meeting(start + DAY, version=2))
    almanac.tick()
    almanac.publish(MEETING, meeting(start, version=3))

    moments = almanac.goes_on(2 * DAY)

    assert moments == [start - DAY, start - 2 * HOUR]


def test_a_rule_speaks_of_nothing_that_was_due_before_it_was_made(almanac: Almanac) -> None:
    almanac.switch("contact_birthday", on=False)
    almanac.publish("contact.saved", contact("12-01"))
    almanac.publish(MEETING, meeting(NOON + 2 * DAY))
    assert almanac.tick() == []
    almanac.now = NOON + HOUR
    almanac.switch("contact_birthday", on=True)

    assert almanac.tick() == []
    assert rows(almanac.pool, "SELECT next_at::date::text FROM timers WHERE rule = 'contact_birthday'") == [
        ("2027-12-01",)
    ]


def test_a_reminder_due_while_its_trigger_was_off_is_never_published(
    almanac: Almanac,
) -> None:
    almanac.publish(MEETING, meeting(NOON + 2 * DAY))
    almanac.tick()
    almanac.switch("meeting_reminder", on=False)
    almanac.tick()
    almanac.now = NOON + DAY + HOUR
    almanac.switch("meeting_reminder", on=True)
    for version in (2, 3):
        almanac.publish(MEETING, meeting(NOON + 2 * DAY, version=version, subject="Інша назва"))

    assert almanac.goes_on(DAY) == [NOON + 2 * DAY - 2 * HOUR]


def test_a_rule_that_is_switched_off_ends_what_waits(almanac: Almanac) -> None:
    almanac.publish(MEETING, meeting(NOON + 2 * DAY))
    almanac.time()
    almanac.now = NOON + DAY
    almanac.emit()
    almanac.switch("meeting_reminder", on=False)

    assert almanac.tick() == []
    assert almanac.occurrences() == [("1", 1440, "cancelled", "no_rule")]
    assert rows(almanac.pool, "SELECT count(*) FROM timers") == [(0,)]


def test_rules_that_change_under_the_hands_of_a_scheduler_lose_nothing(almanac: Almanac) -> None:
    set_hour(almanac, "15:00")
    almanac.publish("contact.saved", contact("12-01"))
    almanac.time()
    other = Almanac(almanac.pool, almanac.intake, NOON + 2 * HOUR)

    def ask_slowly(connection: Connection) -> datetime:
        """An admin and another scheduler are quicker."""
        set_hour(almanac, "13:00")
        other.time()
        return other.ask(connection)

    assert emit(almanac.pool, almanac.cache, ask=ask_slowly) == {"pending": 1}


def test_a_zone_whose_hour_is_over_already_loses_no_day(almanac: Almanac) -> None:
    """At eight in Kyiv it is eleven in Almaty."""
    almanac.now = NOON - DAY
    almanac.publish("contact.saved", contact("12-01"))
    almanac.publish("contact.saved", contact("12-02", id="18"))
    almanac.time()
    almanac.now = eight = NOON - 4 * HOUR
    execute(almanac.pool, "UPDATE accounts SET zone = 'Asia/Almaty'")
    execute(almanac.pool, "UPDATE accounts SET rules_since = %s", eight)

    assert almanac.goes_on(DAY) == [eight, NOON + 18 * HOUR]
    assert [event.id.split("/")[1] for event in almanac.wire] == ["17", "18"]


def set_hour(almanac: Almanac, hour: str) -> None:
    """Set the hour of birthdays to noon."""
    execute(almanac.pool, "UPDATE triggers SET settings = jsonb_build_object('hour', %s::text)", hour)
    execute(almanac.pool, "UPDATE accounts SET rules_since = %s", NOON)
