"""The stage: two accounts, a provider, a ledger, and the hands of workers that may stop at any moment."""

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

import httpx
import psycopg
from psycopg import sql

from tests.steps.ledger import pass_time
from tests.steps.sending.straight.unforgiving_posts import UnforgivingPosts
from tests.story.observed import Message, Seen, look
from tests.story.witness_client import Witness
from tests.support.crm import SALT, SECRET, TOKEN, add_account
from tests.support.http_client import NO_CERTIFICATES
from worker import failpoint
from worker.core.sending.circuit_breaker import is_failure
from worker.core.sending.send_result import Accepted, Answer
from worker.simulator.ledger import Account
from worker.simulator.server import running
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Post, Sender, ask, record_all
from worker.steps.sending.record_result import JudgedAnswer
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool, clock, open_pool, transaction
from worker.store.sending.attempts import Stored

T = TypeVar("T")
LoudAlert = tuple[str, Mapping[str, object]]

#: What the accounts are at the provider, and how each sends.
TOKENS = {"acme": TOKEN, "bravo": "token-of-bravo-8c11d2"}
IN_FLIGHT = {"acme": 2, "bravo": 2}
#: UAH.
RICH = Decimal(1_000_000)
SENDERS = frozenset({"DemoShop"})
KEY_LIFE = timedelta(hours=6)

EMPTY = b"""
DELETE FROM events; DELETE FROM event_keys; DELETE FROM records; DELETE FROM dead_letters; DELETE FROM suspect_messages;
DELETE FROM notifications; DELETE FROM notification_keys; DELETE FROM transitions; DELETE FROM attempts;
DELETE FROM provider_messages; DELETE FROM pauses; DELETE FROM rate_limits; DELETE FROM contact_log;
DELETE FROM hourly_volumes; DELETE FROM suppressions; INSERT INTO rate_limits (account) SELECT id FROM accounts
"""
SET_UP = """
UPDATE accounts SET post_mode = %(mode)s, in_flight = %(in_flight)s, key_life = %(key_life)s, multi_max = 3
WHERE id = %(account)s;
UPDATE triggers SET if_unconfirmed = CASE WHEN trigger = %(repeated)s THEN 'resend' ELSE 'keep' END
WHERE account = %(account)s
"""
#: What pass_time leaves alone.
OTHER_MOMENTS = """
UPDATE notifications SET expires_at = expires_at - %(after)s;
UPDATE attempts SET key_expires_at = key_expires_at - %(after)s
"""


class SerialExecutor(ThreadPoolExecutor):
    """POSTs of one round one after another in the caller's thread, so that a story is the same when it is repeated."""

    def map(
        self, fn: Callable[..., T], *iterables: Iterable[Any], timeout: float | None = None, chunksize: int = 1
    ) -> Iterator[T]:
        _ = timeout, chunksize
        return map(fn, *iterables)


@dataclass
class Hand:
    """One POST in the hands of a worker: booked, perhaps answered, its record still to come.

    Attributes:
        booked_at: as the witness has it.
        is_fresh: whether it was booked just now, by the ledger.
    """

    post: Post
    booked_at: datetime | None
    answers: list[Answer] | None = None
    is_fresh: bool = True


