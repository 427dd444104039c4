"""What is put on a send queue: ids of rows whose moment has come. The rows are the truth; a lost nudge is a delay."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

#: Rows of one account and lane that intake nudges at once; the sweeper brings the rest, account by account.
WINDOW = 200
#: Ids in one message: as many as one POST carries at most.
MESSAGE = 100
#: An account with so many rows of a lane gets messages of its own, for what travels together is claimed together; those
#: with less share messages, for a thousand accounts with one row each must not make a thousand messages.
OWN = 10

NotificationId = tuple[date, int]


def text_id(notification_id: NotificationId) -> str:
    """`2026-11/56`, as commands take it."""
    month, number = notification_id
    return f"{month:%Y-%m}/{number}"


@dataclass(frozen=True, slots=True)
class Nudge:
    lane: str
    notification_ids: tuple[NotificationId, ...]


def nudges(rows: Iterable[tuple[str, str, NotificationId]], *, window: int = WINDOW) -> list[Nudge]:
    """Messages for rows of (account, lane, id): at most `window` of each account and lane."""
    lanes: dict[tuple[str, str], list[NotificationId]] = defaultdict(list)
    for account, lane, notification_id in rows:
        if len(lanes[lane, account]) < window:
            lanes[lane, account].append(notification_id)
    shared: dict[str, list[NotificationId]] = defaultdict(list)
    for (lane, _), notification_ids in lanes.items():
        if len(notification_ids) < OWN:
            shared[lane] += notification_ids
    own = [(lane, notification_ids) for (lane, _), notification_ids in lanes.items() if len(notification_ids) >= OWN]
    return [
        Nudge(lane, tuple(notification_ids[first : first + MESSAGE]))
        for lane, notification_ids in [*own, *shared.items()]
        for first in range(0, len(notification_ids), MESSAGE)
    ]
