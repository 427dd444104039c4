"""Days on which anything may happen: meetings come, move and go, clocks jump, schedulers die and come back.

A longer search: SMS_STORIES=1000 runs so many stories, others in each run.
"""

import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

import psycopg
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,  # pyright: ignore[reportUnknownVariableType] - untyped there
)

from tests.schedules.almanac import DAY, HOUR, NOON, Almanac, meeting
from tests.support.crm import rows
from tests.support.tries import tries
from worker import failpoint
from worker.failpoint import Boundary
from worker.store.reminders.occurrences import Pending

STORIES = int(os.environ.get("SMS_STORIES", "0"))
OFFSETS = (1440, 120)
EMPTY = b"""
DELETE FROM calendar; DELETE FROM occurrences; DELETE FROM records; DELETE FROM event_keys; DELETE FROM events;
UPDATE triggers SET switched_on = TRUE; UPDATE accounts SET rules_since = 'epoch'
"""
IDS = st.sampled_from(["1", "2", "3"])
STARTS = st.sampled_from([26, 27, 50, 74, 98]).map(lambda hours: NOON + hours * HOUR)
JUMPS = st.sampled_from([timedelta(minutes=1), HOUR, 3 * HOUR, 23 * HOUR, 2 * DAY, -DAY, -HOUR])
BOUNDARIES = st.sampled_from(["timed", "due", "advanced", "emitted"])


class CrashError(Exception):
    """A scheduler dies."""


@dataclass(frozen=True)
class RecordState:
    """The state of a meeting, and since when its moment is unchanged."""

    start: datetime
    since: datetime
    is_wanted: bool = True


class AnyDay(RuleBasedStateMachine):
    """Everything that may happen, in any order."""

    almanac: ClassVar[Almanac]

    def __init__(self) -> None:
        super().__init__()
        self.versions = 0
        self.meetings: dict[str, RecordState] = {}
        self.hands: list[list[Pending]] = []
        self.is_on, self.ruled_since = True, NOON
        self.latest = NOON

    @rule(id=IDS, start=STARTS, subject=st.sampled_from(["А", "Б"]))
    def saves(self, id: str, start: datetime, subject: str) -> None:  # noqa: A002 (the field's name)
        known = self.meetings.get(id)
        flag = known is not None and known.is_wanted and known.start == start
        since = known.since if known and flag else self.almanac.now
        self.publish("meeting.saved", meeting(start, id=id, subject=subject))
        self.meetings[id] = RecordState(start, since)

    @rule(id=IDS)
    def cancels(self, id: str) -> None:  # noqa: A002 (the field's name)
        if known := self.meetings.get(id):
            self.publish("meeting.saved", meeting(known.start, id=id, status="cancelled"))
            self.meetings[id] = RecordState(known.start, self.almanac.now, is_wanted=False)

    @rule(id=IDS)
    def deletes(self, id: str) -> None:  # noqa: A002 (the field's name)
        if id in self.meetings:
            self.publish("meeting.deleted", {"id": id})
            del self.meetings[id]

    def publish(self, event_type: str, record: Mapping[str, object]) -> None:
        self.versions += 1
        self.almanac.publish(event_type, {**record, "version": self.versions})

    @rule()
    def an_admin_changes_rules(self) -> None:
        self.is_on = not self.is_on
        self.ruled_since = max(self.ruled_since, self.almanac.now)
        self.almanac.switch("meeting_reminder", on=self.is_on)

    @rule(jump=JUMPS)
    def time_passes(self, jump: timedelta) -> None:
        self.almanac.now += jump
        self.latest = max(self.latest, self.almanac.now)

    @rule(boundary=BOUNDARIES)
    def a_scheduler_dies(self, boundary: Boundary) -> None:
        def act(at: Boundary) -> None:
            if at == boundary:
                raise CrashError

        failpoint.arm(act)
        try:
            self.almanac.time()
            self.almanac.emit()
        except CrashError:
            pass
        finally:
            failpoint.arm(failpoint.nothing)

    @rule()
    def a_scheduler_emits(self) -> None:
        self.almanac.time()
        self.almanac.emit()

    @rule()
    def a_scheduler_takes(self) -> None:
        """It may be frozen then, or die."""
        self.almanac.time()
        if hands := self.almanac.take():
            self.what_is_taken_is_true(hands)
            self.hands.append(hands)

    @rule(is_marked=st.booleans())
    def a_scheduler_goes_on(self, is_marked: bool) -> None:  # noqa: FBT001 (hypothesis names it)
        if self.hands:
            hands = self.hands.pop(0)
            self.almanac.send(hands)
            if is_marked:
                self.almanac.mark(hands)

    @rule()
    def a_scheduler_does_everything(self) -> None:
        self.almanac.tick()

    def what_is_taken_is_true(self, hands: list[Pending]) -> None:
        for pending in hands:
            number = pending.body.partition(b'"id":"meeting_reminder/')[2].partition(b"/")[0].decode()
            known = self.meetings[number]
            assert known.is_wanted
            assert f"{known.start:%Y-%m-%dT%H}" == f"{datetime.fromisoformat(pending.slot) - 2 * HOUR:%Y-%m-%dT%H}"

    @invariant()
    def nothing_fires_twice_or_early(self) -> None:
        contents: dict[tuple[object, object, object], set[bytes]] = defaultdict(set)
        for event in self.almanac.wire:
            assert event.occurred_at <= self.latest
            record = event.data.json["meeting"]
            assert isinstance(record, dict)
            contents[record["id"], record["start"], event.data.json["offset_minutes"]].add(event.content)
        assert all(len(bodies) == 1 for bodies in contents.values())

    def teardown(self) -> None:
        """Whatever happened, a scheduler returns, and each due moment is published or has a reason why not."""
        self.almanac.now = max(self.latest, self.almanac.now) + timedelta(minutes=1)
        self.almanac.tick()
        states = {
            (number, slot, offset): state
            for number, slot, offset, state in rows(
                self.almanac.pool, "SELECT record_id, slot, offset_minutes, state FROM occurrences"
            )
        }
        assert "pending" not in states.values()
        for number, known in self.meetings.items():
            for offset in OFFSETS:
                due = known.start - timedelta(minutes=offset)
                if self.is_on and known.is_wanted and max(known.since, self.ruled_since) < due <= self.almanac.now:
                    slot = f"{known.start + 2 * HOUR:%Y-%m-%dT%H:%M:%S}"
                    assert states.get((number, slot, offset)) in {"published", "missed"}, (
                        number,
                        slot,
                        offset,
                        states,
                    )


def test_on_any_day_each_moment_is_published_once_and_not_early(almanac: Almanac) -> None:
    sent_here = settings(
        max_examples=STORIES or tries(25),
        stateful_step_count=25,
        derandomize=not STORIES,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        report_multiple_bugs=False,
    )

    class ADay(AnyDay):
        almanac: ClassVar[Almanac]

        def __init__(self) -> None:
            super().__init__()
            empty(self.almanac)

    ADay.almanac = almanac
    run_state_machine_as_test(ADay, settings=sent_here)


def empty(almanac: Almanac) -> None:
    """A new day: the calendar is empty."""
    with almanac.pool.connection() as connection:
        psycopg.ClientCursor(connection).execute(EMPTY)
    almanac.now = NOON
    almanac.wire.clear()
