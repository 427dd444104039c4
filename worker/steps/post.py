"""The POST of stored bytes and the record of its answer. What is not answered is left to its lease."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from worker.core.notification import LEASE_LEFT_MIN
from worker.core.outcome import Answer, Paused
from worker.core.settlement import Attempt, Ignore, Keep, Settle, Verdict, late, settlement
from worker.store import accounts, attempts, moves, pauses
from worker.store.attempts import Stored
from worker.store.configuration import ConfigurationCache
from worker.store.moves import Move
from worker.store.postgres import Connection, Pool, clock, transaction
from worker.store.secrets import Seal
from worker.turbosms.answer import answer_of
from worker.turbosms.client import TurboSms
from worker.turbosms.codes import code_of, is_loud

Alert = Callable[[str, dict[str, object]], None]


@dataclass(frozen=True, slots=True)
class Sender:
    """What sending needs; `alert` is told what an operator must see at once."""

    pool: Pool
    cache: ConfigurationCache
    provider: TurboSms
    seal: Seal
    posts: ThreadPoolExecutor
    alert: Alert


def post_all(sender: Sender, account: str, stored: Sequence[Stored]) -> int:
    """POST every attempt, several at once, and record each answer; the answer counts settled attempts."""
    if not stored:
        return 0
    with transaction(sender.pool) as connection:
        token = sender.seal.open(accounts.sealed_token(connection, account))
        left = min(attempt.leased_until for attempt in stored) - clock(connection)
    if left < LEASE_LEFT_MIN:
        return 0
    return sum(sender.posts.map(partial(post, sender, token), stored))


def post(sender: Sender, token: str, stored: Stored) -> bool:
    """One POST and its record; True when the attempt is settled."""
    reply = sender.provider.send(stored.body, token=token)
    answer = answer_of(reply, stored.phones)
    for code in sorted(filter(is_loud, answer.codes)):
        sender.alert("provider.unexpected", {"attempt": stored.key, "code": code, "name": code_of(code).name})
    return record(sender, stored, answer)


def record(sender: Sender, stored: Stored, answer: Answer) -> bool:
    """Write down what an answer means, in one transaction."""
    with transaction(sender.pool) as connection:
        loaded = attempts.load(connection, stored.month, stored.key, held=stored.lease)
        if loaded is None:
            return False
        now = clock(connection)
        attempt = loaded.attempt
        if attempt.is_settled:
            write(sender, connection, attempt, late(attempt, answer, now=now), now=now)
            return True
        match settlement(attempt, answer, now=now):
            case Settle() as settled:
                settle(sender, connection, attempt, settled, now=now)
                return True
            case Keep(until=until, reason=reason, pause=pause):
                attempts.keep(connection, attempt, until=until)
                halt(sender, connection, attempt, pause, now=now)
                sender.alert("attempt.in_doubt", {"account": attempt.account, "attempt": attempt.key, "reason": reason})
                return False
            case Ignore():
                return False


def settle(sender: Sender, connection: Connection, attempt: Attempt, settled: Settle, *, now: datetime) -> None:
    """The attempt is over: its rows leave `sending` together."""
    write(sender, connection, attempt, settled.verdicts, now=now)
    attempts.settle(connection, attempt, outcome=settled.outcome, code=settled.code, now=now)
    halt(sender, connection, attempt, settled.pause, now=now)


def write(
    sender: Sender, connection: Connection, attempt: Attempt, verdicts: Sequence[Verdict], *, now: datetime
) -> None:
    """Move the rows and keep the provider's ids."""
    wanted = [Move(item.row.place, item.row.state, item.state, item.reason, item.due_at) for item in verdicts]
    moves.apply(connection, wanted, actor="record", now=now)
    if attempts.name(connection, attempt, verdicts, now=now):
        sender.alert("message_id.repeated", {"account": attempt.account, "attempt": attempt.key})


def halt(sender: Sender, connection: Connection, attempt: Attempt, pause: Paused | None, *, now: datetime) -> None:
    """Pause the account where the answer asks for it, with one alert."""
    if pause and pauses.pause(
        connection, attempt.account, reason=pause.reason, code=pause.code, by="provider", now=now
    ):
        sender.alert("account.paused", {"account": attempt.account, "reason": pause.reason, "code": pause.code})
