"""A job: what somebody asked to be done with many texts or letters, which were named when it was shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from worker.language import marked

Action = Literal["cancel", "resend", "replay", "drop"]
JobState = Literal["proposed", "running", "stopped", "finished"]
#: For more there is the command line.
ITEMS_MAX = 20_000
#: Above so many the number is typed, so that nobody acts on so many by a slip.
TYPED_ABOVE = 100

ACTION_LABELS: Mapping[Action, str] = {
    "cancel": marked("Cancel SMS that wait"),
    "resend": marked("Send SMS again"),
    "replay": marked("Replay letters"),
    "drop": marked("Close letters"),
}
JOB_STATE_LABELS: Mapping[JobState, str] = {
    "proposed": marked("nobody has agreed yet"),
    "running": marked("under way"),
    "stopped": marked("stopped"),
    "finished": marked("done"),
}


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job as it is proposed.

    Attributes:
        terms: what else was agreed to: `why` letters are closed, `twice` texts go that may have arrived.
        items: texts as `2026-11/56`, or numbers of letters.
        facts: what a dry run said.
    """

    account: str
    action: Action
    by: str
    terms: Mapping[str, Any]
    items: Sequence[str]
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it is now; `total` are its items, of which the first `done` are done."""

    id: int
    account: str
    action: Action
    by: str
    asked_at: datetime
    terms: Mapping[str, Any]
    facts: Mapping[str, Any]
    total: int
    done: int
    counts: Mapping[str, int]
    state: JobState
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Part:
    """The next items of a job that runs."""

    id: int
    account: str
    action: Action
    by: str
    terms: Mapping[str, Any]
    items: Sequence[str]
    total: int
