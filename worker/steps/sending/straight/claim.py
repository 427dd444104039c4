"""Claiming while accepting: texts that may go now are born in `sending`, and POSTed once that is committed.

The way of what waits for nothing: no nudge, no second transaction. It decides by the rules of every claim, and takes
only lanes in which everything is simple: with what a rule objects to, or what waits, all of a lane is planned as ever.
"""

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain, islice, takewhile

from worker.core.accounts.account import Account
from worker.core.hands.pause_scope import HAND
from worker.core.lanes import LANES
from worker.core.sending.eligibility import Claimed
from worker.core.sending.nudge import NotificationId
from worker.core.sending.pause import PROBED
from worker.core.sending.rate_limiter import Pace, book_soon
from worker.core.spending.budget import afford, day_of
from worker.steps.sending.build_requests import Plan, depart
from worker.steps.sending.claim import PHONES_MAX, Claim, judged, posts_of
from worker.steps.sending.eligibility import parted, sift
from worker.steps.sending.phone_change import new_phone
from worker.steps.sending.reserve_slots import Capacity
from worker.steps.sending.viber_fallback import reasons_for_sms
from worker.steps.sending.volume_limits import running_away, sift_limits
from worker.store.accounts.configuration import Configuration
from worker.store.db.postgres import Connection
from worker.store.sending import straight
from worker.store.sending.straight import AccountState, AskedAccount, New
from worker.store.sending.write_claim import Hours, Leaving

#: Accounts of one batch whose texts may go: the pace of each is kept from others until the commit.
ACCOUNTS_MAX = 4
#: Accepting waits so long for a pace that another batch or claim holds, and looks so often. Without that, half of what
#: two busy processes accept was planned; and no held row keeps others' events for longer.
PACE_WAIT_S, PACE_LOOK_S = 0.1, 0.004


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a process may claim straight: texts of accounts whose tokens it has, of these lanes, in so many POSTs."""

    tokens: Mapping[str, str] = field(default_factory=dict[str, str])
    lanes: frozenset[str] = frozenset()
    posts: int = 0


@dataclass(frozen=True, slots=True)
class Ready:
    """Texts that may go, and their accounts, whose pace was asked for."""

    texts: Sequence[New]
    accounts: Sequence[str]
    locked: Iterator[tuple[str, Pace]]


@dataclass(frozen=True, slots=True)
class Going:
    """What goes of one account at `now`, which the steady clock had between `began` and `seen`."""

    account: Account
    plan: Plan
    token: str
    now: datetime
    began: float
    seen: float

    @property
    def leaving(self) -> Leaving:
        return self.plan.leaving(self.account.id, day_of(self.account.zone, self.now))

    def claimed(self, connection: Connection, hours: Hours) -> Claim:
        """Judge what was written; the POSTs may begin once that is committed."""
        alerts = judged(connection, self.account, self.plan, hours.get(self.account.id, {}), (), now=self.now)
        posts = posts_of(self.plan, self.token, began=self.began, seen=self.seen, now=self.now)
        return Claim(sum(1 for _ in self.plan.going), posts, alerts=tuple(alerts), measured=tuple(self.plan.waited))


def ask_for_pace(connection: Connection, new: Sequence[New], allowed: Allowance) -> Ready:
    """Choose texts that may go, and ask for their accounts' pace along with whatever else is asked in one way."""
    texts = chosen(new, allowed)
    accounts = dict.fromkeys(text.draft.account for text in texts)
    return Ready(texts, tuple(accounts), straight.lock_free(connection, accounts) if accounts else iter(()))


def paces_of(connection: Connection, ready: Ready) -> dict[str, Pace]:
    """Read which pace is ours; wait a little where another batch holds it, which is soon committed."""
    paces, until = dict(ready.locked), time.monotonic() + PACE_WAIT_S
    others = straight.with_pace(connection, set(ready.accounts) - paces.keys())
    while (held := others - paces.keys()) and time.monotonic() < until:
        time.sleep(PACE_LOOK_S)
        paces.update(straight.lock_free(connection, held))
    return paces


