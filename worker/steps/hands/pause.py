"""Pause and resume by hand: everything, an account, a trigger, a lane, a channel."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from worker.core.clock.timeouts import PAUSES_KNOWN
from worker.core.hands.pause_scope import hand_scope, is_by_hand
from worker.core.lanes import LANES
from worker.store.accounts.accounts import Stopped, list_accounts
from worker.store.audit import audit
from worker.store.db.postgres import Connection, Pool, clock, each_alone, transaction
from worker.store.hands import pauses
from worker.store.hands.chosen import Backlog
from worker.store.hands.pauses import HandPause
from worker.store.sending import attempts

#: Who means longer than this means a typing slip, or means for good.
AHEAD_MAX = timedelta(days=3_650)
#: Rows that are made due in one transaction.
AT_ONCE = 5_000
#: Transactions for an account in one run of the scheduler, which has more to do.
PARTS = 4
#: Thereafter nothing waits but for another pause, for which it would be put off and woken for ever.
WOKEN_FOR = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Paused:
    """A pause, what it was before where it is only changed, and how many POSTs may be under way at this moment."""

    pause: HandPause
    before: HandPause | None
    under_way: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What is paused: by people, and by itself, which is of one account always."""

    by_hand: Sequence[HandPause]
    by_itself: Sequence[tuple[str, Stopped]]


def standing(connection: Connection, account: str | None = None) -> Standing:
    """Everything that is paused, or what holds texts of one account."""
    by_itself = [
        (item.id, stopped)
        for item in list_accounts(connection, account)
        for stopped in item.stopped
        if not is_by_hand(stopped.scope)
    ]
    return Standing(pauses.list_pauses(connection, account, now=clock(connection)), by_itself)


def pause(connection: Connection, what: Backlog, *, by: str, until: datetime | None, note: str | None) -> Paused:
    """Let none of these begin later than two seconds after the commit, until a person resumes it or `until`."""
    now = clock(connection)
    asked = HandPause(what.account, scope(what), now, until, by, note)
    known = pauses.list_pauses(connection, what.account, now=now)
    before = next((item for item in known if is_same(item, asked)), None)
    wanted = replace(asked, since=before.since) if before else asked
    pauses.pause(connection, asked)
    after = as_json(wanted)
    audit.note(
        connection, by, "pause", subject(what), account=what.account, before=before and as_json(before), after=after
    )
    return Paused(wanted, before, attempts.all_under_way(connection, what.account, now=now))


def resume(connection: Connection, what: Backlog, *, by: str) -> HandPause | None:
    """End a pause; None where there was none. What waited for it is woken by the scheduler, or sooner by `let_go`."""
    ended = pauses.resume(connection, what.account, scope(what))
    if ended:
        audit.note(connection, by, "resume", subject(what), account=what.account, before=as_json(ended))
    return ended


def end_over(pool: Pool) -> None:
    """Forget pauses that have ended by themselves, and let CRMs hear of it."""
    with each_alone(pool) as connection:
        pauses.end_over(connection, now=clock(connection))


def wake_resumed(pool: Pool) -> None:
    """Make due, a part at a time, what waited for pauses that people ended, once no claim knows them any more."""
    with each_alone(pool) as connection:
        now = clock(connection)
        resumed = pauses.resumes(connection, before=now - PAUSES_KNOWN)
    for account, at in resumed:
        for _ in range(PARTS):
            with transaction(pool) as connection:
                is_over = wake_some(connection, account) < AT_ONCE or at < now - WOKEN_FOR
                if is_over:
                    pauses.forget_resume(connection, account, at)
            if is_over:
                break


def let_go(pool: Pool, account: str | None) -> int:
    """Wake what waited, and once more what a claim was just putting off by the pause as it was; count the first."""
    woken = wake(pool, account)
    if woken:
        time.sleep(PAUSES_KNOWN.total_seconds())
        wake(pool, account)
    return woken


def wake(pool: Pool, account: str | None) -> int:
    """Make due what waited for a person, after the end of the pause was committed; return how many rows."""
    woken = 0
    while True:
        with transaction(pool) as connection:
            some = wake_some(connection, account)
        woken += some
        if some < AT_ONCE:
            return woken


def wake_some(connection: Connection, account: str | None) -> int:
    """Make a part of it due, in the caller's transaction."""
    return pauses.wake(connection, account, list(LANES), most=AT_ONCE, now=clock(connection))


def scope(what: Backlog) -> str:
    return hand_scope(trigger=what.trigger, lane=what.lane, channel=what.channel)


def backlog_of(account: str, name: str) -> Backlog | None:
    """What a scope by hand of an account stands for; None: for nothing."""
    match name.split("/"):
        case [_]:
            return Backlog(account)
        case [_, "trigger", part]:
            return Backlog(account, trigger=part)
        case [_, "lane", part]:
            return Backlog(account, lane=part)
        case [_, "channel", part]:
            return Backlog(account, channel=part)
        case _:
            return None


def is_ahead(until: datetime, *, now: datetime) -> bool:
    """Whether a pause may end then."""
    return now < until <= now + AHEAD_MAX


def subject(what: Backlog) -> str:
    """`trigger contact_birthday`, or `everything`."""
    given = {"trigger": what.trigger, "lane": what.lane, "channel": what.channel}
    return next((f"{kind} {name}" for kind, name in given.items() if name), "everything")


def is_same(first: HandPause, second: HandPause) -> bool:
    return (first.account, first.scope) == (second.account, second.scope)


def as_json(pause: HandPause) -> Mapping[str, object]:
    return {name: value for name, value in asdict(pause).items() if name in {"since", "until", "by"} and value}
