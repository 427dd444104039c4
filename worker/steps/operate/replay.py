"""A dead letter's second chance: an event is accepted under its own id, a failed notification is planned anew.

One that lacked a value is also written anew. Neither can double what was sent: an event's id and a notification's key
let each in once, and only a row that is still `failed`, which was never POSTed, is planned.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from worker.core.accounts.account import Account
from worker.core.contract.event import Malformed, read
from worker.core.contract.inbound_message import Delivery
from worker.core.planning.draft import MISSING_VALUE, Draft, drafts
from worker.core.sending.nudge import NotificationId
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake, what_lacks
from worker.store import transitions
from worker.store.db.postgres import clock, transaction
from worker.store.ingest import dead_letter_list, notifications
from worker.store.ingest.dead_letter_list import KeptDeadLetter, Source
from worker.store.ingest.dead_letters import TOO_MANY
from worker.store.ingest.notifications import NewNotification
from worker.store.transitions import Move


@dataclass(frozen=True, slots=True)
class Replayed:
    """It was accepted, and the letter is closed; a repeat had been accepted before."""

    notifications: int
    is_repeat: bool = False


@dataclass(frozen=True, slots=True)
class RefusedAgain:
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class CannotBeReplayed:
    """There is nothing to replay, or not enough of it; the letter stays as it is."""

    why: str


Outcome = Replayed | RefusedAgain | CannotBeReplayed


def replay(intake: Intake, dead_letter: KeptDeadLetter, *, by: str) -> Outcome:
    """Replay one letter; `by` is who asked.

    Raises:
        Exception: PostgreSQL cannot take it now; the letter stays open and may be replayed again.
    """
    why_not = obstacle(dead_letter)
    if why_not:
        return CannotBeReplayed(why_not)
    if dead_letter.notification_id and dead_letter.summary.reason == MISSING_VALUE:
        return write_anew(intake, dead_letter, dead_letter.notification_id, by=by)
    if dead_letter.notification_id:
        return plan_anew(intake, dead_letter, dead_letter.notification_id, by=by)
    return accept_again(intake, dead_letter, dead_letter.body or b"", by=by)


def obstacle(dead_letter: KeptDeadLetter) -> str | None:
    if dead_letter.summary.state != "open":
        return f"it is {dead_letter.summary.state} already, by {dead_letter.summary.closed_by}"
    match dead_letter.summary.kind:
        case "message":
            return "it held ids only, and the sweeper finds their rows without it; drop it"
        case "event" if dead_letter.summary.reason == TOO_MANY:
            return "it only counts those that had no room; drop it"
        case "event" if dead_letter.body is None:
            return f"only its head was kept, for it has {dead_letter.size} bytes; the CRM must publish it anew"
        case _:
            return None


def accept_again(intake: Intake, dead_letter: KeptDeadLetter, body: bytes, *, by: str) -> Outcome:
    [accepted] = accept(intake, [Delivery(body, dead_letter.routing_key or "", dead_letter.queue or "")])
    with transaction(intake.pool) as connection:
        if accepted.refused:
            summary = dead_letter.summary
            newest = dead_letter_list.newest_of(connection, dead_letter)
            _, reason, detail = newest or (summary.id, summary.reason, summary.detail)
            return RefusedAgain(reason, detail)
        dead_letter_list.close(
            connection, dead_letter.summary.id, state="replayed", by=by, why=None, now=clock(connection)
        )
    return Replayed(accepted.planned + accepted.postponed + accepted.skipped, is_repeat=accepted.repeats > 0)


def plan_anew(intake: Intake, dead_letter: KeptDeadLetter, notification_id: NotificationId, *, by: str) -> Outcome:
    """Plan a notification that failed before its POST, and close the letter, in one transaction."""
    with transaction(intake.pool) as connection:
        now = clock(connection)
        state = dead_letter_list.notification_state(connection, notification_id)
        if state != "failed":
            return not_failed(state)
        transitions.apply(
            connection, [Move(notification_id, "failed", "planned", due_at=now)], actor="operator", now=now
        )
        dead_letter_list.close(connection, dead_letter.summary.id, state="replayed", by=by, why=None, now=now)
    return Replayed(1)


def write_anew(intake: Intake, dead_letter: KeptDeadLetter, notification_id: NotificationId, *, by: str) -> Outcome:
    """Render a text with the current template, plan it, and close the letter, in one transaction."""
    with transaction(intake.pool) as connection:
        configuration, now = intake.cache.look(connection)
        source = dead_letter_list.source(connection, notification_id)
        account = configuration.accounts.get(dead_letter.summary.account or "")
        if source is None or source.state != "failed":
            return not_failed(source and source.state)
        draft = account and draft_of(source, account, salt=intake.salt, now=now)
        if not draft:
            return CannotBeReplayed("its trigger is off or goes another way by now; drop the letter")
        if draft.state == "failed":
            return RefusedAgain(MISSING_VALUE, what_lacks(draft))
        if not notifications.revive(connection, [NewNotification(source.event, draft)], month=source.month, now=now):
            return CannotBeReplayed(f"it would be {draft.state} now ({draft.reason}); drop the letter")
        dead_letter_list.close(connection, dead_letter.summary.id, state="replayed", by=by, why=None, now=now)
    return Replayed(1)


def draft_of(source: Source, account: Account, *, salt: bytes, now: datetime) -> Draft | None:
    """Draft what its event asks for now, for the same person and fact; due at once.

    Stop-list and consent are checked when it is claimed.
    """
    event = read(source.body, routing_key=source.routing_key, now=now)
    if isinstance(event, Malformed):
        return None
    agreed = (draft.agreed() for draft in drafts(event, account, salt=salt, now=now) if source.is_of(draft))
    return next((replace(draft, due_at=now) if draft.state == "planned" else draft for draft in agreed), None)


def not_failed(state: str | None) -> CannotBeReplayed:
    text = "its notification is no longer there" if state is None else f"its notification is {state}, no longer failed"
    return CannotBeReplayed(f"{text}; drop the letter")
