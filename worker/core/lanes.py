"""Lanes: what is urgent goes before what is normal, and both before bulk."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """What a lane is given.

    `threads` is its part of the threads that events leave over, `horizon` how far ahead it may book the rate: the
    shorter, the sooner others get their turn. `viber_wait_s` is how long an SMS waits for Viber where the template sets
    nothing: nobody waits an hour, TurboSMS's own default, for the answer to what they have just done.
    """

    threads: int
    horizon: timedelta
    viber_wait_s: int


#: Every lane, the most urgent first.
LANES: Mapping[str, Lane] = {
    "urgent": Lane(threads=3, horizon=timedelta(seconds=10), viber_wait_s=120),
    "normal": Lane(threads=2, horizon=timedelta(seconds=2), viber_wait_s=600),
    "bulk": Lane(threads=1, horizon=timedelta(seconds=0.5), viber_wait_s=3_600),
}

#: The triggers whose recipients wait for the text at this moment.
URGENT = frozenset(
    {
        "meeting_reminder",
        "order_created",
        "order_approved",
        "order_cancelled",
        "booking_form_submitted",
        "booking_confirmed",
        "booking_reminder",
    }
)
#: Those whose texts are many and may take hours.
BULK = frozenset({"contact_birthday"})
#: Of what people send by hand, more than this let others of their account go first.
FEW = 10


def lane_of(trigger: str) -> str:
    return "urgent" if trigger in URGENT else "bulk" if trigger in BULK else "normal"


def lane_for(texts: int) -> str | None:
    """The lane of so many texts that are sent by hand at once; None: each its own."""
    return "bulk" if texts > FEW else None
