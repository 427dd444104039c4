"""Group T: two accounts, one of which harms by how it publishes; the other's urgent texts go as if it was not there."""

from functools import partial

from tests.faults.harness.row import Row
from tests.faults.neighbours.hostile_publishers import ATTACKS, connecting, lettered
from tests.faults.neighbours.neighbours import beside

ROWS: tuple[Row, ...] = (
    Row("T1", "events that say they came back often", partial(beside, attack=ATTACKS["counted"]), full=60),
    Row("T2", "large bodies that no parser takes", partial(lettered, attack=ATTACKS["unreadable"]), full=60),
    Row("T3", "large bodies that are no events", partial(lettered, attack=ATTACKS["wrong"]), full=60),
    Row("T4", "events in the other's name", partial(lettered, attack=ATTACKS["forged"]), full=60),
    Row("T5", "connections and channels without end", connecting, full=60),
)
