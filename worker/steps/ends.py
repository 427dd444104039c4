"""Texts that ended and letters that were kept, as they are reported: with what they are called by."""

from collections.abc import Collection, Container, Iterable
from datetime import datetime
from typing import NamedTuple

from worker.core.sending.notification_states import ENDS
from worker.core.sending.nudge import NotificationId
from worker.steps.effects import Buried, Ended
from worker.store.db.postgres import Connection
from worker.store.ingest.dead_letters import DeadLetter
from worker.store.receipts import receipts
from worker.store.sending.text_names import names_of
from worker.store.transitions import Move


class Ending(NamedTuple):
    """A text, the state that it came into, and why."""

    notification_id: NotificationId
    state: str
    reason: str | None


def ended_ones(connection: Connection, endings: Iterable[Ending]) -> tuple[Ended, ...]:
    """Name texts that ended in this transaction; few do but by TurboSMS's word, whose steps know the names."""
    over = [ending for ending in endings if ending.state in ENDS]
    names = names_of(connection, (ending.notification_id for ending in over))
    return tuple(
        Ended(name.account, name.trigger, notification_id, name.event, state, reason)
        for notification_id, state, reason in over
        if (name := names.get(notification_id))
    )


def ended_by(connection: Connection, moves: Iterable[Move], made: Container[NotificationId]) -> tuple[Ended, ...]:
    endings = (Ending(move.notification_id, move.after, move.reason) for move in moves if move.notification_id in made)
    return ended_ones(connection, endings)


def given_up(
    connection: Connection,
    notification_ids: Collection[NotificationId],
    reason: str,
    *,
    actor: str = "collect",
    now: datetime,
) -> tuple[Ended, ...]:
    """Ask for receipts of these texts no more; name those of them that nobody holds."""
    silent = receipts.give_up(connection, notification_ids, reason, actor=actor, now=now)
    return ended_ones(connection, (Ending(notification_id, state, reason) for notification_id, state in silent))


def buried(dead_letter: DeadLetter) -> Buried:
    return Buried(
        dead_letter.letter_kind,
        dead_letter.reason,
        dead_letter.account,
        dead_letter.event_id,
        dead_letter.event_type,
        dead_letter.notification,
    )
