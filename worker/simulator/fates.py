"""What becomes of a message: walks of statuses by name, and scripts that choose one for messages to come."""

from collections.abc import Mapping
from typing import Literal

from pydantic import NonNegativeFloat, PositiveInt

from worker.simulator.scripts import Script
from worker.simulator.settings import NotEmpty, Phone, Switches

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
Walk = tuple[tuple[NotEmpty, NonNegativeFloat], ...]

#: Why Viber turned a message down, by `rejected_status`.
VIBER_REFUSALS = {
    "not_viber_user": "SRVC_NOT_VIBER_USER",
    "user_blocked": "SRVC_USER_BLOCKED",
    "no_device": "SRVC_NO_SUITABLE_DEVICE",
}
#: What follows `Sent`, where it is more or less than the fate's own name; each status as long after the one before.
_ENDS: Mapping[str, tuple[str, ...]] = {
    "silent": (),
    "read": ("Delivered", "Read"),
    "backwards": ("Delivered", "Sent"),
    "odd_word": ("Teleported",),
}


class Fate(Script):
    """One script, for messages that are created after it, of everybody and with any text unless it names them.

    Attributes:
        sms: what becomes of the SMS: a name, or statuses each with its seconds after the message was due; null is the
            way that the switches set.
        viber: likewise of the Viber message. When it is lost, the SMS of a hybrid goes at once; when it is silent,
            after the hybrid's wait.
    """

    sms: FateName | Walk | None = None
    viber: FateName | Walk | None = None
    recipient: Phone | None = None
    text_contains: str | None = None
    times: PositiveInt | None = None

    def is_for(self, phone: str, *texts: str) -> bool:
        is_for_phone = self.recipient in {None, phone}
        return is_for_phone and (self.text_contains is None or any(self.text_contains in text for text in texts))


def walk_of(fate: FateName | Walk | None, switches: Switches) -> Walk:
    """The statuses after `Queued`, each with its seconds after the message was due."""
    if fate is not None and not isinstance(fate, str):
        return tuple(sorted(fate, key=lambda step: step[1]))
    start = (("Accepted", switches.accepted_after_s), ("Sent", switches.sent_after_s))
    if fate in VIBER_REFUSALS:
        return start[0], ("Rejected", switches.sent_after_s)
    if fate == "stuck":
        return start[:1]
    statuses = _ENDS.get(fate or "", (fate.capitalize() if fate else switches.final_status,))
    return (*start, *((status, switches.final_after_s * nth) for nth, status in enumerate(statuses, start=1)))
