"""Outcomes are published account by account in turn, the oldest first, and deleted once RabbitMQ has them.

A lock keeps other schedulers from the same account meanwhile, so that the outcomes of one text leave one after another.
While RabbitMQ is waited for no transaction is open: whoever changes a table waits for none either. A crash between
RabbitMQ's confirm and the delete publishes them again, in the same order.
"""

import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import groupby

from worker.core.clock.timeouts import OUTCOMES_LIFE, OUTCOMES_PATIENCE
from worker.core.outcomes.refusals import Refusals, in_turn
from worker.failpoint import reached
from worker.steps.outcomes.tell import Message, message_of
from worker.store.db.postgres import Connection, Pool, clock, each_alone, transaction
from worker.store.outcomes import outbox
from worker.store.outcomes.outbox import StoredOutcome, Subject
from worker.store.sending import attempts

#: Accounts of one turn, and outcomes of all of them.
ACCOUNTS, AT_ONCE = 50, 500
#: Attempts under way that are many.
MANY = 100
#: Outcomes that one transaction drops.
SLICE = 5_000
#: Publishes them, and says of each whether RabbitMQ has it; None where it did not say.
Offer = Callable[[Sequence[Message]], Sequence[bool | None]]


@dataclass(frozen=True, slots=True)
class Broken:
    """What the program fails on, and how."""

    outcome: StoredOutcome
    error: Exception


@dataclass(frozen=True, slots=True)
class Published:
    """One turn.

    Attributes:
        offered: accounts of which some were offered to RabbitMQ; nothing is known of the others.
        refused: outcomes by account that RabbitMQ did not take; they wait.
        silent: accounts of which RabbitMQ left some unanswered.
        gone: outcomes of texts that are no longer there, or that nobody wants to hear any more.
        broken: outcomes that the program has begun to fail on; they wait for one that does not.
        is_more: whether others may be published at once; a few that come just now have time until the next run.
    """

    published: int = 0
    offered: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
    refused: Counter[str] = field(default_factory=Counter[str])
    gone: int = 0
    broken: Sequence[Broken] = ()
    is_more: bool = False


@dataclass(slots=True)
class Turns:
    """Whose turn it is, and who is left alone for a while because a queue of theirs refuses.

    Attributes:
        silent: accounts whose queue gave no answer: nobody waits for it with them.
        broken: what the program fails on, and leaves alone with all that comes after it: nothing else waits for it.
    """

    refusals: Refusals = field(default_factory=Refusals)
    silent: set[str] = field(default_factory=set[str])
    broken: set[Subject] = field(default_factory=set[Subject])
    last: str = ""

    def round_of(self, waiting: Iterable[str], *, now: float) -> Iterator[list[str]]:
        """Give each that is not left alone one turn, from the one after the last that had one."""
        ready = [account for account in in_turn(list(waiting), self.last) if self.refusals.are_over(account, now=now)]
        for is_silent, group in groupby(ready, key=self.silent.__contains__):
            accounts, size = list(group), 1 if is_silent else ACCOUNTS
            yield from (accounts[first : first + size] for first in range(0, len(accounts), size))

    def note(self, done: Published, *, now: float) -> None:
        """Note whose queue refuses or is silent, as far as they were offered anything."""
        for account in done.offered:
            self.refusals.note(account, is_refused=account in done.refused, now=now)
        self.silent -= done.offered - done.silent
        self.silent |= done.silent
        self.broken |= {(each.outcome.account, each.outcome.subject) for each in done.broken}


def waiting(pool: Pool) -> list[str]:
    """Name the accounts that have something to tell."""
    with each_alone(pool) as connection:
        return outbox.waiting_accounts(connection)


def are_texts_due(pool: Pool) -> bool:
    """Whether so many texts are under way that outcomes had better wait for them."""
    with each_alone(pool) as connection:
        return attempts.under_way(connection, most=MANY) == MANY


def publish(
    pool: Pool, accounts: Sequence[str], turns: Turns, offer: Offer, *, now: float, held_for: timedelta | None = None
) -> Published:
    """Publish some outcomes of these accounts; only those that have waited for so long where they are `held_for` it."""
    turns.last = accounts[-1]
    with holding(pool, accounts) as (connection, own):
        if not own:
            return Published()
        until = None if held_for is None else clock(connection) - held_for
        each = max(1, AT_ONCE // len(own))
        found = outbox.oldest(connection, own, each=each, until=until, broken=turns.broken)
        reached("outcomes_taken")
        published = offered(connection, first_of_each(found), offer)
    turns.note(published, now=now)
    settled = published.published + published.gone + len(published.broken)
    is_any_full = each in Counter(outcome.account for outcome in found).values()
    return replace(published, is_more=settled > 0 and (is_any_full or len(found) > settled))


@contextmanager
def holding(pool: Pool, accounts: Sequence[str]) -> Generator[tuple[Connection, list[str]]]:
    """Keep other schedulers from these accounts, as far as they keep us from none; each statement is done at once."""
    with each_alone(pool) as connection:
        try:
            yield connection, outbox.lock(connection, accounts, OUTCOMES_PATIENCE)
        finally:
            if not connection.closed:
                outbox.unlock(connection)


def offered(connection: Connection, stored: Iterable[StoredOutcome], offer: Offer) -> Published:
    said, broken = messages_of(stored)
    ready = [(each, message) for each, message in said if message is not None]
    gone = [each for each, message in said if message is None]
    # Whoever was frozen until now has lost them to others, and publishes nothing after these.
    outbox.check(connection)
    taken: Sequence[bool | None] = offer([message for _, message in ready]) if ready else ()
    answers = [(each, is_taken) for (each, _), is_taken in zip(ready, taken, strict=True)]
    published = [each for each, is_taken in answers if is_taken]
    if published:
        reached("outcomes_confirmed")
    if settled := [*published, *gone]:
        outbox.delete(connection, settled)
    return Published(
        len(published),
        frozenset(each.account for each, _ in answers),
        frozenset(each.account for each, is_taken in answers if is_taken is None),
        Counter(each.account for each, is_taken in answers if not is_taken),
        len(gone),
        broken,
    )


def messages_of(stored: Iterable[StoredOutcome]) -> tuple[list[tuple[StoredOutcome, Message | None]], list[Broken]]:
    """Say each; one that the program fails on stays where it is, and keeps no other back."""
    said, broken = list[tuple[StoredOutcome, Message | None]](), list[Broken]()
    for each in stored:
        try:
            said.append((each, message_of(each)))
        except Exception as error:  # noqa: BLE001 (whatever it is, CRMs hear of all the others)
            broken.append(Broken(each, error))
    return said, broken


def drop_old(pool: Pool, *, for_s: float) -> int:
    """Drop what nobody took while it was of use, for so long at most, and count it."""
    ends_at = time.monotonic() + for_s
    dropped, count = 0, SLICE
    while count == SLICE and time.monotonic() < ends_at:
        with transaction(pool) as connection:
            count = outbox.drop(connection, before=clock(connection) - OUTCOMES_LIFE, slice_=SLICE)
        dropped += count
    return dropped


def first_of_each(stored: Iterable[StoredOutcome]) -> Iterator[StoredOutcome]:
    """Yield the oldest of each text: the next one of it follows when this one is gone, whatever is refused."""
    seen = set[Subject]()
    for outcome in stored:
        subject = (outcome.account, outcome.subject)
        if subject not in seen:
            seen.add(subject)
            yield outcome
