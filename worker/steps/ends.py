"""Texts that ended and letters that were kept, as they are reported: with what they are called by."""

from collections.abc import Container, Iterable
from typing import NamedTuple

from worker.core.sending.notification_states import ENDS
from worker.core.sending.nudge import NotificationId
from worker.steps.effects import Buried, Ended
from worker.store.db.postgres import Connection
from worker.store.ingest.dead_letters import DeadLetter
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


def buried(dead_letter: DeadLetter) -> Buried:
    return Buried(
        dead_letter.letter_kind,
        dead_letter.reason,
        dead_letter.account,
        dead_letter.event_id,
        dead_letter.event_type,
        dead_letter.notification,
    )
