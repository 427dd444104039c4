"""One thing that `check` looked at."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "wrong", "away", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: `wrong` is for a person to fix, `away` does not answer."""

    what: str
    state: State
    detail: str
