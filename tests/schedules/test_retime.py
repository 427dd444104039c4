"""Timers are computed batch by batch, and nobody waits for those of others."""

from __future__ import annotations

from datetime import datetime

import pytest

from schedules.occurrences import batches_after
from schedules.retime import retime
from tests.crm import add_account, execute, rows
from tests.schedules.almanac import DAY, NOON, Almanac, meeting
from worker.store.postgres import Connection

MEETING = "meeting.saved"


def test_a_big_calendar_that_is_computed_anew_keeps_no_other_account_waiting(almanac: Almanac) -> None:
    for number in range(50):
        almanac.say(MEETING, meeting(NOON + 9 * DAY, id=str(number)))
    add_account(almanac.pool, "beta")
    execute(almanac.pool, "UPDATE calendar SET account = 'beta' WHERE record_id = '0'")

    turns = [retime(almanac.pool, almanac.cache, ask=almanac.ask, limit=1) for _ in range(40)]

    assert turns == [1] * 40
    assert rows(almanac.pool, "SELECT rules_version > 0 FROM calendar WHERE account = 'beta'") == [(True,)]


def test_several_batches_are_looked_for_once_and_each_is_written_alone(almanac: Almanac) -> None:
    """A look that is asked for again would pass by all that is timed already, while pg_dump keeps it."""
    for number in range(6):
        almanac.say(MEETING, meeting(NOON + 9 * DAY, id=str(number)))
    seen: list[int] = []

    def ask(connection: Connection) -> datetime:
        """Meanwhile another meeting comes."""
        seen.extend(count for (count,) in rows(almanac.pool, "SELECT count(DISTINCT record_id) FROM timers"))
        if not seen[-1]:
            almanac.say(MEETING, meeting(NOON + 9 * DAY, id="new"))
        return almanac.ask(connection)

    assert retime(almanac.pool, almanac.cache, ask=ask, limit=2, batches=9) == 6
    assert seen == [0, 2, 4]
    assert almanac.time() == 1


@pytest.mark.parametrize(
    ("emitted", "batches"),
    [(None, 20), ({}, 20), ({"pending": 3}, 20), ({"pending": 499, "missed": 1}, 1)],
)
def test_where_little_is_due_of_what_is_timed_more_is_timed_before_the_next_look(
    emitted: dict[str, int] | None, batches: int
) -> None:
    assert batches_after(emitted) == batches
