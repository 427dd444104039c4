"""Which texts may be sent again by hand, and how sure it is that the first did not arrive."""

from dataclasses import dataclass
from datetime import timedelta

from worker.core.contract.event import short_hash
from worker.core.sending.nudge import NotificationId

#: TurboSMS has it, or may have it: whoever gets it again may get it twice.
MAY_HAVE_ARRIVED = frozenset({"sending", "unconfirmed", "accepted", "sent", "delivered", "read"})
#: Nobody got it.
DID_NOT_ARRIVE = frozenset({"undelivered", "refused", "failed", "expired", "cancelled", "skipped"})
#: How long a text whose time was over may still be sent, once a person has decided so.
LONGER = timedelta(hours=24)


def key_of_resend(first: NotificationId) -> bytes:
    """The key of the one text that may take the place of the first: who asks twice gets it once."""
    month, number = first
    return short_hash(b"resend", month.isoformat().encode(), str(number).encode())


@dataclass(frozen=True, slots=True)
class Terms:
    """Who asked, which states were agreed to, and how many texts it is about in all."""

    by: str
    states: frozenset[str]
    texts: int
