"""What a consumer is at, for whoever judges whether it works; moments are of the process's steady clock."""

from dataclasses import dataclass

#: A queue that has delivered nothing for so long holds nothing for this consumer.
IDLE_S = 3.0


@dataclass(frozen=True, slots=True)
class ConsumerState:
    """A consumer at one moment.

    Attributes:
        outage: why PostgreSQL takes nothing.
        unsettled_since: since when deliveries have come of which none was settled.
    """

    looked_at: float
    is_connected: bool
    is_subscribed: bool
    outage: str | None = None
    in_work_since: float | None = None
    unsettled_since: float | None = None


class Progress:
    """Since when deliveries have come of which none was settled: batches returned time and again look like work."""

    def __init__(self) -> None:
        self.unsettled_since: float | None = None
        self._idle_since: float | None = None

    def took(self, *, now: float) -> None:
        self._idle_since = None
        if self.unsettled_since is None:
            self.unsettled_since = now

    def settled(self) -> None:
        self.unsettled_since = None

    def idles(self, *, now: float) -> None:
        if self._idle_since is None:
            self._idle_since = now
        elif now - self._idle_since > IDLE_S:
            self.unsettled_since = None
