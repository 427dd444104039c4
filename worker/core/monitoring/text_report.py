"""What became of texts, added up by account, trigger, channel and time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from worker.core.sending.notification_states import WAITING
from worker.core.spending.cost_report import Summed, summed

#: What became of a text, by its state.
OUTCOMES: Mapping[str, frozenset[str]] = {
    "waiting": frozenset(WAITING),
    "under_way": frozenset({"sending", "accepted", "sent"}),
    "delivered": frozenset({"delivered", "read"}),
    "undelivered": frozenset({"undelivered"}),
    "not_sent": frozenset({"skipped", "cancelled", "expired"}),
    "failed": frozenset({"failed", "refused"}),
    "unconfirmed": frozenset({"unconfirmed"}),
}


@dataclass(frozen=True, slots=True)
class Counted:
    """Texts that were planned on a day of their account and are in one state now."""

    account: str
    day: date
    trigger: str
    channel: str
    state: str
    texts: int
    segments: int


@dataclass(frozen=True, slots=True)
class TextTally(Summed):
    """Texts by what became of them; segments are of all but what was not sent."""

    texts: int = 0
    segments: int = 0
    waiting: int = 0
    under_way: int = 0
    delivered: int = 0
    undelivered: int = 0
    not_sent: int = 0
    failed: int = 0
    unconfirmed: int = 0


def tally_of(counted: Counted) -> TextTally:
    outcome = next(outcome for outcome, states in OUTCOMES.items() if counted.state in states)
    segments = 0 if outcome in {"not_sent", "failed"} else counted.segments
    return TextTally(texts=counted.texts, segments=segments, **{outcome: counted.texts})


def added_up(counted: Iterable[Counted], by: Collection[str]) -> dict[tuple[str, ...], TextTally]:
    return summed(((item, tally_of(item)) for item in counted), by, TextTally())
