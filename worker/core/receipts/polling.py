"""When the provider is asked what became of a message: often while it is young, ever less, and never after a week."""

from datetime import datetime, timedelta
from enum import Enum

#: For so long a message is asked for.
TRACKED = timedelta(days=7)
#: Where TurboSMS does not answer, or the account is paused, it is given up a day later.
ABANDONED = TRACKED + timedelta(days=1)

Schedule = tuple[tuple[timedelta, timedelta], ...]
#: Until which age it is asked for how often.
ASKED: Schedule = (
    (timedelta(minutes=10), timedelta(minutes=1)),
    (timedelta(hours=1), timedelta(minutes=5)),
    (timedelta(hours=6), timedelta(minutes=30)),
    (timedelta(days=1), timedelta(hours=2)),
    (TRACKED, timedelta(hours=6)),
)
#: The same for accounts whose receipts come by themselves: what is asked for is what was lost.
WITH_CALLBACKS: Schedule = (
    (timedelta(hours=1), timedelta(minutes=15)),
    (timedelta(hours=6), timedelta(hours=1)),
    (timedelta(days=1), timedelta(hours=4)),
    (TRACKED, timedelta(hours=12)),
)
#: An account whose receipts came by themselves so lately is not asked for earlier than this.
CALLBACKS_ARE_FRESH = timedelta(hours=6)
#: A younger message that the provider does not know may not be shown to it yet, or was asked for with another's token.
DENIED_TOO_EARLY = timedelta(hours=1)
#: Ages at which price and reading are asked for once a message has its end otherwise.
FOLLOW_UPS = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=3), timedelta(days=1))

NO_RECEIPT = "no_receipt"
NOT_TRACKED = "not_tracked"


class Turn(Enum):
    ASK = "ask"
    LATER = "later"  # its account is paused, or its receipt will come by itself
    GIVE_UP = "give_up"


def turn_of(accepted_at: datetime, *, is_still: bool, has_callbacks: bool, now: datetime) -> Turn:
    age = now - accepted_at
    if age >= ABANDONED:
        return Turn.GIVE_UP
    return Turn.LATER if is_still or (has_callbacks and age < WITH_CALLBACKS[0][1]) else Turn.ASK


def later(accepted_at: datetime, *, is_still: bool, has_callbacks: bool, now: datetime) -> datetime:
    if is_still:
        return next_try(accepted_at, has_callbacks=has_callbacks, now=now)
    return accepted_at + WITH_CALLBACKS[0][1]


def next_ask(accepted_at: datetime, *, has_callbacks: bool, now: datetime) -> datetime | None:
    age = now - accepted_at
    for until, every in WITH_CALLBACKS if has_callbacks else ASKED:
        if age < until:
            return min(now + every, accepted_at + TRACKED)
    return None


def is_believed_unknown(accepted_at: datetime, *, now: datetime) -> bool:
    return now - accepted_at >= DENIED_TOO_EARLY


def next_try(accepted_at: datetime, *, has_callbacks: bool, now: datetime) -> datetime:
    """When a message is polled again after no answer: silence ends nothing."""
    return next_ask(accepted_at, has_callbacks=has_callbacks, now=now) or now + ASKED[-1][1]


def next_follow_up(accepted_at: datetime, *, now: datetime) -> datetime | None:
    return next((accepted_at + age for age in FOLLOW_UPS if accepted_at + age > now), None)
