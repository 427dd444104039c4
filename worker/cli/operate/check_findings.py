"""What `check` finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "wrong", "away", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: `wrong` is for a person to mend, `away` does not answer."""

    what: str
    state: State
    words: str
