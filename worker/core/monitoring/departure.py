"""When a text that waits will go, and what it waits for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from worker.core.hands.pause_scope import scopes_of
from worker.core.sending.nudge import NotificationId


@dataclass(frozen=True, slots=True)
class WaitingText:
    """A text that is `planned`, or `postponed` with a reason until `due_at`."""

    notification_id: NotificationId
    account: str
    lane: str
    trigger: str
    channel: str
    state: str
    reason: str | None
    created_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """A paused scope of an account, or of every account.

    Attributes:
        ends_at: when it ends by itself or is tried next; None where a person ends it.
        code: TurboSMS's, if that is why.
    """

    account: str | None
    scope: str
    reason: str
    since: datetime
    by: str
    ends_at: datetime | None
    code: int | None = None

    def holds(self, text: WaitingText) -> bool:
        """Whether the text waits for it; what is paused of a person is not known of a text."""
        return self.account in {None, text.account} and self.scope in scopes_of(text.trigger, text.lane, text.channel)


@dataclass(frozen=True, slots=True)
class Departure:
    """When it goes at the earliest, and why not now; without a moment it waits for a person.

    Attributes:
        hold: what is paused, if that is why.
    """

    at: datetime | None
    waits_for: str | None = None
    hold: Hold | None = None


def departure(text: WaitingText, holds: Iterable[Hold], *, now: datetime) -> Departure:
    """Of several things that hold a text the last one counts."""
    held = [hold for hold in holds if hold.holds(text)]
    by_person = next((hold for hold in held if hold.ends_at is None), None)
    if by_person:
        return Departure(None, by_person.reason, by_person)
    waits = [Departure(hold.ends_at, hold.reason, hold) for hold in held]
    if text.state == "postponed":
        waits.append(Departure(text.due_at, text.reason))
    last = max(waits, key=lambda leaves: leaves.at or now, default=None)
    return last if last and last.at and last.at > now else Departure(now)