@dataclass
class Stage:
    """Everything that a story is played with.

    Attributes:
        messages: what the provider made so far.
        accepted_ids: message ids that somebody wrote down from an answer in hand.
    """

    pool: Pool
    intake: Intake
    sender: Sender
    witness: Witness
    control: httpx.Client
    alerts: list[LoudAlert] = field(default_factory=list[LoudAlert])
    hands: list[Hand] = field(default_factory=list[Hand])
    messages: list[Message] = field(default_factory=list[Message])
    accepted_ids: list[str] = field(default_factory=list[str])

    def begin(
        self, modes: Mapping[str, str], switches: Mapping[str, object], *, repeated: str | None, goes_straight: bool
    ) -> None:
        """A new story: nothing is remembered."""
        self.intake = replace(self.intake, straight_posts=UnforgivingPosts(self.sender) if goes_straight else None)
        failpoint.arm(failpoint.nothing)
        for own in (self.alerts, self.hands, self.messages, self.accepted_ids):
            own.clear()
        self.witness.probes.clear()
        self.witness.booked_at, self.witness.posted = None, 0
        with self.pool.connection() as connection:
            connection.execute(EMPTY)
            for account, mode in modes.items():
                values = {"account": account, "mode": mode, "in_flight": IN_FLIGHT[account]}
                cursor = psycopg.ClientCursor(connection)
                cursor.execute(SET_UP, {**values, "key_life": KEY_LIFE, "repeated": repeated})
        self.door("POST", "reset")
        self.door("PATCH", "settings", switches)

    def door(self, verb: str, address: str, body: object = None) -> Any:
        """The provider's control door."""
        answer = self.control.request(verb, f"/_simulator/{address}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def refill(self, balance: Decimal) -> None:
        for token in TOKENS.values():
            self.door("POST", "accounts", {"token": token, "balance": str(balance)})

    def pass_time(self, after: timedelta) -> None:
        """Let time pass for everybody, the provider too."""
        pass_time(self.pool, after)
        with self.pool.connection() as connection:
            psycopg.ClientCursor(connection).execute(OTHER_MOMENTS, {"after": after})
        self.door("POST", "clock", {"advance_s": after.total_seconds()})
        for hand in self.hands:
            hand.is_fresh = False

    def look(self) -> Seen:
        """The whole state; the provider is asked only if there was a POST."""
        new: list[dict[str, Any]] = (
            self.door("GET", f"messages?after={len(self.messages)}") if self.witness.posted else []
        )
        self.witness.posted = 0
        self.messages += map(message_of, new)
        return look(self.pool, self.messages)

    @contextmanager
    def booking(self) -> Generator[None]:
        """Repeats that are booked and made in this block."""
        with transaction(self.pool) as connection:
            self.witness.booked_at = clock(connection)
        try:
            yield
        finally:
            self.witness.booked_at = None

    def in_hand(self) -> Counter[str]:
        """POSTs that workers have in hand, as far as the ledger can know that they live."""
        return Counter(hand.post.attempts[0].account for hand in self.hands if hand.is_fresh)

    def take(self, posts: Iterable[Post]) -> None:
        """Somebody has these POSTs in hand."""
        self.hands += [Hand(post, self.witness.booked_at) for post in posts]

    def drop(self, hand: Hand) -> None:
        self.hands = [other for other in self.hands if other is not hand]

    def go_on(self, hand: Hand) -> None:
        """The next thing that a worker does with what it has in hand: ask, then write down.

        A worker may be frozen between its look at the lease and its POST, but not for as long as its key lives.
        """
        if hand.answers is None:
            seen = self.look()
            if any(seen.attempts[stored.key].key_expires_at <= seen.now for stored in hand.post.attempts):
                self.drop(hand)
                return
            self.witness.booked_at = hand.booked_at
            try:
                hand.answers = ask(self.sender, hand.post)
            finally:
                self.witness.booked_at = None
            return
        self.drop(hand)
        is_failing = all(is_failure(answer, took=timedelta()) for answer in hand.answers)
        outcomes = [JudgedAnswer(answer, is_failing if nth == 0 else None) for nth, answer in enumerate(hand.answers)]
        self.write_down(hand.post, list(zip(hand.post.attempts, outcomes, strict=True)))

    def write_down(self, post: Post, results: Sequence[tuple[Stored, JudgedAnswer]]) -> None:
        """Record the answers; a refusal of a lease that was given on must change nothing of its attempt."""
        before = self.look().attempts
        record_all(self.sender, post, results)
        after = self.look().attempts
        for stored, answer in results:
            outcomes = map(answer.answer.of, stored.phones)
            ids = [outcome.message_id for outcome in outcomes if isinstance(outcome, Accepted)]
            if before[stored.key].lease != stored.lease and not ids and not answer.answer.adopted:
                assert after[stored.key] == before[stored.key], "a lease that was given on was used"
            self.accepted_ids += ids


@contextmanager
def stage(database_url: str, worker_url: str) -> Generator[Stage]:
    """The stage, set up once for many stories; workers work as a role that owns nothing."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        # PostgreSQL itself does not crash in these stories, so that no commit has to wait for the disk.
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(name))
    with open_pool(worker_url, size=2, name="story") as pool:
        yield from set_up(pool)


def set_up(pool: Pool) -> Generator[Stage]:
    """The accounts, the provider, and what workers need to send."""
    for account, token in TOKENS.items():
        add_account(pool, account, token=token)
    payers = [Account(token=token, name=name, senders=SENDERS, balance=RICH) for name, token in TOKENS.items()]
    alerts: list[LoudAlert] = []
    intake = Intake(pool, ConfigurationCache(), SALT)
    with (
        running(accounts=payers) as provider,
        closing(Witness(provider.url, pool)) as witness,
        SerialExecutor(1) as posts,
        httpx.Client(verify=NO_CERTIFICATES, base_url=provider.url) as control,
    ):
        report = partial(append, alerts)
        sender = Sender(pool, intake.cache, witness, Seal([SECRET]), posts, report, lambda: False)
        yield Stage(pool, intake, sender, witness, control, alerts)


def message_of(fields: dict[str, Any]) -> Message:
    return Message(**{name: fields[name] for name in Message.__slots__})


def append(alerts: list[LoudAlert], name: str, facts: Mapping[str, object]) -> None:
    alerts.append((name, facts))
