"""Acting on many texts, part by part in transactions of their own: it can be stopped, and nothing is half done."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from worker.core.hands.chosen import Chosen
from worker.core.sending.nudge import NotificationId
from worker.store.db.postgres import Connection, Pool, tried

PART = 1_000


class Act(Protocol):
    """What is done to a part, in one transaction; it counts texts by outcome."""

    def __call__(
        self, connection: Connection, account: str, notification_ids: Sequence[NotificationId]
    ) -> Counter[str]: ...


@dataclass(frozen=True, slots=True)
class Done:
    """What was done: texts by outcome, and those that were not come to once it was stopped."""

    counts: Counter[str] = field(default_factory=Counter[str])
    left: int = 0


def in_parts(
    pool: Pool,
    chosen: Chosen,
    act: Act,
    *,
    dry_run: bool = False,
    is_stopped: Callable[[], bool] = lambda: False,
    on_part: Callable[[int], object] = lambda _: None,
) -> Done:
    """Act on what was chosen, and on nothing else; a dry run does it all and takes it back."""
    counts, seen = Counter[str](), 0
    for account, notification_ids in chosen.parts(PART):
        if is_stopped():
            break

        part = partial(act, account=account, notification_ids=notification_ids)
        counts += tried(pool, part, keeps=lambda _: not dry_run)
        seen += len(notification_ids)
        on_part(len(notification_ids))
    return Done(counts, len(chosen) - seen)
