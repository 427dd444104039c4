"""What an answer does to an attempt: settle its rows, keep it for a repeat under the same key, or nothing.

A refusal speaks only of the POST it answers. Once some POST of an attempt may have been executed unseen, only an
acceptance or the provider's own memory of the key settles it; until the key's life ends.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from worker.core.clock.timeouts import DUPLICATE_WAIT, PAUSE_WAIT, REPEAT_WAIT, REPEAT_WAIT_MAX
from worker.core.planning.channel import HYBRID, SMS
from worker.core.sending.eligibility import Allowed, Decision, Postponed
from worker.core.sending.nudge import NotificationId
from worker.core.sending.send_result import (
    STOPPED,
    VIBER_PART,
    Accepted,
    Answer,
    Later,
    Outcome,
    Paused,
    Refused,
    Repeated,
    Unknown,
)


@dataclass(frozen=True, slots=True)
class Row:
    """A notification of an attempt; `event` is the CRM's id of what it tells."""

    notification_id: NotificationId
    phone: str | None
    state: str
    reason: str | None
    expires_at: datetime
    channel: str = SMS
    trigger: str = ""
    event: str | None = None

    @property
    def digits(self) -> str:
        """The phone as answers name it; empty where it was erased since."""
        return (self.phone or "").removeprefix("+")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One send body under one key.

    `held` is the lease of the POST, `lease` the newest one; `unknown`: an earlier POST may have been executed unseen.
    """

    month: date
    key: str
    account: str
    rows: tuple[Row, ...]
    held: int
    lease: int
    unknown: bool
    key_expires_at: datetime
    is_settled: bool = False
    is_probe: bool = False

    @property
    def has_viber(self) -> bool:
        return any(row.channel != SMS for row in self.rows)


@dataclass(frozen=True, slots=True)
class Verdict:
    row: Row
    state: str
    reason: str | None = None
    due_at: datetime | None = None
    message_id: str | None = None
    viber_fallback: str | None = None
    is_stopped: bool = False


@dataclass(frozen=True, slots=True)
class Settle:
    verdicts: tuple[Verdict, ...]
    outcome: str
    code: int | None = None
    pause: Paused | None = None


@dataclass(frozen=True, slots=True)
class Keep:
    """The outcome is in doubt: the attempt stays open and is repeated, byte for byte, after `until`."""

    until: datetime
    reason: str
    pause: Paused | None = None


@dataclass(frozen=True, slots=True)
class Ignore:
    """The answer changes nothing: it refuses what somebody else holds, or comes after the end."""


Settlement = Settle | Keep | Ignore


def settlement(attempt: Attempt, answer: Answer, *, now: datetime) -> Settlement:
    outcomes = [answer.of(row.digits) for row in attempt.rows]
    is_acceptance = answer.adopted or any(isinstance(outcome, Accepted) for outcome in outcomes)
    is_stale = attempt.held != attempt.lease and not is_acceptance
    if is_stale or attempt.is_settled:
        return Ignore()
    is_in_doubt = attempt.unknown and not is_acceptance
    believed = [doubted(outcome) for outcome in outcomes] if is_in_doubt else outcomes
    pause = next((outcome for outcome in (answer.whole, *outcomes) if isinstance(outcome, Paused)), None)
    if all(isinstance(outcome, Unknown) for outcome in believed):
        return keep(attempt, pause or answer.whole, now=now)
    verdicts = tuple(
        verdict(row, outcome, was_unknown=attempt.unknown, now=now)
        for row, outcome in zip(attempt.rows, believed, strict=True)
    )
    return Settle(verdicts, summary(verdicts), getattr(answer.whole, "code", None), pause)


def doubted(outcome: Outcome) -> Outcome:
    """What an outcome means for an earlier POST: a refusal means nothing."""
    return outcome if isinstance(outcome, Accepted | Repeated) else Unknown(outcome.reason)


def keep(attempt: Attempt, whole: Outcome, *, now: datetime) -> Keep:
    """Wait for the next POST of the same bytes: longer each time, never past the key's life."""
    asked = whole.wait if isinstance(whole, Later) else timedelta()
    growing = min(REPEAT_WAIT * 2 ** min(attempt.lease - 1, 10), REPEAT_WAIT_MAX)
    until = min(now + max(asked, growing), attempt.key_expires_at)
    reason = "accepted_nobody" if isinstance(whole, Accepted) else whole.reason
    return Keep(until, reason, whole if isinstance(whole, Paused) else None)


