"""One transaction for the rows of several accounts that go as they are; what is not as simple goes by its own account.

It waits for no lock: the pace that another claim holds, and the rows, are left out. So accounts hold nobody back.
"""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from worker.core.sending.eligibility import Claimed
from worker.core.sending.nudge import NotificationId
from worker.core.sending.rate_limiter import Pace
from worker.core.spending.budget import day_of
from worker.failpoint import reached
from worker.steps.sending.claim import Claim, entered
from worker.steps.sending.post import Sender
from worker.steps.sending.straight.claim import Going, is_open, planned
from worker.store.accounts.configuration import Configuration, ask_version
from worker.store.accounts.sealed_places import token_of
from worker.store.db.postgres import Connection
from worker.store.sending import straight, write_claim
from worker.store.sending.straight import AskedAccount

#: The configuration's version with the time, and the pace of accounts that nobody else sends for.
Asked = tuple[Iterator[tuple[int, datetime]], Iterator[tuple[str, Pace]]]


@dataclass(frozen=True, slots=True)
class Together:
    """What one claim of several accounts did.

    Attributes:
        over: accounts of which nothing is left to claim.
        busy: accounts whose pace somebody else held.
    """

    claims: Sequence[Claim] = ()
    over: Collection[str] = ()
    busy: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """Rows of an account that are locked, and what goes of them."""

    rows: Sequence[Claimed]
    going: Going


def ask(accounts: Collection[str], connection: Connection) -> Asked:
    """Ask for the version, and lock the pace of these accounts where it is free."""
    return ask_version(connection), straight.lock_free(connection, accounts)


def claim_together(
    sender: Sender,
    accounts: Collection[str],
    notification_ids: Sequence[NotificationId],
    began: float,
    asked: Asked,
    connection: Connection,
) -> Together:
    """Lock rows of accounts whose pace is free, and store attempts for what may go as it is.

    Raises:
        OutdatedError: an admin has changed something that is to be read first.
    """
    version, now = next(asked[0])
    held, paces = sender.cache.as_of(version), dict(asked[1])
    busy = straight.with_pace(connection, set(accounts) - paces.keys())
    tokens = opened(sender, held, paces)
    if not tokens:
        return Together(busy=busy)
    questions = [
        AskedAccount(account.id, day_of(account.zone, now), account.has_budgets, ())
        for account in (held.accounts[name] for name in tokens)
    ]
    states, rows = straight.ask_waiting(connection, questions, notification_ids, paces, now=now)
    seen, found, over = time.monotonic(), list[Found](), set[str]()
    for question in questions:
        account, state, its = held.accounts[question.account], states[question.account], rows[question.account]
        if not its:
            over.add(account.id)
        elif is_open(state, account, question, held):
            plan = planned(its, account, state)
            if plan.departures:
                found.append(Found(its, Going(account, plan, tokens[account.id], state.now, began, seen)))
            if sum(1 for _ in plan.going) == len(its):
                over.add(account.id)
    return Together(written(connection, found), over, busy)


def opened(sender: Sender, held: Configuration, paces: Mapping[str, Pace]) -> dict[str, str]:
    """Tokens of these accounts, as far as our key opens them."""
    sealed = {account: held.tokens[account] for account in paces if account in held.accounts}
    tokens = {account: sender.seal.opened_or_none(token, token_of(account)) for account, token in sealed.items()}
    return {account: token for account, token in tokens.items() if token is not None}


def written(connection: Connection, found: Sequence[Found]) -> list[Claim]:
    """Write what goes, and judge it account by account."""
    if not found:
        return []
    moves = [move for each in found for move in each.going.plan.moves()]
    made, hours = write_claim.write(connection, moves, [each.going.leaving for each in found], now=found[0].going.now)
    claims = [measured(each, each.going.claimed(connection, hours), made) for each in found]
    reached("claimed_together")
    return claims


def measured(found: Found, claimed: Claim, made: Collection[NotificationId]) -> Claim:
    return replace(claimed, measured=(*entered(found.rows, found.going.plan.moves(), made), *claimed.measured))
