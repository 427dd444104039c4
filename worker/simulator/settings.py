"""The simulator's settings: what the provider's documents leave open, and what a test wants otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge
from pydantic import ConfigDict, TypeAdapter

#: Of the account that there is from the start; it opens nothing but the simulator.
DEMO_TOKEN = "simulator-token"  # noqa: S105

RepeatShape = Literal["rows", "nested", "null"]
MultiKeys = Literal["item", "request", "ignored"]
DuplicateBy = Literal["sender", "text"]
Status = Literal[
    "Queued",
    "Accepted",
    "Sent",
    "Delivered",
    "Read",
    "Expired",
    "Undelivered",
    "Rejected",
    "Failed",
    "Cancelled",
    "Unknown",
]

_Natural = Annotated[int, Ge(0)]
_Seconds = Annotated[float, Ge(0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """How this provider behaves.

    Attributes:
        repeat_shape: what a 507 carries: the earlier rows, the whole earlier envelope, or null.
        keys_honoured: false makes a provider that forgets every `sequence_id`.
        refusals_stored: whether a refusal of a whole request is remembered under its key.
        key_life_s: how long a key is remembered.
        key_cap: the longest key; a longer one is a 300.
        multi_keys: whose `sequence_id` counts in `message/sendmulti`: each item's, as in `message/send`; only that of
            the whole request, beside the labelled items; or nobody's. A name that means nothing is one more label.
        multi_max: the most items in `message/sendmulti`; more are a 405 (figure and code are ours).
        all_refused_code: the top-level code when every recipient is refused.
        duplicate_window_s: how long the same message to the same phone is a 427; 0 is never.
        duplicate_by: what makes a message the same: its channel, sender and text, or its text alone.
        pace_per_s: requests a second of one account before 438; null is no limit.
        pace_penalty_s: how long 438 lasts.
        latency_ms: the delay of every answer.
        price: UAH for a segment of SMS; what may end as an SMS is paid as one.
        viber_price: UAH for a Viber message.
        ttl_min: the fewest seconds that Viber may be given; fewer are a 409.
        test_messages: how often a test sender may write; more are a 426.
        forbidden_texts: fragments that make a text a 412.
        accepted_after_s, sent_after_s, final_after_s: when a message's status moves on.
        final_status: where it ends, by whichever channel, unless a script of its own says otherwise.
        callback_signature: which of the two comes first in what a report's signature is made of.
        callback_words: whether reports say `DELIVRD` or, as `message/status` does, `Delivered`.
        callback_steps: whether every status is reported, or only those that end a walk.
        callback_legs: whether a hybrid's reports are of its last channel only, or of both.
        callback_timeout_s: how long a receiver may take before it is hung up on (the figure is ours).
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    repeat_shape: RepeatShape = "rows"
    keys_honoured: bool = True
    refusals_stored: bool = False
    key_life_s: _Seconds = 30 * 24 * 3600
    key_cap: _Natural = 40
    multi_keys: MultiKeys = "item"
    multi_max: _Natural = 100
    all_refused_code: Literal[802, 801, 0] = 802
    duplicate_window_s: _Seconds = 90
    duplicate_by: DuplicateBy = "sender"
    pace_per_s: Annotated[int, Ge(1)] | None = None
    pace_penalty_s: _Seconds = 60
    latency_ms: _Seconds = 0
    price: Annotated[Decimal, Ge(0)] = Decimal("1.28")
    viber_price: Annotated[Decimal, Ge(0)] = Decimal("0.80")
    ttl_min: _Natural = 30
    test_messages: _Natural = 10
    forbidden_texts: tuple[str, ...] = ()
    accepted_after_s: _Seconds = 1
    sent_after_s: _Seconds = 2
    final_after_s: _Seconds = 5
    final_status: Status = "Delivered"
    callback_signature: Literal["secret_id", "id_secret"] = "secret_id"
    callback_words: Literal["smpp", "plain"] = "smpp"
    callback_steps: Literal["final", "all"] = "final"
    callback_legs: Literal["last", "all"] = "last"
    callback_timeout_s: _Seconds = 5


_SWITCHES = TypeAdapter(Switches)


def changed(switches: Switches, changes: Mapping[str, object]) -> Switches:
    """The switches with some set anew.

    Raises:
        pydantic.ValidationError: an unknown switch, or a value it cannot have.
    """
    return _SWITCHES.validate_python(asdict(switches) | dict(changes))


def as_json(switches: Switches) -> Mapping[str, object]:
    """The switches as JSON, money as a number."""
    return asdict(switches) | {"price": float(switches.price), "viber_price": float(switches.viber_price)}
