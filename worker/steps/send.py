"""Planned rows out: claim · re-check · store the attempts · POST · record. No provider call inside a transaction."""

from __future__ import annotations

import time
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from worker.core.account import Account
from worker.core.limit import Allowed, Claimed, Dropped, Postponed, decide
from worker.core.nudge import Place
from worker.core.waits import LEASE
from worker.failpoint import reached
from worker.steps.falter import falter, run_alone
from worker.steps.post import Held, Sender, post_all
from worker.steps.renew import renew
from worker.store import attempts, claims, moves
from worker.store.accounts import sealed_token
from worker.store.attempts import Stored
from worker.store.moves import Move
from worker.store.postgres import Connection, committed, is_culprits, transaction
from worker.turbosms.request import send_body

#: Phones in one POST: far below the provider's 5,000, so that one lost answer leaves few rows in doubt.
PHONES_MAX = 500


@dataclass(frozen=True, slots=True)
class Claim:
    """Rows that left their place in one transaction, and the attempts that hold those which are to be sent."""

    rows: int = 0
    held: tuple[Held, ...] = ()

    def __add__(self, other: Claim) -> Claim:
        """Both."""
        return Claim(self.rows + other.rows, self.held + other.held)


@dataclass(frozen=True, slots=True)
class Sent:
    """What one nudge came to."""

    claimed: int = 0
    posted: int = 0
    settled: int = 0


def send(sender: Sender, places: Sequence[Place]) -> Sent:
    """Send what may be sent of these rows; those that somebody else holds are left to that one.

    Raises:
        Exception: PostgreSQL cannot take it now; the rows stay as they were.
    """
    with transaction(sender.pool) as connection:
        accounts = claims.accounts(connection, places)
    total = Sent()
    for account in accounts:
        while not sender.is_ending():
            claimed = claim_safely(sender, account, places)
            reached("stored")
            settled = post_all(sender, claimed.held)
            total = Sent(total.claimed + claimed.rows, total.posted + len(claimed.held), total.settled + settled)
            # A round in which the provider settled nothing is the last: the sweeper brings the rest when it is better.
            if not claimed.rows or (claimed.held and not settled):
                break
    return total


def send_alone(sender: Sender, places: Sequence[Place]) -> None:
    """Send each of these in transactions of its own: the nudge came back unsettled, one of them may kill workers."""
    for place in places:
        run_alone(sender.pool, place, partial(send, sender, [place]))


def claim_safely(sender: Sender, account: str, places: Sequence[Place]) -> Claim:
    """Claim these rows; where one of them breaks the claim, each alone, so that only the culprit is counted."""
    began = time.monotonic()
    try:
        return committed(sender.pool, partial(claim, sender, account, places, began))
    except Exception as error:
        if not is_culprits(error):
            raise
        culprit = error
    if len(places) == 1:
        falter(sender.pool, places[0], culprit)
        return Claim()
    return sum((claim_safely(sender, account, [place]) for place in places), Claim())


def claim(sender: Sender, account_id: str, places: Sequence[Place], began: float, connection: Connection) -> Claim:
    """One transaction: lock rows, drop or postpone what must not go now, store attempts for the rest."""
    configuration, now = sender.cache.look(connection)
    account = configuration.accounts.get(account_id)
    if account is None:
        return Claim()
    rows = claims.claim(connection, account_id, places, limit=PHONES_MAX, now=now)
    allowed, decided = sift(renew(connection, rows, account, now=now), account, now=now)
    groups = list(grouped(allowed))[: account.in_flight]
    stored = [store(connection, account, group, now=now) for group in groups]
    going = [sending(row, attempt) for attempt, group in zip(stored, groups, strict=True) for row in group]
    moves.apply(connection, decided + going, actor="send", now=now)
    # Opened before the commit: a token that cannot be opened must leave no attempt behind.
    token = sender.seal.open(sealed_token(connection, account_id)) if stored else ""
    until = began + LEASE.total_seconds()
    reached("claimed")
    return Claim(len(decided) + len(going), tuple(Held(attempt, token, until) for attempt in stored))


def sift(
    rows: Iterable[Claimed | tuple[Claimed, Dropped]], account: Account, *, now: datetime
) -> tuple[list[Claimed], list[Move]]:
    """Who may go now, and the moves of those who may not."""
    allowed: list[Claimed] = []
    decided: list[Move] = []
    for found in rows:
        row, decision = found if isinstance(found, tuple) else (found, decide(found, account, now=now))
        match decision:
            case Allowed():
                allowed.append(row)
            case Postponed(until=until, reason=reason):
                decided.append(Move(row.place, row.state, "postponed", reason, until))
            case Dropped(state=state, reason=reason):
                decided.append(Move(row.place, row.state, state, reason))
    return allowed, decided


def grouped(rows: Iterable[Claimed]) -> Iterator[list[Claimed]]:
    """Rows that may share a POST: one trigger, sender, text and expiry, and never one phone twice."""
    alike: dict[tuple[object, ...], list[Claimed]] = defaultdict(list)
    for row in rows:
        nth = 0
        while any(row.phone == other.phone for other in alike[alikeness(row, nth)]):
            nth += 1
        alike[alikeness(row, nth)].append(row)
    return iter(alike.values())


def alikeness(row: Claimed, nth: int) -> tuple[object, ...]:
    """What rows of one POST share; `nth` keeps a second text to one phone apart."""
    return row.trigger, row.sender, row.text, row.expires_at, row.lane, nth


def store(connection: Connection, account: Account, group: Sequence[Claimed], *, now: datetime) -> Stored:
    """Write down the exact bytes under a fresh key."""
    key = uuid.uuid4().hex
    phones = tuple(row.phone.removeprefix("+") for row in group)
    stored = Stored(
        month=now.date().replace(day=1),
        key=key,
        lease=1,
        leased_until=now + LEASE,
        body=send_body(key=key, sender=group[0].sender, text=group[0].text, phones=phones),
        places=tuple(row.place for row in group),
        phones=phones,
        account=account.id,
    )
    attempts.insert(connection, stored, key_life=account.key_life, lane=group[0].lane, now=now)
    return stored


def sending(row: Claimed, attempt: Stored) -> Move:
    """A row on its way; it keeps the reason why it waited last."""
    return Move(row.place, row.state, "sending", row.reason, attempt.leased_until, attempt=(attempt.month, attempt.key))
