"""The simulator's settings: what the provider's documents leave open, and what a test wants otherwise."""

import re
from decimal import Decimal
from typing import Annotated, Literal

from annotated_types import Ge, Len
from pydantic import AfterValidator, BaseModel, ConfigDict, NonNegativeFloat, NonNegativeInt, PositiveInt

#: Of the account that there is from the start; it opens nothing but the simulator.
DEMO_TOKEN = "simulator-token"  # noqa: S105

_NOT_DIGITS = re.compile(r"\D", re.ASCII)


def digits_of(phone: str) -> str:
    """The number without plus sign, spaces and punctuation."""
    return phone if phone.isascii() and phone.isdecimal() else _NOT_DIGITS.sub("", phone)


NotEmpty = Annotated[str, Len(1)]
Phone = Annotated[str, AfterValidator(digits_of)]


class Strict(BaseModel):
    """What a test gives as JSON: a field of another name or of a wrong value is an error."""

    model_config = ConfigDict(extra="forbid")


class Switches(Strict):
    """How this provider behaves.

    Attributes:
        repeat_shape: what a 507 carries: the earlier rows, the whole earlier envelope, or null.
        keys_honoured: false makes a provider that forgets every `sequence_id`.
        refusals_stored: whether a refusal of a whole request is remembered under its key.
        key_cap: the longest key; a longer one is a 300.
        multi_keys: whose `sequence_id` counts in `message/sendmulti`: each item's, as in `message/send`; only that of
            the whole request, beside the labelled items; or nobody's. A name that means nothing is one more label.
        multi_max: the most items in `message/sendmulti`; more are a 405 (figure and code are ours).
        all_refused_code: the top-level code when every recipient is refused.
        duplicate_window_s: how long the same message to the same phone is a 427; 0 is never.
        duplicate_by: what makes a message the same: its channel, sender and text, or its text alone.
        pace_per_s: requests a second of one account before 438, for `pace_penalty_s`; null is no limit.
        price: UAH for a segment of SMS; what may end as an SMS is paid as one. `viber_price`: for a Viber message.
        ttl_min: the fewest seconds that Viber may be given; fewer are a 409.
        test_messages: how often a test sender may write; more are a 426.
        forbidden_texts: fragments that make a text a 412.
        final_status: where a message ends, by whichever channel, unless a script says otherwise.
        callback_signature: which of the two comes first in what a report's signature is made of.
        callback_words: whether reports name a status `DELIVRD` or, as `message/status` does, `Delivered`.
        callback_steps: whether every status is reported, or only final ones.
        callback_channels: whether a hybrid's reports are of its last channel only, or of both.
        callback_timeout_s: how long a receiver may take before it is hung up on (the figure is ours).
    """

    repeat_shape: Literal["rows", "nested", "null"] = "rows"
    keys_honoured: bool = True
    refusals_stored: bool = False
    key_life_s: NonNegativeFloat = 30 * 24 * 3600
    key_cap: NonNegativeInt = 40
    multi_keys: Literal["item", "request", "ignored"] = "item"
    multi_max: NonNegativeInt = 100
    all_refused_code: Literal[802, 801, 0] = 802
    duplicate_window_s: NonNegativeFloat = 90
    duplicate_by: Literal["sender", "text"] = "sender"
    pace_per_s: PositiveInt | None = None
    pace_penalty_s: NonNegativeFloat = 60
    latency_ms: NonNegativeFloat = 0
    price: Annotated[Decimal, Ge(0)] = Decimal("1.28")
    viber_price: Annotated[Decimal, Ge(0)] = Decimal("0.80")
    ttl_min: NonNegativeInt = 30
    test_messages: NonNegativeInt = 10
    forbidden_texts: tuple[str, ...] = ()
    accepted_after_s: NonNegativeFloat = 1
    sent_after_s: NonNegativeFloat = 2
    final_after_s: NonNegativeFloat = 5
    final_status: Literal[
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
    ] = "Delivered"
    callback_signature: Literal["secret_id", "id_secret"] = "secret_id"
    callback_words: Literal["smpp", "plain"] = "smpp"
    callback_steps: Literal["final", "all"] = "final"
    callback_channels: Literal["last", "all"] = "last"
    callback_timeout_s: NonNegativeFloat = 5
