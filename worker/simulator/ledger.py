"""What the simulated provider remembers, and the only ways in which that changes."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from hashlib import blake2b
from secrets import token_bytes
from typing import Annotated, ClassVar

from annotated_types import Len
from pydantic import ConfigDict

from worker.simulator.answers import OK, Answer, Row, row_of
from worker.simulator.channel_routes import Ask, Leg, ask_of, cost_of, legs_of, over_at
from worker.simulator.delivery_reports import Outbox
from worker.simulator.fates import NO_FATE, Doom, drawn
from worker.simulator.settings import Switches


@dataclass(frozen=True, slots=True)
class Pace:
    """One account's requests in the second they fell into, and until when it is held off."""

    second: int = 0
    requests: int = 0
    held_until: float = 0.0


def paced(pace: Pace, now: float, *, per_second: int, penalty_s: float) -> Pace:
    """The pace after one more request at `now`; it is refused while `now < held_until`."""
    if now < pace.held_until:
        return pace
    second = int(now)
    requests = pace.requests + 1 if second == pace.second else 1
    return Pace(second, requests, now + penalty_s if requests > per_second else 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A client of the provider; amounts in UAH, countries as ISO codes.

    Attributes:
        senders: whom its SMS may be from; `viber_senders` likewise, and the two are never mixed up.
        inactive_senders, inactive_viber_senders: those whose month is unpaid or whose registration is not finished.
        shared_viber_senders: those of the `viber_senders` that are everybody's, and may not be transactional.
        test_viber_senders: those that write to the `own_number` only, a few times.
        viber_patterns: what a transactional text looks like, as shell patterns: `Order * is ready`.
        callback_url: where delivery reports go; empty is nowhere. `callback_secret`: what signs them.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    token: Annotated[str, Len(1)]
    name: Annotated[str, Len(1)]
    senders: frozenset[str]
    inactive_senders: frozenset[str] = frozenset()
    viber_senders: frozenset[str] = frozenset()
    inactive_viber_senders: frozenset[str] = frozenset()
    shared_viber_senders: frozenset[str] = frozenset()
    test_viber_senders: frozenset[str] = frozenset()
    own_number: str = ""
    viber_patterns: tuple[str, ...] = ()
    balance: Decimal = Decimal(10_000)
    blocked: bool = False
    countries: frozenset[str] = frozenset({"UA"})
    callback_url: str = ""
    callback_secret: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message that the provider took; times in seconds since the epoch.

    Attributes:
        channel: `sms`, `viber` or `viber_then_sms`; the sender and the text of the last are its SMS's.
        viber: what was asked for Viber, if anything, its sender and text among it.
        hybrid_ttl: how long the SMS waits for Viber.
        price: UAH, taken when it is created; what its legs do not cost comes back when the last of them is over.
        legs: the channels it takes.
    """

    number: int
    message_id: str
    account: str
    channel: str
    recipient: str
    sender: str
    text: str
    viber: Mapping[str, object] | None
    hybrid_ttl: int | None
    segments: int
    price: Decimal
    sequence_id: str | None
    created_at: float
    due_at: float
    legs: tuple[Leg, ...]


@dataclass(frozen=True, slots=True)
class Pinned:
    """A status that somebody gave by hand."""

    status: str
    at: float
    rejected: str = ""


@dataclass(frozen=True, slots=True)
class Mailing:
    """A request that passed every check: its rows are judged, the accepted ones without ids yet."""

    key: str | None
    channel: str
    sender: str
    text: str
    viber: Mapping[str, object] | None
    hybrid_ttl: int | None
    due_at: float
    segments: int
    price: Decimal
    top_code: int = OK
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer kept under a `sequence_id`."""

    at: float
    answer: Answer


@dataclass(slots=True)
class Counts:
    """What has been asked and answered since the last reset."""

    requests: Counter[str] = field(default_factory=Counter[str])
    repeats: int = 0
    refused_requests: Counter[int] = field(default_factory=Counter[int])
    refused_rows: Counter[int] = field(default_factory=Counter[int])
    in_flight: int = 0
    in_flight_max: int = 0


@dataclass(slots=True)
class World:
    """Everything the provider knows; keys of the maps begin with an account's token where they have one."""

    accounts: dict[str, Account]
    switches: Switches = field(default_factory=Switches)
    stoplist: set[str] = field(default_factory=set[str])
    messages: list[Message] = field(default_factory=list[Message])
    by_id: dict[str, Message] = field(default_factory=dict[str, Message])
    keys: dict[tuple[str, str], Kept] = field(default_factory=dict[tuple[str, str], Kept])
    recent: dict[tuple[str, str, str, str], float] = field(default_factory=dict[tuple[str, str, str, str], float])
    paces: dict[str, Pace] = field(default_factory=dict[str, Pace])
    pinned: dict[tuple[str, str], Pinned] = field(default_factory=dict[tuple[str, str], Pinned])
    dooms: tuple[Doom, ...] = ()
    outbox: Outbox = field(default_factory=Outbox)
    refunds: list[tuple[float, str, Decimal]] = field(default_factory=list[tuple[float, str, Decimal]])
    counts: Counts = field(default_factory=Counts)
    salt: bytes = field(default_factory=lambda: token_bytes(16))


def world_of(accounts: Iterable[Account], switches: Switches) -> World:
    """A world in which nothing has been sent."""
    return World({account.token: account for account in accounts}, switches)


def record(world: World, account: Account, mailing: Mailing, now: float) -> tuple[Row, ...]:
    """Create the mailing's messages, take the money, and give its rows with their ids."""
    rows = tuple(
        row if row.response_code != OK else _created(world, account, mailing, phone=row.phone, now=now)
        for row in mailing.rows
    )
    cost = mailing.price * sum(row.response_code == OK for row in rows)
    world.accounts[account.token] = replace(account, balance=account.balance - cost)
    return rows


def sameness(world: World, account: Account, mailing: Mailing, phone: str) -> tuple[str, str, str, str]:
    """What makes two messages the same one; nobody documents it, hence a switch."""
    sender = f"{mailing.channel}/{mailing.sender}" if world.switches.duplicate_by == "sender" else ""
    return account.token, sender, phone, mailing.text


def keep(world: World, account: Account, key: str, kept: Kept) -> None:
    """Remember an answer under its key, which a later answer under the same key replaces."""
    world.keys[account.token, key] = kept


def settle_refunds(world: World, now: float) -> None:
    """Give back what came due."""
    while world.refunds and world.refunds[0][0] <= now:
        _, message_id, amount = heapq.heappop(world.refunds)
        _give(world, world.by_id[message_id], amount)


def pin(world: World, message: Message, channel: str, pinned: Pinned) -> None:
    """Give a leg a status for good; a first `Cancelled` brings its money back."""
    before = world.pinned.get((message.message_id, channel))
    world.pinned[message.message_id, channel] = pinned
    if pinned.status == "Cancelled" and (before is None or before.status != "Cancelled"):
        settle_refunds(world, pinned.at)
        back = [refund for refund in world.refunds if refund[1] == message.message_id]
        world.refunds = [refund for refund in world.refunds if refund[1] != message.message_id]
        heapq.heapify(world.refunds)
        is_over = not back and over_at(message.legs) <= pinned.at
        _give(world, message, cost_of(message.legs) if is_over else message.price)


def _give(world: World, message: Message, amount: Decimal) -> None:
    account = next(a for a in world.accounts.values() if a.name == message.account)
    world.accounts[account.token] = replace(account, balance=account.balance + amount)


def _created(world: World, account: Account, mailing: Mailing, *, phone: str, now: float) -> Row:
    number = len(world.messages) + 1
    message = Message(
        number=number,
        message_id=_message_id(world.salt, number),
        account=account.name,
        channel=mailing.channel,
        recipient=phone,
        sender=mailing.sender,
        text=mailing.text,
        viber=mailing.viber,
        hybrid_ttl=mailing.hybrid_ttl,
        segments=mailing.segments,
        price=mailing.price,
        sequence_id=mailing.key,
        created_at=now,
        due_at=mailing.due_at,
        legs=_legs(world, mailing, phone, now),
    )
    world.messages.append(message)
    world.by_id[message.message_id] = message
    world.recent[sameness(world, account, mailing, phone)] = now
    if (back := message.price - cost_of(message.legs)) != 0:
        heapq.heappush(world.refunds, (over_at(message.legs), message.message_id, back))
    return row_of(phone, OK, message.message_id)


def _legs(world: World, mailing: Mailing, phone: str, now: float) -> tuple[Leg, ...]:
    fate = NO_FATE
    if world.dooms:
        texts = (mailing.text, str((mailing.viber or {}).get("text", "")))
        world.dooms, fate = drawn(world.dooms, phone, texts)
    life, wait = ask_of(mailing.channel, mailing.viber, mailing.hybrid_ttl)
    return legs_of(Ask(mailing.channel, life, wait, mailing.segments, now, mailing.due_at), fate, world.switches)


def _message_id(salt: bytes, number: int) -> str:
    digest = blake2b(number.to_bytes(8), digest_size=16, key=salt).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:]}"
