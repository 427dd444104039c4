"""What one person may get in any hour and any day: a text of 10:00 counts until just before 11:00."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.core.accounts.account import Limits
from worker.core.planning.channel import SMS, dedupe_channel
from worker.core.sending.eligibility import Allowed, Claimed, Decision, Dropped, Postponed
from worker.core.sending.nudge import NotificationId

#: The trigger of rows that somebody sends to see a text arrive: no limit counts them.
TEST_SEND = "test_send"
HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)
HASH_BYTES = 16


@dataclass(frozen=True, slots=True)
class Contact:
    at: datetime
    text_hash: bytes
    notification_id: NotificationId


def text_hash(text: str, channel: str = SMS) -> bytes:
    """Distinguish texts without keeping them: 16 bytes of SHA-256 over the text.

    The same words as an SMS and by Viber are two texts: somebody wants to have them on both.
    """
    dedupe_as = dedupe_channel(channel)
    marked = text if dedupe_as == SMS else f"{dedupe_as}\0{text}"
    return hashlib.sha256(marked.encode()).digest()[:HASH_BYTES]


def counts(row: Claimed) -> bool:
    return row.trigger != TEST_SEND


def sift_people(
    rows: Iterable[Claimed], contacts: Mapping[bytes, Sequence[Contact]], limits: Limits, *, now: datetime
) -> Iterator[tuple[Claimed, Decision]]:
    """Each row with the decision of its person's limits; what is allowed counts for the rows after it.

    A row that is tried again replaces its own contact in `contacts`, so that it counts once.
    """
    known = {key: list(sent) for key, sent in contacts.items()}
    for row in rows:
        others = [
            contact for contact in known.get(row.recipient_key, ()) if contact.notification_id != row.notification_id
        ]
        decision = limit(row.text, others, limits, now=now, channel=row.channel)
        if isinstance(decision, Allowed):
            known[row.recipient_key] = [*others, Contact(now, text_hash(row.text, row.channel), row.notification_id)]
        yield row, decision


def limit(text: str, contacts: Sequence[Contact], limits: Limits, *, now: datetime, channel: str = SMS) -> Decision:
    """Whether one more text may go to somebody with these contacts, in any order; of two waits the longer counts."""
    if not contacts:
        return Allowed()
    same = text_hash(text, channel)
    # No limit is none even where another replica's clock reading lies ahead of ours.
    if limits.same_text and any(
        contact.text_hash == same and contact.at + limits.same_text > now for contact in contacts
    ):
        return Dropped("cancelled", "same_text")
    moments = sorted(contact.at for contact in contacts)
    waits = [
        Postponed(moments[-most] + span, reason)
        for most, span, reason in ((limits.day_max, DAY, "person_day"), (limits.hour_max, HOUR, "person_hour"))
        if len(moments) >= most and moments[-most] + span > now
    ]
    return max(waits, key=lambda wait: wait.until, default=Allowed())
