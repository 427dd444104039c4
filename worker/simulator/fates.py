"""What becomes of a message: walks of statuses by name, and scripts that choose one for messages to come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Gt, Len
from pydantic import ConfigDict, TypeAdapter

from worker.simulator.phone_countries import digits_of
from worker.simulator.settings import Switches

FateName = Literal[
    "delivered",
    "read",
    "expired",
    "undelivered",
    "rejected",
    "failed",
    "cancelled",
    "stuck",
    "silent",
    "backwards",
    "odd_word",
    "not_viber_user",
    "user_blocked",
    "no_device",
]
Step = tuple[Annotated[str, Len(1)], Annotated[float, Ge(0)]]
Walk = tuple[Step, ...]

#: Why Viber turned a message down, as `rejected_status` says it.
VIBER_REFUSALS = {
    "not_viber_user": "SRVC_NOT_VIBER_USER",
    "user_blocked": "SRVC_USER_BLOCKED",
    "no_device": "SRVC_NO_SUITABLE_DEVICE",
}
#: What follows `Sent`, where it is more or less than the fate's own name; each word as long after the one before.
_ENDS: Mapping[str, tuple[str, ...]] = {
    "silent": (),
    "read": ("Delivered", "Read"),
    "backwards": ("Delivered", "Sent"),
    "odd_word": ("Teleported",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """One script, for messages that are created after it.

    Attributes:
        sms: what becomes of the SMS: a name, or statuses each with its seconds after the message was due; null is the
            way that the switches say.
        viber: likewise of the Viber message. When it is lost, the SMS of a hybrid goes at once; when it is silent,
            after the hybrid's wait.
        recipient: whose messages; null is everybody's.
        text_contains: those with this fragment in a text.
        times: for how many messages; null is until cleared.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    sms: FateName | Walk | None = None
    viber: FateName | Walk | None = None
    recipient: str | None = None
    text_contains: str | None = None
    times: Annotated[int, Gt(0)] | None = None


@dataclass(frozen=True, slots=True)
class Doom:
    """A script with the number of messages it has befallen."""

    script: Fate
    fired: int = 0


NO_FATE = Fate()
_FATE = TypeAdapter(Fate)


def read_fate(given: object) -> Fate:
    """The script in a JSON object.

    Raises:
        pydantic.ValidationError: naming each field that is wrong.
    """
    return _FATE.validate_python(given)


def drawn(dooms: Sequence[Doom], phone: str, texts: Sequence[str]) -> tuple[tuple[Doom, ...], Fate]:
    """The scripts after one more message, and its fate: that of the newest live script that is for it."""
    for index in reversed(range(len(dooms))):
        doom = dooms[index]
        if _is_live(doom) and _is_for(doom.script, phone, texts):
            return (*dooms[:index], replace(doom, fired=doom.fired + 1), *dooms[index + 1 :]), doom.script
    return tuple(dooms), NO_FATE


def walk_of(fate: FateName | Walk | None, switches: Switches) -> Walk:
    """The statuses after `Queued`, each with its seconds after the message was due."""
    if fate is not None and not isinstance(fate, str):
        return tuple(sorted(fate, key=lambda step: step[1]))
    end = switches.final_after_s
    start = (("Accepted", switches.accepted_after_s), ("Sent", switches.sent_after_s))
    if fate in VIBER_REFUSALS:
        return start[0], ("Rejected", switches.sent_after_s)
    if fate == "stuck":
        return start[:1]
    statuses = _ENDS.get(fate or "", (fate.capitalize() if fate else switches.final_status,))
    return (*start, *((status, end * nth) for nth, status in enumerate(statuses, start=1)))


def _is_live(doom: Doom) -> bool:
    return doom.script.times is None or doom.fired < doom.script.times


def _is_for(fate: Fate, phone: str, texts: Sequence[str]) -> bool:
    if fate.recipient is not None and digits_of(fate.recipient) != phone:
        return False
    return fate.text_contains is None or any(fate.text_contains in text for text in texts)
