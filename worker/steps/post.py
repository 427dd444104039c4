"""The POST of stored bytes and the record of its answer. What is not answered is left to its lease."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from worker.core.outcome import Answer
from worker.core.waits import LEASE_LEFT_MIN
from worker.failpoint import reached
from worker.steps.record import Alert, record
from worker.store.attempts import Stored
from worker.store.configuration import ConfigurationCache
from worker.store.postgres import Pool, committed, is_culprits
from worker.store.secrets import Seal
from worker.turbosms.answer import answer_of
from worker.turbosms.client import TurboSms
from worker.turbosms.codes import code_of, is_loud

#: PostgreSQL may be away just when an answer has come: it is held this long between two tries to write it down.
RECORD_WAIT_S = 0.5

Tell = Callable[[str, dict[str, object]], None]


@dataclass(frozen=True, slots=True)
class Sender:
    """What sending needs.

    Attributes:
        tell: told what an operator must see at once.
        is_ending: whether this process is to end; then nothing new is claimed, and what is claimed is POSTed.
    """

    pool: Pool
    cache: ConfigurationCache
    provider: TurboSms
    seal: Seal
    posts: ThreadPoolExecutor
    tell: Tell
    is_ending: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Held:
    """An attempt in our hands; `until` is the end of its lease on this machine's steady clock, in seconds."""

    stored: Stored
    token: str
    until: float


def post_all(sender: Sender, held: Sequence[Held]) -> int:
    """POST every attempt, several at once, and record each answer; the answer counts settled attempts."""
    return sum(sender.posts.map(partial(post, sender), held))


def post(sender: Sender, held: Held) -> bool:
    """One POST and its record; True when the attempt is settled."""
    if held.until - time.monotonic() < LEASE_LEFT_MIN.total_seconds():
        return False
    stored = held.stored
    answer = answer_of(sender.provider.send(stored.body, token=held.token), stored.phones)
    reached("answered")
    for code in sorted(filter(is_loud, answer.codes)):
        sender.tell("provider.unexpected", {"attempt": stored.key, "code": code, "name": code_of(code).name})
    return record_while_held(sender, held, answer)


def record_while_held(sender: Sender, held: Held, answer: Answer) -> bool:
    """Write an answer down, again and again while PostgreSQL is away and the lease is ours.

    Raises:
        Exception: PostgreSQL did not take it in time; the sweeper will ask the provider for it.
    """
    while True:
        alerts: list[Alert] = []
        try:
            settled = committed(sender.pool, partial(record, held.stored, answer, alerts))
        except Exception as error:
            if is_culprits(error) or time.monotonic() > held.until:
                raise
            time.sleep(RECORD_WAIT_S)
            continue
        reached("recorded")
        for name, facts in alerts:
            sender.tell(name, facts)
        return settled
