"""Named boundaries of the pipeline, where the fault tests kill, stop or delay a process.

In production nothing is armed and each boundary is a call that returns; no setting arms one. The fault tests start a
build of their own that does.
"""

from collections.abc import Callable
from typing import Literal

#: In the order of an event's way: from its delivery to the record of the provider's answer; then an occurrence's, from
#: its timer to the mark that it is published; an outcome's last.
Boundary = Literal[
    "received",  # deliveries are in the hands of their actor
    "parsed",  # events are read, nothing is written
    "claimed_straight",  # what goes at once is written with its attempts, the transaction is open
    "committed",  # events and their rows are in PostgreSQL, RabbitMQ does not know
    "nudged",  # ids are on their way to the send queues
    "acknowledged",  # the events are acknowledged to RabbitMQ
    "claimed",  # rows are locked and marked, the transaction is open
    "claimed_together",  # the same, of several accounts in one transaction
    "stored",  # attempts are committed, nothing is POSTed
    "sent",  # a request has left whole, nothing of its answer is read
    "answered",  # an answer is read, nothing of it is written
    "recorded",  # an answer is committed
    "timed",  # timers of changed entries are written, the transaction is open
    "due",  # timers are locked, nothing is written
    "advanced",  # timers have moved on and occurrences are written, the transaction is open
    "emitted",  # occurrences are committed, nobody has them in hand
    "taken",  # occurrences are in hand, nothing is published
    "confirmed",  # RabbitMQ has them, PostgreSQL does not know
    "marked",  # PostgreSQL knows
    "outcomes_taken",  # outcomes are read under their account's lock, nothing is published
    "outcomes_confirmed",  # RabbitMQ has outcomes, PostgreSQL has them still
]


def nothing(_boundary: Boundary) -> None:
    """What a boundary does in production."""


_act: Callable[[Boundary], None] = nothing


def arm(act: Callable[[Boundary], None]) -> None:
    global _act  # noqa: PLW0603 (a process is a test build or it is not)
    _act = act


def reached(boundary: Boundary) -> None:
    _act(boundary)
