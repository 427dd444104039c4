"""Whether what lies in a consumer's hands gets settled at all: batches that go back again and again look like work."""

from __future__ import annotations

#: Work that settles nothing for so long has stopped: a batch ends one way or the other within a minute.
UNSETTLED_MAX_S = 120.0
#: A queue that has delivered nothing for so long holds nothing for this consumer.
IDLE_S = 3.0


class Progress:
    """Since when deliveries have come, of which none was settled; moments are of the process's steady clock."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._idle_since: float | None = None

    def took(self, *, now: float) -> None:
        """Deliveries are in hand."""
        self._idle_since = None
        if self._since is None:
            self._since = now

    def settled(self) -> None:
        """Some were settled; those that go back do not count."""
        self._since = None

    def idles(self, *, now: float) -> None:
        """Nothing is in hand, and nothing comes."""
        if self._idle_since is None:
            self._idle_since = now
        elif now - self._idle_since > IDLE_S:
            self._since = None

    def age_s(self, *, now: float) -> float:
        """How long nothing was settled while some lay there; from any thread."""
        since = self._since
        return 0.0 if since is None else now - since

    def fault(self, *, now: float) -> str | None:
        """The same in words, once it is too long."""
        age = self.age_s(now=now)
        return f"has settled nothing for {age:.0f} s while deliveries lie there" if age > UNSETTLED_MAX_S else None
