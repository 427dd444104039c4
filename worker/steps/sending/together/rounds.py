"""Accounts of a nudge are claimed together, as many at a time as POST at once."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain

from worker.core.lanes import LANES
from worker.core.sending.nudge import NotificationId
from worker.core.sending.request_groups import MULTI
from worker.failpoint import reached
from worker.steps.sending.claim import announce
from worker.steps.sending.post import Sender, post_together
from worker.steps.sending.together.claim import Together, ask, claim_together
from worker.store.accounts.configuration import OutdatedError
from worker.store.db.postgres import committed_ahead, is_caused_by_input
from worker.store.sending.claims import Whose, by_account

#: An account with so many rows has a claim of its own: it is paid for by many.
OWN = 10
#: So long accounts whose pace others hold are asked for again, and so often.
PACE_WAIT_S, PACE_LOOK_S = 0.5, 0.01

Parts = Mapping[str, Sequence[NotificationId]]


@dataclass(frozen=True, slots=True)
class Sent:
    claimed: int = 0
    posted: int = 0
    settled: int = 0

    def __add__(self, other: Sent) -> Sent:
        return Sent(self.claimed + other.claimed, self.posted + other.posted, self.settled + other.settled)


@dataclass(slots=True)
class Crowd:
    """Rows of a nudge by account.

    Attributes:
        lane: the least urgent of them, whose threads it takes.
        together: accounts that may be claimed with others.
        alone: accounts that may not, or of which something is left.
    """

    parts: Parts
    lane: str
    together: list[str] = field(init=False)
    alone: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.together = [account for account, its in self.parts.items() if len(its) < OWN]
        self.alone = [account for account, its in self.parts.items() if len(its) >= OWN]

    @classmethod
    def of(cls, rows: Sequence[Whose]) -> Crowd:
        lanes = {row.lane for row in rows}
        return cls(by_account(rows), max(lanes, key=list(LANES).index, default="urgent"))

    def first(self, sender: Sender, posts: int) -> list[str]:
        """Take the first accounts, whose rows make about so many POSTs."""
        known, took = sender.cache.held.accounts, 0
        for account in self.together:
            posts -= 1 if account in known and known[account].post_mode == MULTI else len(self.parts[account])
            if posts < 0:
                break
            took += 1
        mine, self.together = self.together[:took], self.together[took:]
        return mine

    def next_alone(self) -> str | None:
        """Take the account that is next to have a claim of its own."""
        mine = self.alone or self.together
        return mine.pop(0) if mine else None

    def break_up(self) -> None:
        self.alone += self.together
        self.together = []


def send_together(sender: Sender, crowd: Crowd) -> Sent:
    """Send what goes as it is of accounts with few rows, for as long as there is room for their POSTs.

    Raises:
        Exception: PostgreSQL cannot take it now, or an answer could not be written down.
    """
    total, until, room = Sent(), time.monotonic() + PACE_WAIT_S, sender.room.of(crowd.lane)
    while len(crowd.together) > 1 and not sender.is_ending():
        with room.taken() as posts:
            if posts < 2:  # noqa: PLR2004 (a claim of one account is not of several)
                break
            accounts = crowd.first(sender, posts)
            if not accounts:
                break
            claimed = claim_safely_together(sender, crowd.lane, {account: crowd.parts[account] for account in accounts})
            sent = post_round(sender, claimed)
        total += sent
        until = time.monotonic() + PACE_WAIT_S if sent.posted else until
        busy = claimed.busy if time.monotonic() < until else ()
        crowd.together += [account for account in accounts if account in busy]
        crowd.alone += [account for account in accounts if account not in busy and account not in claimed.over]
        if sent.posted and not sent.settled:
            crowd.break_up()
        elif busy and not sent.posted:
            time.sleep(PACE_LOOK_S)
    return total


def claim_safely_together(sender: Sender, lane: str, parts: Parts) -> Together:
    """Claim these; nothing of them where a row breaks the claim: account by account, only the culprit is counted."""
    notification_ids = list(chain.from_iterable(parts.values()))
    while True:
        act = partial(claim_together, sender, parts.keys(), notification_ids, time.monotonic())
        try:
            with sender.room.of(lane).in_turn():
                return committed_ahead(sender.pool, partial(ask, parts.keys()), act)
        except OutdatedError:
            sender.cache.fresh(sender.pool)
        except Exception as error:
            if not is_caused_by_input(error):
                raise
            return Together()


def post_round(sender: Sender, claimed: Together) -> Sent:
    reached("stored")
    for each in claimed.claims:
        announce(sender, each)
    posts = [posted for each in claimed.claims for posted in each.posts]
    attempts = sum(len(posted.attempts) for posted in posts)
    return Sent(sum(each.rows for each in claimed.claims), attempts, post_together(sender, posts))