def claim_straight(
    connection: Connection,
    ready: Ready,
    configuration: Configuration,
    allowed: Allowance,
    *,
    month: date,
    now: datetime,
) -> list[Going]:
    """Choose what goes of texts that are about to be written.

    The records and consents of their events are written already: a batch may bring newer facts than its own texts have.
    """
    paces = paces_of(connection, ready)
    texts = [text for text in ready.texts if text.draft.account in paces]
    if not texts:
        return []
    began = time.monotonic()
    accounts = [configuration.accounts[account] for account in ready.accounts if account in paces]
    asked = [
        AskedAccount(account.id, day_of(account.zone, now), account.has_budgets, contacted_of(texts, account.id))
        for account in accounts
    ]
    account_states, rows = straight.ask(connection, asked, texts, paces, month=month, now=now)
    seen, going, posts = time.monotonic(), list[Going](), allowed.posts
    of = {row.notification_id[1]: row for row in rows}
    for account, question in zip(accounts, asked, strict=True):
        state = account_states[account.id]
        if not is_open(state, account, question, configuration):
            continue
        its = [of[text.number] for text in texts if text.draft.account == account.id]
        plan = planned(its, account, state, posts)
        if plan.departures:
            going.append(Going(account, plan, allowed.tokens[account.id], state.now, began, seen))
            posts -= len(plan.departures)
    return going


def chosen(new: Sequence[New], allowed: Allowance) -> list[New]:
    """Of what waits for nothing, the most urgent first, so many as one transaction may hold the pace for."""
    order = {lane: nth for nth, lane in enumerate(LANES)}
    ready = (text for text in new if text.draft.state == "planned" and text.draft.lane in allowed.lanes)
    mine = (text for text in ready if text.draft.account in allowed.tokens)
    texts = sorted(mine, key=lambda text: (order[text.draft.lane], text.number))
    accounts = set(islice(dict.fromkeys(text.draft.account for text in texts), ACCOUNTS_MAX))
    return [text for text in texts if text.draft.account in accounts][:PHONES_MAX]


def contacted_of(texts: Iterable[New], account: str) -> set[bytes]:
    return {text.draft.recipient_key for text in texts if text.draft.account == account}


def is_open(state: AccountState, account: Account, asked: AskedAccount, configuration: Configuration) -> bool:
    """Whether nothing stops the account, and what was read of it still holds."""
    is_known = state.version <= configuration.version and asked.day == day_of(account.zone, state.now)
    return is_known and state.stopped.keys().isdisjoint({HAND, *PROBED})


def planned(rows: Sequence[Claimed], account: Account, state: AccountState, posts: int | None = None) -> Plan:
    """Plan what goes of an account in at most so many POSTs, whatever more it might have under way."""
    simple = {row.notification_id for row in simple_of(rows, account, state) if row.lane not in state.busy}
    capacity = Capacity(state.pace, state.under_way, state.stopped, state.spent, state.alerted, threads=posts)
    return depart(account, in_whole_lanes(rows, simple), capacity, booked=book_soon, now=state.now)


def simple_of(rows: Sequence[Claimed], account: Account, state: AccountState) -> list[Claimed]:
    """Rows that no rule objects to and whose text, phone and channel are those of the event."""
    now = state.now
    wanted, _ = parted(sift(rows, account, state.stopped, now=now))
    runaway = running_away(wanted, state.contacts, account, now=now)
    allowed, _ = parted(sift_limits(wanted, state.contacts, runaway, account, now=now))
    if account.has_budgets:
        allowed, _ = parted(afford(allowed, state.spent, account, now=now).decided)
    for_sms = reasons_for_sms(allowed, account, state.stopped, now=now)
    return [row for row in allowed if not (row.is_outdated or new_phone(row) or row.notification_id in for_sms)]


def in_whole_lanes(rows: Sequence[Claimed], simple: Collection[NotificationId]) -> list[Claimed]:
    """Rows of lanes that go whole, up to the first that does not: nothing goes past others, or in another request."""
    by_lane = [[row for row in rows if row.lane == lane] for lane in LANES]
    whole = takewhile(lambda its: all(row.notification_id in simple for row in its), by_lane)
    return list(chain.from_iterable(whole))
