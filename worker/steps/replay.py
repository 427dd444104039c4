"""A dead letter's second chance: an event is accepted under its own id, a failed notification is planned anew.

Neither can double what was sent: an event's id and a notification's key let each in once, and only a row that is
still `failed`, which was never POSTed, is planned.
"""

from __future__ import annotations

from dataclasses import dataclass

from worker.core.delivery import Delivery
from worker.core.nudge import Place
from worker.steps.accept import accept
from worker.steps.plan import Intake
from worker.store import desk, moves
from worker.store.desk import Letter
from worker.store.moves import Move
from worker.store.postgres import clock, transaction


@dataclass(frozen=True, slots=True)
class Replayed:
    """It went in; the letter is closed. A repeat had gone in before."""

    notifications: int
    is_repeat: bool = False


@dataclass(frozen=True, slots=True)
class RefusedAgain:
    """It was refused once more; the letter stays open."""

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class CannotBeReplayed:
    """There is nothing to replay, or not enough of it; the letter stays as it is."""

    why: str


Outcome = Replayed | RefusedAgain | CannotBeReplayed


def replay(intake: Intake, letter: Letter, *, by: str) -> Outcome:
    """Give one letter its second chance; `by` is who asked.

    Raises:
        Exception: PostgreSQL cannot take it now; the letter stays open and may be replayed again.
    """
    why_not = obstacle(letter)
    if why_not:
        return CannotBeReplayed(why_not)
    if letter.place:
        return plan_anew(intake, letter, letter.place, by=by)
    return accept_again(intake, letter, letter.body or b"", by=by)


def obstacle(letter: Letter) -> str | None:
    """Why a letter cannot be replayed, or None."""
    if letter.listed.state != "open":
        return f"it is {letter.listed.state} already, by {letter.listed.closed_by}"
    match letter.listed.kind:
        case "message":
            return "it held ids only, and the sweeper finds their rows without it; drop it"
        case "event" if letter.body is None:
            return f"only its head was kept, for it has {letter.size} bytes; the CRM must publish it anew, smaller"
        case _:
            return None


def accept_again(intake: Intake, letter: Letter, body: bytes, *, by: str) -> Outcome:
    """Accept the stored bytes with the stored routing key, as if they came from their queue."""
    [accepted] = accept(intake, [Delivery(body, letter.routing_key or "", letter.queue or "")])
    with transaction(intake.pool) as connection:
        if accepted.refused:
            found = desk.newest_of(connection, letter) or (0, letter.listed.reason, letter.listed.detail)
            return RefusedAgain(found[1], found[2])
        desk.close(connection, letter.listed.id, state="replayed", by=by, why=None, now=clock(connection))
    return Replayed(accepted.planned + accepted.postponed + accepted.skipped, is_repeat=accepted.repeats > 0)


def plan_anew(intake: Intake, letter: Letter, place: Place, *, by: str) -> Outcome:
    """Plan a notification that failed before its POST, and close the letter, in one transaction."""
    with transaction(intake.pool) as connection:
        now = clock(connection)
        state = desk.notification_state(connection, place)
        if state != "failed":
            gone = "its notification is gone" if state is None else f"its notification is {state}, no longer failed"
            return CannotBeReplayed(f"{gone}; drop the letter")
        moves.apply(connection, [Move(place, "failed", "planned", due_at=now)], actor="operator", now=now)
        desk.close(connection, letter.listed.id, state="replayed", by=by, why=None, now=now)
    return Replayed(1)
