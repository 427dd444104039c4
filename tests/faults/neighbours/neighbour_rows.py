"""Group N: two accounts, one of them hostile; the other's urgent texts go as if it was not there."""

from functools import partial

from tests.faults.harness.events import SENT, Fate, dead
from tests.faults.harness.row import Row
from tests.faults.neighbours.hostile_texts import (
    Bomb,
    commented,
    endless,
    nested,
    repeated_shortcode,
    spelt_letters,
    spelt_marks,
)
from tests.faults.neighbours.many_accounts import edited_all_the_time
from tests.faults.neighbours.neighbours import Attack, beside, publishing

TOO_MUCH = dead("too_much_work")
#: Hostile events a second.
PACE = 2.0


def texts(bomb: Bomb, *, people: int, fate: Fate = SENT) -> Attack:
    """The attack of a CRM that publishes events with such a bomb."""
    return publishing(partial(endless, bomb=bomb, people=people, fate=fate), pace=PACE)


ROWS: tuple[Row, ...] = (
    Row(
        "N1",
        "a value 660 times in 500 texts",
        partial(beside, attack=texts(repeated_shortcode, people=500, fate=TOO_MUCH)),
        full=60,
    ),
    Row("N2", "markup inside markup in names", partial(beside, attack=texts(nested, people=40)), full=60),
    Row("N3", "comments that never end in names", partial(beside, attack=texts(commented, people=40)), full=60),
    Row(
        "N4",
        "what looks like addresses, to be spelt",
        partial(beside, attack=texts(spelt_letters, people=100, fate=TOO_MUCH)),
        full=60,
    ),
    Row("N5", "marks and letters to be spelt", partial(beside, attack=texts(spelt_marks, people=100)), full=60),
    Row("N6", "10,000 accounts that are edited all the time", edited_all_the_time, full=60),
)
