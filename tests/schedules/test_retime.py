"""Timers are computed batch by batch, and nobody waits for those of others."""

from __future__ import annotations

import pytest

from schedules.occurrences import batches_after
from schedules.retime import retime
from tests.crm import add_account, execute, rows
from tests.schedules.almanac import DAY, NOON, Almanac, meeting

MEETING = "meeting.saved"


def test_a_big_calendar_that_is_computed_anew_keeps_no_other_account_waiting(almanac: Almanac) -> None:
    for number in range(50):
        almanac.say(MEETING, meeting(NOON + 9 * DAY, id=str(number)))
    add_account(almanac.pool, "beta")
    execute(almanac.pool, "UPDATE calendar SET account = 'beta' WHERE record_id = '0'")

    turns = [retime(almanac.pool, almanac.cache, ask=almanac.ask, limit=1) for _ in range(40)]

    assert turns == [1] * 40
    assert rows(almanac.pool, "SELECT rules_version > 0 FROM calendar WHERE account = 'beta'") == [(True,)]


@pytest.mark.parametrize(
    ("emitted", "batches"),
    [(None, 20), ({}, 20), ({"pending": 3}, 20), ({"pending": 499, "missed": 1}, 1)],
)
def test_where_little_is_due_of_what_is_timed_more_is_timed_before_the_next_look(
    emitted: dict[str, int] | None, batches: int
) -> None:
    assert batches_after(emitted) == batches
