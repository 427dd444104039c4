"""What becomes of a timer whose moment has come, and of what it emitted: told, too late, or not true any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import orjson

from worker.core.account import Account
from worker.core.calendar import GONE, Entry
from worker.core.catalogue import BY_ID
from worker.core.event import Event
from worker.core.facts import Facts
from worker.core.occasion import expiry
from worker.core.occurrence import event_of
from worker.core.rule import Trigger
from worker.core.timing import Due, Rule, next_due
from worker.core.trigger import matching, objection

#: What is urgent is published first.
RANKS = ("urgent", "normal", "bulk")
#: Just before a moment.
TICK = timedelta(microseconds=1)
#: An entry that stands for longer than this before we hear of it was not on its way to us: it is old news, and what
#: was due of it meanwhile was not missed.
ON_ITS_WAY = timedelta(days=7)

#: Why an occurrence is not told.
OVERTAKEN = "overtaken"
TOO_LATE = "too_late"
CANCELLED = "record_cancelled"
DELETED = "record_deleted"
MOVED = "record_moved"
NO_RULE = "no_rule"


@dataclass(frozen=True, slots=True)
class Emission:
    """What a rule has to tell at one moment.

    Attributes:
        worth_until: after this moment nobody would be told of it any more.
        rank: what is urgent is published first: 0, 1, 2.
        reason: why it is missed, or None.
    """

    due: Due
    event_id: str
    routing_key: str
    body: bytes
    worth_until: datetime
    rank: int
    reason: str | None = None

    @property
    def state(self) -> str:
        """`pending` or `missed`."""
        return "missed" if self.reason else "pending"


@dataclass(frozen=True, slots=True)
class Fired:
    """A timer after its moment: when it comes again, until when everything is dealt with, and what it tells."""

    next_at: datetime | None
    done_until: datetime
    emission: Emission | None = None


def fire(rule: Rule, entry: Entry, facts: Facts, account: Account, *, was: datetime, now: datetime) -> Fired:
    """A timer that waited for `was`; one that should have waited for another moment only waits for that."""
    due = next_due(rule, entry, after=was - TICK)
    if due is None or due.at != was:
        return Fired(due.at if due else None, was - TICK)
    following = next_due(rule, entry, after=due.at)
    next_at = following.at if following else None
    emission = emitted(rule, entry, due, facts, account)
    if emission is None:
        return Fired(next_at, due.at)
    return Fired(next_at, due.at, said(emission, following, now=now))


def said(emission: Emission, following: Due | None, *, now: datetime) -> Emission:
    """The same, missed where it is too late for it, or where the next one says as much now."""
    reason = None
    if emission.worth_until <= now:
        reason = TOO_LATE
    elif following and following.at <= now:
        reason = OVERTAKEN
    return replace(emission, reason=reason)


def emitted(rule: Rule, entry: Entry, due: Due, facts: Facts, account: Account) -> Emission | None:
    """What a rule tells of an entry at a moment; None where no trigger that is switched on would speak of it."""
    routing_key, event_id, body = event_of(entry, rule, due, facts, account=account)
    event = event_read(account.id, routing_key, event_id, body, due.at)
    triggers = tuple(matching(event, account))
    if not triggers:
        return None
    worth_until = max(expiry(event, trigger, account) for trigger in triggers)
    return Emission(due, event_id, routing_key, body, worth_until, rank_of(triggers))


def rank_of(triggers: Sequence[Trigger]) -> int:
    """How urgent what these tell is."""
    return min(RANKS.index(trigger.lane) for trigger in triggers)


def event_read(account: str, routing_key: str, event_id: str, body: bytes, at: datetime) -> Event:
    """An event of our own as the rules see it: its bytes need no checking."""
    event_type = routing_key.removeprefix(f"{account}.")
    return Event(account, event_id, event_type, at, orjson.loads(body)["data"], routing_key, body, b"", b"")


def first_due(
    rule: Rule, entry: Entry, facts: Facts, account: Account, *, since: datetime, now: datetime
) -> Due | None:
    """What a rule tells first of an entry that stands as it does since then.

    What was due while it was on its way to us is told or missed; of old news only what is still worth it is told.
    """
    if since >= now - ON_ITS_WAY:
        return next_due(rule, entry, after=since)
    due = next_due(rule, entry, after=now - ON_ITS_WAY)
    while due and due.at <= now:
        emission = emitted(rule, entry, due, facts, account)
        if emission and emission.worth_until > now:
            break
        due = next_due(rule, entry, after=due.at)
    return due


@dataclass(frozen=True, slots=True)
class Said:
    """What an occurrence says of its entry, and the entry's newest change when it was emitted."""

    trigger: str
    due_at: datetime
    slot: str
    offset_minutes: int
    changed_at: datetime


def untrue(said: Said, entry: Entry | None, rule: Rule | None) -> str | None:
    """Why an occurrence that waits is not true any more, by its entry as it stands now; None where it is."""
    if entry is None or entry.data == GONE:
        return DELETED
    if entry.cancelled:
        return objection(BY_ID[said.trigger], entry.record, deleted=False) or CANCELLED
    if rule is None:
        return NO_RULE
    if entry.changed_at == said.changed_at:
        return None
    due = next_due(rule, entry, after=said.due_at - TICK)
    return None if due and (due.slot, due.offset_minutes) == (said.slot, said.offset_minutes) else MOVED
