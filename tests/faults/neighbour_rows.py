"""Group N: two accounts, one of them hostile; the other's urgent texts go as if it was not there."""

from __future__ import annotations

from functools import partial

from tests.faults.events import dead
from tests.faults.hostile_texts import commented, endless, nested, repeated_shortcode
from tests.faults.neighbours import Attack, beside, publishing
from tests.faults.row import Row

TOO_MUCH = dead("too_much_work")


def texts(bomb: object, *, people: int, pace: float = 2.0, **fate: object) -> Attack:
    """The attack of a CRM that publishes events with such a bomb."""
    return publishing(partial(endless, bomb=bomb, people=people, **fate), pace=pace)  # type: ignore[arg-type]


ROWS: tuple[Row, ...] = (
    Row(
        "N1",
        "a value 660 times in 500 texts",
        partial(beside, attack=texts(repeated_shortcode, people=500, fate=TOO_MUCH)),
        full=60,
    ),
    Row("N2", "markup inside markup in names", partial(beside, attack=texts(nested, people=40)), full=60),
    Row("N3", "comments that never end in names", partial(beside, attack=texts(commented, people=40)), full=60),
)
