"""A fault of the program in one entry of the calendar costs that entry alone."""

from collections.abc import Generator
from typing import Any

import pytest
import structlog
from prometheus_client import CollectorRegistry
from structlog.typing import EventDict

from tests.schedules.almanac import DAY, HOUR, NOON, Almanac, meeting
from tests.support.crm import execute, rows
from worker.health import metrics
from worker.store.db.postgres import transaction
from worker.store.reminders.calendar_entries import Wanted, list_entries

MEETING, REMINDER = "meeting.saved", ["meeting.reminder_due"]
BAD = "UPDATE calendar SET data = data #- '{meeting,start}' WHERE record_id = 'bad'"
#: When the entry goes bad: before its timers are computed, before a timer fires, before its occurrence is published.
STAGES = ("new", "timed", "emitted")


def corrected(almanac: Almanac) -> list[tuple[str, Any, Any]]:
    with transaction(almanac.pool) as connection:
        accounts = list_entries(connection, Wanted("acme", None, None, corrected=True, limit=9))
    return [(account.record_id, account.corrections, account.next_at) for account in accounts]


def go_bad(almanac: Almanac, stage: str) -> None:
    """One of two meetings goes bad; both are due, and its own first."""
    almanac.publish(MEETING, meeting(NOON + 2 * DAY - HOUR, id="bad"))
    almanac.publish(MEETING, meeting(NOON + 2 * DAY, id="good"))
    if stage != "new":
        almanac.time()
    if stage == "emitted":
        almanac.now = NOON + DAY
        almanac.emit()
    execute(almanac.pool, BAD)
    if stage == "emitted":
        execute(almanac.pool, "UPDATE calendar SET changed_at = changed_at + interval '1 s' WHERE record_id = 'bad'")
    almanac.now = NOON + DAY


def counted_alerts() -> float | None:
    registry = CollectorRegistry()
    registry.register(metrics.ALERTS)
    return registry.get_sample_value("sms_alerts_total", {"event": "calendar.quarantined"})


@pytest.fixture
def log_entries() -> Generator[list[EventDict]]:
    """What is logged, which structlog would else draw with the values of every frame, for a second."""
    with structlog.testing.capture_logs() as log_entries:
        yield log_entries


@pytest.mark.parametrize("stage", STAGES)
def test_an_entry_that_fails_costs_no_other_and_is_logged_once(
    almanac: Almanac, stage: str, log_entries: list[EventDict]
) -> None:
    metrics.begin()
    before = counted_alerts()
    go_bad(almanac, stage)
    if stage == "new":
        almanac.now = NOON
        almanac.time()
        almanac.now = NOON + DAY
    assert almanac.tick() == REMINDER
    assert almanac.tick() == []

    [line] = [log_entry for log_entry in log_entries if log_entry["event"] == "calendar.quarantined"]
    assert {**line, "exc_info": type(line["exc_info"])} == {
        "event": "calendar.quarantined",
        "log_level": "error",
        "account": "acme",
        "kind": "meeting",
        "entries": 1,
        "exc_info": ValueError,
    }
    assert before is not None
    assert counted_alerts() == before + 1


@pytest.mark.usefixtures("log_entries")
@pytest.mark.parametrize("stage", STAGES[:2])
def test_a_quarantined_entry_is_shown_until_it_is_saved_again(almanac: Almanac, stage: str) -> None:
    go_bad(almanac, stage)
    almanac.tick()
    assert corrected(almanac) == [("bad", ["left_aside"], None)]

    almanac.publish(MEETING, meeting(NOON + 2 * DAY - HOUR, id="bad", version=2))

    assert almanac.goes_on(DAY)
    assert corrected(almanac) == []
    assert ("bad", 120, "published", None) in almanac.occurrences()


@pytest.mark.usefixtures("log_entries")
def test_an_entry_that_fails_no_more_is_no_correction_any_more(almanac: Almanac) -> None:
    go_bad(almanac, "new")
    almanac.tick()
    execute(almanac.pool, "UPDATE calendar SET data = jsonb_set(data, '{meeting,start}', to_jsonb(%s::text))", START)
    execute(almanac.pool, "UPDATE accounts SET rules_version = rules_version + 1")

    almanac.time()

    assert corrected(almanac) == []
    assert rows(almanac.pool, "SELECT count(*) FROM timers WHERE next_at IS NOT NULL") == [(2,)]


START = (NOON + 2 * DAY - HOUR).isoformat()
