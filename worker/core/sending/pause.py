"""What is paused: account and provider until a probe succeeds, the rest until a person resumes it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from worker.core.clock.timeouts import BREAK_WAIT, BREAK_WAIT_MAX, PROBE_WAIT, PROBE_WAIT_MAX
from worker.core.sending.send_result import Accepted, Answer, Paused

ACCOUNT = "account"
PROVIDER = "provider"
#: What a single row may try, by and by; the rest waits for a person.
PROBED = frozenset({ACCOUNT, PROVIDER})
RUNAWAY = "runaway"
#: The reason of a pause of an account whose token was lost with its key; only a token ends it.
NO_TOKEN = "no_token"  # noqa: S105 (a reason)
#: The reasons of pauses for a refused sender, of the account and of Viber.
SENDER = "sender"
VIBER_SENDER = "viber_sender"


#: Reasons of pauses in which receipts are polled all the same: only sending is impossible.
ASKED_STILL = frozenset({"money", SENDER})


class Gate(Enum):
    OPEN = "open"
    PROBE = "probe"  # one row, to see whether it may again
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Stop:
    scope: str
    reason: str
    by: str
    code: int | None = None


def of_trigger(trigger: str) -> str:
    return f"trigger/{trigger}"


def of_person(recipient_key: bytes) -> str:
    return f"person/{recipient_key.hex()}"


def probe_wait(scope: str, probes: int) -> timedelta:
    first, longest = (BREAK_WAIT, BREAK_WAIT_MAX) if scope == PROVIDER else (PROBE_WAIT, PROBE_WAIT_MAX)
    return min(first * 2 ** min(probes, 10), longest)


def lifted_by(answer: Answer, phones: Iterable[str], *, is_failure: bool) -> tuple[str, ...]:
    """What a probe's answer ends: any good one the provider's pause, only a message made just now the account's."""
    was_posted = not (isinstance(answer.whole, Paused) and answer.whole.code is None)
    is_made = not answer.adopted and any(isinstance(answer.of(phone), Accepted) for phone in phones)
    lifted = {PROVIDER: was_posted and not is_failure, ACCOUNT: is_made}
    return tuple(scope for scope, is_lifted in lifted.items() if is_lifted)
