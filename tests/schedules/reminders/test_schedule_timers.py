"""Timers are computed batch by batch, and nobody waits for those of others."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from schedules.reminders import reminder_rounds
from schedules.reminders.reminder_rounds import Looks, batches_after
from schedules.reminders.schedule_timers import retime
from tests.schedules.almanac import DAY, NOON, Almanac, meeting
from tests.support.crm import add_account, execute, rows
from tests.support.waiting import WAITING_FOR_A_LOCK, wait_until
from worker.store.db.postgres import transaction

MEETING = "meeting.saved"
MOVE = "UPDATE calendar SET account = %s WHERE record_id = %s"


def test_a_large_calendar_keeps_no_other_account_waiting(almanac: Almanac) -> None:
    for number in range(50):
        almanac.publish(MEETING, meeting(NOON + 9 * DAY, id=str(number)))
    add_account(almanac.pool, "beta")
    execute(almanac.pool, "UPDATE calendar SET account = 'beta' WHERE record_id = '0'")

    turns = [retime(almanac.pool, almanac.cache, ask=almanac.ask, limit=1) for _ in range(40)]

    assert turns == [1] * 40
    assert rows(almanac.pool, "SELECT rules_version > 0 FROM calendar WHERE account = 'beta'") == [(True,)]


@pytest.mark.parametrize(
    ("emitted", "batches"),
    [(None, 20), ({}, 20), ({"pending": 3}, 20), ({"pending": 499, "missed": 1}, 1)],
)
def test_with_little_due_more_batches_are_scheduled_in_a_turn(emitted: dict[str, int] | None, batches: int) -> None:
    assert batches_after(emitted) == batches


@pytest.mark.parametrize(
    "change",
    ["changed_at = changed_at + interval '1 second'", "version = 2", "corrections = ARRAY['zone_unknown']"],
)
def test_an_entry_changed_during_scheduling_is_scheduled_again(almanac: Almanac, change: str) -> None:
    almanac.publish(MEETING, meeting(NOON + 9 * DAY, id="1"))
    with ThreadPoolExecutor(1) as scheduler:
        with transaction(almanac.pool) as writer:
            writer.execute(f"UPDATE calendar SET {change}".encode())  # noqa: S608 (our own names)
            timing = scheduler.submit(retime, almanac.pool, almanac.cache, ask=almanac.ask)
            wait_until(lambda: rows(almanac.pool, WAITING_FOR_A_LOCK) == [(1,)], "its timers wait for the writer")
        assert timing.result() == 0

    assert rows(almanac.pool, "SELECT count(*) FROM timers") == [(0,)]
    assert almanac.time() == 1
    assert rows(almanac.pool, "SELECT count(*) > 0 FROM timers") == [(True,)]


def test_entries_of_many_accounts_are_timed_in_one_turn(almanac: Almanac) -> None:
    for number in range(5):
        almanac.publish(MEETING, meeting(NOON + 9 * DAY, id=str(number)))
        add_account(almanac.pool, f"account-{number}")
        execute(almanac.pool, MOVE, f"account-{number}", str(number))

    assert [retime(almanac.pool, almanac.cache, ask=almanac.ask, limit=3) for _ in range(3)] == [3, 2, 0]


def test_a_look_in_vain_is_not_repeated_at_once(almanac: Almanac, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminder_rounds, "LOOKS_APART", float("inf"))
    looks = Looks()

    assert looks.retime(almanac.pool, almanac.cache) == 0
    almanac.publish(MEETING, meeting(NOON + 9 * DAY, id="1"))
    assert looks.retime(almanac.pool, almanac.cache) == 0
    monkeypatch.setattr(reminder_rounds, "LOOK_S", 0)
    assert (Looks().retime(almanac.pool, almanac.cache), looks.retime(almanac.pool, almanac.cache)) == (1, 0)


def test_after_a_look_that_found_something_the_next_follows_at_once(almanac: Almanac) -> None:
    looks = Looks()
    for number in range(2):
        almanac.publish(MEETING, meeting(NOON + 9 * DAY, id=str(number)))
        assert looks.retime(almanac.pool, almanac.cache) == 1
