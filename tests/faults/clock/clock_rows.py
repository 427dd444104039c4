"""Group G: clocks that change, jump and differ; PostgreSQL and RabbitMQ are real, and rows set the clock."""

from tests.faults.clock.calendar_days import clocks_change, ends_of_months, jumps, leap_days, new_zones, zone_changed
from tests.faults.harness.row import Row

SAME_RUN = "with G1: birthdays before, on and after the days on which clocks go on and back"
WINDOWS = (
    "hours are asked for at each claim, not by the scheduler: property tests in tests/core/clock/test_quiet_hours.py"
)
ASKED = "no process asks its own clock (ruff's TID251 forbids it): all of group G runs months away from this machine's"

ROWS: tuple[Row, ...] = (
    Row("G1", "birthdays around the clock changes of every zone, 2026 and 2027", clocks_change, full=10_000, quick=4),
    Row("G2", "an hour that comes twice", reason=SAME_RUN),
    Row("G3", "birthdays on 29 February", leap_days),
    Row("G4", "the clock goes back two hours, and on a day and back", jumps, full=20),
    Row("G5", "the clock goes on a day and back", reason="with G4"),
    Row("G6", "the account's zone changes while birthdays wait", zone_changed, full=10),
    Row("G7", "newer time zones, and a scheduler with older ones", new_zones, full=10, quick=1),
    Row("G8", "ends of months and of the year", ends_of_months),
    Row("G9", "quiet hours across clock changes and midnight", reason=WINDOWS),
    Row("G10", "the clocks of machines differ", reason=ASKED),
)
