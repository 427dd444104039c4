from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.core.reminders.moments import FIRST, LAST, clocked
from worker.cli.demo.scenario import SOON, Shot, scene
from worker.core.contract.data import Record
from worker.core.contract.event import Event, read
from worker.core.planning.consent import statement_of
from worker.core.reminders.calendar_entry import entry_of
from worker.core.reminders.reminder_event import Emission, emitted
from worker.core.reminders.reminder_time import next_reminder
from worker.core.reminders.schedule import rules_of
from worker.core.triggers.match import record_of

A_RUN = timedelta(minutes=3)
UTC_MOMENTS = st.datetimes(FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None)).map(
    lambda at: at.replace(tzinfo=FIRST.tzinfo)
)
#: Around midnight, where Kyiv's clocks go back and forward, and just before what is due on a day goes out.
ODD = [
    datetime.fromisoformat(moment)
    for moment in (
        "2026-11-24T21:59:59Z",
        "2026-11-24T22:00:00Z",
        "2026-10-25T00:45:00Z",
        "2026-03-29T00:45:00Z",
        "2026-01-01T06:57:00Z",
    )
]


def reminders_fired(now: datetime) -> Iterator[tuple[Shot, Emission, datetime]]:
    """The first reminder of each record of the demo, and when it is due."""
    account = clocked()
    for shot in scene("run", now=now):
        event = read(shot.body, routing_key=shot.routing_key, now=now)
        if shot.dead or not isinstance(event, Event):
            continue
        entry = entry_of(event, record_of(event), account)
        for rule in rules_of(account):
            reminder = entry and next_reminder(rule, entry, account, after=entry.changed_at)
            if entry and reminder and (emission := emitted(rule, entry, reminder.due, Record(), account)):
                yield shot, emission, reminder.at


@given(UTC_MOMENTS)
@example(ODD[0])
@example(ODD[1])
@example(ODD[2])
@example(ODD[3])
@example(ODD[4])
def test_reminders_of_the_demo_come_within_seconds_at_any_hour(now: datetime) -> None:
    soon = {shot.by_the_clock: (emission, at) for shot, emission, at in reminders_fired(now) if at <= now + A_RUN}

    assert len(soon) == 3
    for prefix, (emission, at) in soon.items():
        assert prefix
        assert emission.event_id.startswith(prefix)
        assert at <= now + SOON
        assert emission.expires_at > now + A_RUN


@pytest.mark.parametrize("now", ODD)
def test_the_birthday_goes_by_the_consent_that_was_recorded_alone(now: datetime) -> None:
    [(shot, emission)] = [
        (shot, emission) for shot, emission, _ in reminders_fired(now) if "birthday" in (shot.by_the_clock or "")
    ]
    event = read(shot.body, routing_key=shot.routing_key, now=now)
    assert isinstance(event, Event)

    statement = statement_of(event)

    assert statement
    assert statement.given
    parsed = read(emission.body, routing_key=emission.routing_key, now=now)
    assert isinstance(parsed, Event)
    assert [person.consent for person in parsed.data.recipients] == [None]