def before_repeat(
    attempt: Attempt, decisions: Sequence[Decision], repeated: Collection[NotificationId], *, now: datetime
) -> Settle | Keep | None:
    """Decide instead of the next POST of an unanswered attempt; None: repeat it.

    One wanted row is enough. Once none is wanted, or the key has expired, nobody knows what was sent: rows of
    `repeated` prefer twice to never and are sent anew.
    """
    if attempt.key_expires_at <= now:
        return key_expired(attempt, repeated, now=now)
    if any(isinstance(decision, Allowed) for decision in decisions):
        return None
    waits = [decision.until for decision in decisions if isinstance(decision, Postponed)]
    if waits:
        return Keep(min(*waits, attempt.key_expires_at), "quiet_hours")
    return unconfirmed(attempt, "not_wanted")


def key_expired(attempt: Attempt, repeated: Collection[NotificationId], *, now: datetime) -> Settle:
    """The provider no longer knows the key: rows stay unconfirmed, or go under a fresh one.

    That waits as long as the provider refuses the same message (427): what was created last is no longer in its way.
    """
    verdicts = tuple(
        Verdict(row, "postponed", "key_expired", now + DUPLICATE_WAIT)
        if row.notification_id in repeated
        else Verdict(row, "unconfirmed", "key_expired")
        for row in attempt.rows
    )
    return Settle(verdicts, summary(verdicts))


def unconfirmed(attempt: Attempt, reason: str) -> Settle:
    """Every row may have been sent, and nobody can find out."""
    return Settle(tuple(Verdict(row, "unconfirmed", reason) for row in attempt.rows), "unconfirmed")


def verdict(row: Row, outcome: Outcome, *, was_unknown: bool, now: datetime) -> Verdict:
    match outcome:
        case Accepted(message_id=message_id):
            return Verdict(row, "accepted", message_id=message_id)
        case Refused() | Later():
            return refusal(row, outcome, now=now)
        case Paused(reason=reason):
            return Verdict(row, "postponed", reason, now + PAUSE_WAIT)
        case Repeated(reason="duplicate") if not was_unknown:
            is_second = row.reason == "duplicate"
            due_at = None if is_second else now + DUPLICATE_WAIT
            return Verdict(row, "refused" if is_second else "postponed", "duplicate", due_at)
        case Repeated(reason=reason) | Unknown(reason=reason):
            return Verdict(row, "unconfirmed", reason)


def refusal(row: Row, outcome: Refused | Later, *, now: datetime) -> Verdict:
    """Where a row goes whose message was certainly not made.

    A hybrid that is refused for its Viber part goes as the SMS alone, under a fresh key; one that only had bad luck
    there does when it has it again.
    """
    reason = outcome.reason
    is_lost = isinstance(outcome, Refused) or row.reason == reason
    if row.channel == HYBRID and outcome.against == VIBER_PART and is_lost:
        return Verdict(row, "postponed", reason, now, viber_fallback=reason)
    if isinstance(outcome, Later):
        return Verdict(row, "postponed", reason, now + outcome.wait)
    return Verdict(row, "refused", reason, is_stopped=outcome.against == STOPPED)


def summary(verdicts: tuple[Verdict, ...]) -> str:
    states = {verdict.state for verdict in verdicts}
    return states.pop() if len(states) == 1 else "mixed"


def late(attempt: Attempt, answer: Answer, *, now: datetime) -> tuple[Verdict, ...]:
    """Acceptances that come after their attempt was settled: their ids are kept whoever brings them.

    Where the provider did not know the key, a repeat made a second message, and both are reported on and paid for.
    """
    verdicts = (verdict(row, answer.of(row.digits), was_unknown=True, now=now) for row in attempt.rows)
    return tuple(each for each in verdicts if each.message_id)
