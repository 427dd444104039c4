"""Group R: delivery reports that come early, late, twice, in another order, forged, all at once, or never."""

from functools import partial

from tests.faults.harness.row import Row
from tests.faults.receipts.receipts import console_dies, postgresql_dies, script, spoilt, under_a_burst

EARLY = script("early")
DOUBLED = script("duplicated", count=3)
REORDERED = script("reordered")
LATE = script("late", seconds=7200)
FORGED = script("forged")
REPLAYED = script("replayed")
MIXED = (EARLY, DOUBLED, REORDERED, LATE, FORGED, REPLAYED)

ROWS: tuple[Row, ...] = (
    Row("R1", "receipts before the send's answer", partial(spoilt, scripts=(EARLY,)), full=50),
    Row("R2", "receipts four times each", partial(spoilt, scripts=(DOUBLED,)), full=50),
    Row("R3", "receipts from the last to the first", partial(spoilt, scripts=(REORDERED,)), full=50),
    Row("R4", "receipts two hours late", partial(spoilt, scripts=(LATE,)), full=50),
    Row("R5", "forged receipts, and true ones pointed at others", partial(spoilt, scripts=(FORGED, REPLAYED)), full=50),
    Row("R6", "receipts that never come", partial(spoilt, scripts=(script("never", times=None),)), full=50),
    Row(
        "R7",
        "a thousand receipts at once, SIGKILL of the console among them",
        partial(under_a_burst, messages=1000, strike=console_dies),
        full=5,
    ),
    Row(
        "R8",
        "the same, SIGKILL of PostgreSQL",
        partial(under_a_burst, messages=1000, strike=postgresql_dies),
        full=2,
    ),
    Row("R mixed", "all of these at once", partial(spoilt, scripts=MIXED), full=20, quick=3),
)
