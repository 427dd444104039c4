"""What the simulated provider remembers, and the only ways in which that changes."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import blake2b
from secrets import token_bytes
from uuid import UUID

from worker.simulator.answers import OK, Answer, Row, row_of
from worker.simulator.delivery_reports import Outbox, ReportFault
from worker.simulator.fates import Fate
from worker.simulator.faults import Fault
from worker.simulator.messages import Mailing, Message, channels_of, cost_of, over_at
from worker.simulator.scripts import Armed, first_to_fire
from worker.simulator.settings import NotEmpty, Phone, Strict, Switches

NO_FATE = Fate()


class Account(Strict):
    """A client of the provider; the balance in UAH, countries as ISO codes.

    Attributes:
        senders: whom its SMS may be from; `viber_senders` likewise, and the two are never mixed up.
        inactive_senders, inactive_viber_senders: those whose month is unpaid or whose registration is not finished.
        shared_viber_senders: those of the `viber_senders` that are everybody's, and may not be transactional.
        test_viber_senders: those that write to the `own_number` only, a few times.
        viber_patterns: what a transactional text looks like, as shell patterns: `Order * is ready`.
        callback_url: where delivery reports go; empty is nowhere. `callback_secret`: what signs them.
    """

    token: NotEmpty
    name: NotEmpty
    senders: frozenset[str]
    inactive_senders: frozenset[str] = frozenset()
    viber_senders: frozenset[str] = frozenset()
    inactive_viber_senders: frozenset[str] = frozenset()
    shared_viber_senders: frozenset[str] = frozenset()
    test_viber_senders: frozenset[str] = frozenset()
    own_number: Phone = ""
    viber_patterns: tuple[str, ...] = ()
    balance: Decimal = Decimal(10_000)
    blocked: bool = False
    countries: frozenset[str] = frozenset({"UA"})
    callback_url: str = ""
    callback_secret: str = ""


@dataclass(slots=True)
class Pace:
    """One account's requests in the second they fell into, and until when it is held off."""

    second: int = 0
    requests: int = 0
    held_until: float = 0.0

    def is_held(self, now: float, switches: Switches) -> bool:
        """Count one more request; whether it is refused."""
        if switches.pace_per_s is not None and now >= self.held_until:
            self.requests = self.requests + 1 if int(now) == self.second else 1
            self.second = int(now)
            self.held_until = now + switches.pace_penalty_s if self.requests > switches.pace_per_s else 0.0
        return now < self.held_until


@dataclass(frozen=True, slots=True)
class Pinned:
    """A status given by hand."""

    status: str
    at: float
    rejected: str = ""


@dataclass(slots=True)
class Counts:
    requests: Counter[str] = field(default_factory=Counter[str])
    repeats: int = 0
    refused_requests: Counter[int] = field(default_factory=Counter[int])
    refused_rows: Counter[int] = field(default_factory=Counter[int])
    in_flight: int = 0
    in_flight_max: int = 0


@dataclass(slots=True)
class World:
    """Everything the provider knows; keys of the maps begin with an account's token where they have one.

    Attributes:
        keys: when each `sequence_id` was answered, and with what.
        recent: when a message that makes another a duplicate was created, by what makes the two the same.
        refunds: amounts with the moment they are due and their message's id, as a heap.
    """

    accounts: dict[str, Account]
    switches: Switches
    stoplist: set[str] = field(default_factory=set[str])
    messages: list[Message] = field(default_factory=list[Message])
    by_id: dict[str, Message] = field(default_factory=dict[str, Message])
    keys: dict[tuple[str, str], tuple[float, Answer]] = field(
        default_factory=dict[tuple[str, str], tuple[float, Answer]]
    )
    recent: dict[tuple[str, ...], float] = field(default_factory=dict[tuple[str, ...], float])
    paces: defaultdict[str, Pace] = field(default_factory=lambda: defaultdict(Pace))
    pinned: dict[tuple[str, str], Pinned] = field(default_factory=dict[tuple[str, str], Pinned])
    faults: list[Armed[Fault]] = field(default_factory=list[Armed[Fault]])
    fates: list[Armed[Fate]] = field(default_factory=list[Armed[Fate]])
    report_faults: list[Armed[ReportFault]] = field(default_factory=list[Armed[ReportFault]])
    outbox: Outbox = field(default_factory=Outbox)
    refunds: list[tuple[float, str, Decimal]] = field(default_factory=list[tuple[float, str, Decimal]])
    counts: Counts = field(default_factory=Counts)
    salt: bytes = field(default_factory=lambda: token_bytes(16))


def world_of(accounts: Iterable[Account], switches: Switches) -> World:
    return World({account.token: account.model_copy() for account in accounts}, switches)


def account_of(world: World, message: Message) -> Account:
    return next(account for account in world.accounts.values() if account.name == message.account)


def record(world: World, account: Account, mailing: Mailing, rows: Sequence[Row], now: float) -> list[Row]:
    """Create the messages of a mailing's accepted rows and take their money; the rows with their ids."""
    return [_created(world, account, mailing, row["phone"], now) if row["response_code"] == OK else row for row in rows]


def sameness(world: World, account: Account, mailing: Mailing, phone: str) -> tuple[str, ...]:
    """What makes two messages the same one; it is not documented, hence a switch."""
    sender = f"{mailing.channel}/{mailing.sender}" if world.switches.duplicate_by == "sender" else ""
    return account.token, sender, phone, mailing.text


def settle_refunds(world: World, now: float) -> None:
    """Give back what is due."""
    while world.refunds and world.refunds[0][0] <= now:
        _, message_id, amount = heapq.heappop(world.refunds)
        account_of(world, world.by_id[message_id]).balance += amount


def pin(world: World, message: Message, channel: str, pinned: Pinned) -> None:
    """Give a channel a status for good; a first `Cancelled` brings its money back."""
    before = world.pinned.get((message.message_id, channel))
    world.pinned[message.message_id, channel] = pinned
    if pinned.status == "Cancelled" and (before is None or before.status != "Cancelled"):
        settle_refunds(world, pinned.at)
        others = [refund for refund in world.refunds if refund[1] != message.message_id]
        is_over = len(others) == len(world.refunds) and over_at(message.channels) <= pinned.at
        world.refunds = others
        heapq.heapify(world.refunds)
        account_of(world, message).balance += cost_of(message.channels) if is_over else message.mailing.price


def _created(world: World, account: Account, mailing: Mailing, phone: str, now: float) -> Row:
    number = len(world.messages) + 1
    message_id = str(UUID(bytes=blake2b(number.to_bytes(8), digest_size=16, key=world.salt).digest()))
    channels = channels_of(mailing, now, _fate(world, mailing, phone), world.switches)
    message = Message(number, message_id, account.name, phone, now, mailing, channels)
    account.balance -= mailing.price
    world.messages.append(message)
    world.by_id[message_id] = message
    world.recent[sameness(world, account, mailing, phone)] = now
    if (back := mailing.price - cost_of(channels)) != 0:
        heapq.heappush(world.refunds, (over_at(channels), message_id, back))
    return row_of(phone, OK, message_id)


def _fate(world: World, mailing: Mailing, phone: str) -> Fate:
    """That of the newest script that is for a message."""
    texts = (mailing.text, str((mailing.viber or {}).get("text", "")))
    return first_to_fire(reversed(world.fates), lambda fate: fate.is_for(phone, *texts)) or NO_FATE
