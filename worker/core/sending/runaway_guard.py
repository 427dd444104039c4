"""Stop a trigger or a person far above their busiest hour, or span of 24 hours, of a fortnight."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from worker.core.sending.eligibility import Claimed
from worker.core.sending.frequency_cap import DAY, Contact
from worker.core.sending.nudge import NotificationId

#: Far above a habit is more than so many times as much.
FACTOR = 5
#: How many days a habit is made of, the running one among them.
HABIT_DAYS = 14


def runs_away(today: int, busiest: int, *, floor: int, factor: int = FACTOR) -> bool:
    return today > max(floor, factor * busiest)


def runaways(
    rows: Iterable[Claimed], contacts: Mapping[bytes, Sequence[Contact]], now: datetime, *, floor: int
) -> set[bytes]:
    """The recipient keys that run away once these rows are sent too; a row that was sent already counts once.

    Up to `floor` texts in a day nobody does, however little they got before.
    """
    claimed: dict[bytes, set[NotificationId]] = defaultdict(set)
    for row in rows:
        claimed[row.recipient_key].add(row.notification_id)
    today = {
        key: len(notification_ids | contacted_today(contacts.get(key, ()), now))
        for key, notification_ids in claimed.items()
    }
    above = {key: texts for key, texts in today.items() if texts > floor}
    return {
        key for key, texts in above.items() if runs_away(texts, busiest_day(contacts.get(key, ()), now), floor=floor)
    }


def contacted_today(contacts: Iterable[Contact], now: datetime) -> set[NotificationId]:
    """Contacts of the last 24 hours; one that is exactly 24 hours old belongs to the day before."""
    return {contact.notification_id for contact in contacts if now - contact.at < DAY}


def busiest_day(contacts: Iterable[Contact], now: datetime) -> int:
    days = Counter((now - contact.at) // DAY for contact in contacts)
    return max(days[day] for day in range(1, HABIT_DAYS))
