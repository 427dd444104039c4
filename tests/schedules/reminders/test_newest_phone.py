"""Reminders and simulations have the newest phone of a contact, and none for a deleted contact."""

from datetime import timedelta

from tests.schedules.almanac import DAY, HOUR, NOON, Almanac, contact, meeting
from tests.support.crm import SALT, person
from worker.core.contract.data import Person
from worker.core.reminders.simulation import Span
from worker.steps.operate.simulate import simulate

OLD, NEW = "067 123 45 67", "067 765 43 21"


def phones(persons: list[Person]) -> list[object]:
    return [Person.phonenumber.written(item) for item in persons]


def phones_reminded(almanac: Almanac) -> list[object]:
    return phones([recipient for event in almanac.wire for recipient in event.data.recipients])


def foreseen(almanac: Almanac) -> list[str | None]:
    with almanac.pool.connection() as connection:
        configuration, _ = almanac.cache.look(connection)
        span = Span(almanac.now, almanac.now + 30 * DAY)
        pages = simulate(connection, configuration.accounts["acme"], span, salt=SALT)
        return [item.draft.phone for page in pages for item in page.foreseen]


def publish(almanac: Almanac, event_type: str, **fields: object) -> None:
    almanac.publish(event_type, {"id": "17", **fields}, people=[])


def test_a_reminder_goes_to_the_phone_of_now(almanac: Almanac) -> None:
    almanac.publish("meeting.saved", meeting(NOON + 50 * HOUR))
    almanac.now += HOUR
    publish(almanac, "contact.saved", version=2, phonenumber=NEW)

    assert foreseen(almanac) == ["+380677654321"] * 2
    almanac.goes_on(3 * DAY)

    assert phones_reminded(almanac) == [NEW, NEW]


def test_a_phone_from_before_the_meeting_was_saved_does_not_count(almanac: Almanac) -> None:
    publish(almanac, "contact.saved", version=2, phonenumber=OLD)
    almanac.now += HOUR
    almanac.publish("meeting.saved", meeting(NOON + 50 * HOUR), people=[person(phone=NEW)])
    almanac.now += HOUR
    almanac.publish("meeting.saved", {**meeting(NOON + 50 * HOUR), "version": 2}, people=[])

    almanac.goes_on(3 * DAY)

    assert phones_reminded(almanac) == [NEW, NEW]


def test_a_deleted_contact_gets_no_reminder_and_others_do(almanac: Almanac) -> None:
    almanac.publish("meeting.saved", meeting(NOON + 50 * HOUR), people=[person(), person(id="18", phone=NEW)])
    almanac.now += HOUR
    publish(almanac, "contact.deleted", version=2)

    assert foreseen(almanac) == ["+380677654321"] * 2
    almanac.goes_on(3 * DAY)

    assert phones_reminded(almanac) == [NEW, NEW]


def test_a_birthday_goes_to_the_newest_phone_of_its_contact(almanac: Almanac) -> None:
    almanac.publish("contact.saved", {**contact("12-04"), "id": "17"}, people=[person(consent=True)])
    almanac.now += timedelta(minutes=1)
    publish(almanac, "contact.saved", version=9, phonenumber=NEW, birthday="1990-12-04")

    almanac.goes_on(5 * DAY)

    assert phones_reminded(almanac) == [NEW]


def test_a_phone_among_the_recipients_of_its_contact_counts(almanac: Almanac) -> None:
    almanac.publish("meeting.saved", meeting(NOON + 50 * HOUR))
    almanac.now += HOUR
    almanac.publish("contact.saved", {"id": "17", "version": 2}, people=[person(phone=NEW)])

    assert foreseen(almanac) == ["+380677654321"] * 2


def test_a_published_reminder_has_no_known_at_of_its_recipients(almanac: Almanac) -> None:
    almanac.publish("meeting.saved", meeting(NOON + 50 * HOUR))
    almanac.goes_on(3 * DAY)

    assert [event.data.json["recipients"] for event in almanac.wire] == [[person()], [person()]]
