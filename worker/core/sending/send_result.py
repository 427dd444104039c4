"""What a provider's answer means for one recipient, as a value; turbosms/codes has the codes for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

#: The reason of a refusal that asks for a slower pace (438).
RATE_LIMITED = "rate_limited"
#: What a refusal speaks against: the Viber part of a message, whose SMS may yet go; a person on a stop-list.
VIBER_PART, STOPPED = "viber_part", "stopped"


@dataclass(frozen=True, slots=True)
class Accepted:
    message_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """This message can never be sent as it is; `against` is VIBER_PART or STOPPED where only that is refused."""

    reason: str
    code: int | None = None
    against: str | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """A definite refusal that time heals: nothing was created; `against` is as of a refusal for good."""

    reason: str
    wait: timedelta
    code: int | None = None
    against: str | None = None


@dataclass(frozen=True, slots=True)
class Paused:
    """The account cannot send until a person or a probe has put it right (money, token, sender)."""

    reason: str
    code: int | None = None


@dataclass(frozen=True, slots=True)
class Repeated:
    """The provider has made this message before, under an unknown id."""

    reason: str
    code: int | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Whether the message was created is unknown: only a repeat under the same key may find out."""

    reason: str
    code: int | None = None


Outcome = Accepted | Refused | Later | Paused | Repeated | Unknown
#: Every class that `Answer.outcome_class` gives.
OUTCOME_CLASSES = ("accepted", "refused", "later", "paused", "repeated", "unknown", "mixed")


@dataclass(frozen=True, slots=True)
class Answer:
    """An outcome for the whole request, or by phone (digits only, as `380671234567`).

    `adopted`: it repeats the answer to an earlier POST of the same key (507).
    """

    whole: Outcome
    rows: Mapping[str, Outcome]
    adopted: bool = False

    def of(self, phone: str) -> Outcome:
        return self.rows.get(phone, self.whole)

    def outcome_class(self, phones: Iterable[str]) -> str:
        types = {type(self.of(phone)).__name__.lower() for phone in phones}
        return types.pop() if len(types) == 1 else "mixed"

    @property
    def is_limited(self) -> bool:
        outcomes = (self.whole, *self.rows.values())
        return any(isinstance(outcome, Later) and outcome.reason == RATE_LIMITED for outcome in outcomes)

    @property
    def codes(self) -> set[int]:
        codes = (getattr(outcome, "code", None) for outcome in (self.whole, *self.rows.values()))
        return {code for code in codes if code is not None}
