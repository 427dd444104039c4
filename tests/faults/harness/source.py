"""Where a row's events come from: a CRM that publishes them, or schedulers that do."""

from collections.abc import Sequence
from typing import Protocol

from tests.faults.harness.generator import Confirmed


class Source(Protocol):
    """Whoever has events published; `confirmed` are those that the checker asks for."""

    @property
    def confirmed(self) -> Sequence[Confirmed]:
        """So far."""
        ...

    def wait(self) -> None:
        """Wait until everything is published."""

    def abandon(self) -> None:
        """Publish nothing more."""
