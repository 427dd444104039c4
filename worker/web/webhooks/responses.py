"""What TurboSMS is answered. Whatever is not 2xx it posts again: after 1, 3, 5, 10, 15, 20, 30, 60 and 120 minutes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Literal

from worker.steps.receipts.callbacks import CallbackOutcome

Outcome = CallbackOutcome | Literal["not_ours", "too_large", "slow_body", "malformed", "forged", "away", "failed"]

#: Posts of a callback whose message nobody here knows that are sent back. One may come before the answer that names its
#: message is written down, which takes seconds, or minutes where that answer was lost and is asked for again: four
#: posts span nine minutes. Later it is most likely a message of somebody else who sends with the same token, for which
#: TurboSMS would go on for hours; what is ours after all is found by asking for it.
UNKNOWN_TRIES = 3

STATUSES: Mapping[Outcome, HTTPStatus] = MappingProxyType(
    {
        "recorded": HTTPStatus.OK,
        "repeated": HTTPStatus.OK,
        "not_ours": HTTPStatus.OK,
        "unknown": HTTPStatus.NOT_FOUND,
        "rebound": HTTPStatus.CONFLICT,
        "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "slow_body": HTTPStatus.REQUEST_TIMEOUT,
        "malformed": HTTPStatus.BAD_REQUEST,
        "forged": HTTPStatus.FORBIDDEN,
        "away": HTTPStatus.SERVICE_UNAVAILABLE,
        "failed": HTTPStatus.INTERNAL_SERVER_ERROR,
    }
)

MESSAGES: Mapping[Outcome, str] = MappingProxyType(
    {
        "recorded": "Recorded.",
        "repeated": "Recorded before.",
        "not_ours": "This message is not ours.",
        "unknown": "This message is not known yet: try again.",
        "rebound": "This event named another message.",
        "too_large": "The body is too large for a callback.",
        "slow_body": "The body took too long.",
        "malformed": "This is no callback.",
        "forged": "The account or the signature is wrong.",
        "away": "It cannot be written down now: try again.",
        "failed": "It cannot be written down.",
    }
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request, in words for whoever looks into TurboSMS's cabinet."""

    outcome: Outcome
    message: str

    @property
    def status(self) -> HTTPStatus:
        """The code that TurboSMS goes by."""
        return STATUSES[self.outcome]

    @property
    def is_taken(self) -> bool:
        """Whether TurboSMS need not come again."""
        return self.status == HTTPStatus.OK


def answer(outcome: Outcome, detail: str = "") -> Answer:
    """The answer of an outcome."""
    return Answer(outcome, f"{MESSAGES[outcome]} {detail}".strip())


def answer_to(outcome: CallbackOutcome, nth: int) -> Answer:
    """The answer to TurboSMS's nth post of a callback that was heard."""
    return answer("not_ours" if outcome == "unknown" and nth > UNKNOWN_TRIES else outcome)
