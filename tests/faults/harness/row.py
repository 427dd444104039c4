"""A row of the matrix, and what running it came to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.faults.harness.environment import Stage

Run = Callable[["Stage", int], "Result"]


@dataclass(frozen=True, slots=True)
class Result:
    """The figures of a row that ran.

    Attributes:
        runs: how often the fault was made.
        recovery_s: seconds from the end of the fault to `recovery`.
        recovery: what was waited for, as "at rest".
        faults: sentences of what is not as promised; the row is right without any.
        figures: other results.
        reason: a remark for the report.
        bound: the most doubled messages that the row allows, where the provider forgets keys.
    """

    runs: int
    events: int = 0
    lost: int = 0
    doubled: int = 0
    wrong: int = 0
    recovery_s: float | None = None
    recovery: str = "at rest"
    faults: tuple[str, ...] = ()
    figures: Mapping[str, object] = field(default_factory=dict[str, object])
    reason: str = ""
    bound: int | None = None

    @property
    def is_ok(self) -> bool:
        return not self.faults


@dataclass(frozen=True, slots=True)
class Row:
    """A fault of the matrix.

    Attributes:
        id: as in the matrix, `A4`; a variant has its name behind it, `A6 sendmulti`.
        run: what makes the fault; None where it is not run, with a `reason`.
        full: how often the fault is made in a full run.
        quick: how often in the short matrix; None where it is left out of it.
    """

    id: str
    what: str
    run: Run | None = None
    full: int = 1
    quick: int | None = None
    reason: str = ""

    @property
    def group(self) -> str:
        return self.id[0]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A row and its result; None where it was not run."""

    row: Row
    seed: int
    seconds: float = 0.0
    result: Result | None = None

    @property
    def is_ok(self) -> bool:
        return self.result.is_ok if self.result else bool(self.row.reason)
