"""A dead letter's second chance: an event is accepted under its own id, a failed notification is planned anew.

One that lacked a value is also written anew. Neither can double what was sent: an event's id and a notification's key
let each in once, and only a row that is still `failed`, which was never POSTed, is planned. A letter is replayed in one
transaction, of which nothing stays where it is refused again or only tried.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from worker.core.accounts.account import Account
from worker.core.contract.event import Malformed, read
from worker.core.contract.inbound_message import Delivery
from worker.core.planning.draft import MISSING_VALUE, Draft, drafts
from worker.core.sending.nudge import NotificationId, text_id
from worker.language import _, marked
from worker.steps.ingest.parse import Prepared, prepare
from worker.steps.ingest.plan import Accepted, Intake, plan, what_lacks
from worker.store import transitions
from worker.store.audit import audit
from worker.store.db.postgres import Connection, clock, is_caused_by_input, transaction, tried
from worker.store.hands import resends
from worker.store.ingest import dead_letter_list, dead_letter_replay, notifications
from worker.store.ingest.dead_letter_list import KeptDeadLetter
from worker.store.ingest.dead_letter_replay import Closing, Source
from worker.store.ingest.dead_letters import TOO_MANY, hash_of
from worker.store.ingest.notifications import NewNotification
from worker.store.transitions import Move

BROKEN = "failed"
CLOSED_MEANWHILE = marked("somebody closed it a moment ago")


@dataclass(frozen=True, slots=True)
class Replay:
    """How letters are replayed.

    Attributes:
        by: who asked.
        is_trial: whether everything is taken back, so that only the outcome is learned.
        as_of: when they were chosen; what was edited since is left alone.
        body: replaces what a letter's event is, if it is accepted so.
    """

    by: str
    is_trial: bool = False
    as_of: datetime | None = None
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Replayed:
    """It was accepted, and the letter is closed; a repeat had been accepted before.

    Attributes:
        texts: notifications by the state that they begin in.
    """

    texts: Mapping[str, int] = field(default_factory=dict[str, int])
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


def replay(intake: Intake, number: int, how: Replay) -> Outcome:
    """Replay one letter.

    Raises:
        Exception: PostgreSQL cannot take it now; the letter stays open and may be replayed again.
    """
    with transaction(intake.pool) as connection:
        dead_letter = dead_letter_list.load(connection, number)
    if dead_letter is None:
        return CannotBeReplayed(_("it is no longer there"))
    why_not = obstacle(dead_letter, how)
    if why_not:
        return CannotBeReplayed(why_not)
    try:
        return attempt(intake, dead_letter, how)
    except Exception as error:
        if not is_caused_by_input(error):
            raise
        return RefusedAgain(BROKEN, f"{type(error).__name__} while it was being accepted.")


def obstacle(dead_letter: KeptDeadLetter, how: Replay) -> str | None:
    summary = dead_letter.summary
    if summary.state != "open":
        return _("it is {state} already, by {name}", state=summary.state, name=summary.closed_by)
    if how.as_of and summary.edited_at and summary.edited_at > how.as_of:
        return _("{name} edited it after you were shown it; look at it again", name=summary.edited_by)
    return nothing_in(dead_letter, how)


def nothing_in(dead_letter: KeptDeadLetter, how: Replay) -> str | None:
    """Why there is nothing in a letter that could be replayed."""
    summary = dead_letter.summary
    match summary.kind:
        case "message":
            return _("it held ids only, and the sweeper finds their rows without it; drop it")
        case "event" if summary.reason == TOO_MANY:
            return _("it only counts those that had no room; drop it")
        case "event" if how.body is None and dead_letter.newest_body is None:
            return _(
                "only its head was kept, for it has {size} bytes; give it whole: dead replay --body",
                size=dead_letter.size,
            )
        case "job" if how.body is not None:
            return _("it is a notification, whose event was accepted; only an event has a body to replace")
        case _:
            return None


def attempt(intake: Intake, dead_letter: KeptDeadLetter, how: Replay) -> Outcome:
    act: Callable[[Connection], Outcome]
    if dead_letter.notification_id is None:
        act = accepting(intake, dead_letter, how)
    elif dead_letter.summary.reason == MISSING_VALUE:
        act = partial(write_anew, intake, dead_letter, dead_letter.notification_id, how)
    else:
        act = partial(plan_anew, dead_letter, dead_letter.notification_id, how)
    return tried(intake.pool, act, keeps=lambda outcome: isinstance(outcome, Replayed) and not how.is_trial)


def accepting(intake: Intake, dead_letter: KeptDeadLetter, how: Replay) -> Callable[[Connection], Outcome]:
    """Parse an event as it is now, before its transaction."""
    body = dead_letter.newest_body if how.body is None else how.body
    delivery = Delivery(body or b"", dead_letter.routing_key or "", dead_letter.queue or "")
    configuration, now = intake.cache.fresh(intake.pool)
    prepared = prepare(configuration, [delivery], salt=intake.salt, now=now)
    return partial(accept_again, prepared, delivery, dead_letter, how)


def accept_again(
    prepared: Prepared, delivery: Delivery, dead_letter: KeptDeadLetter, how: Replay, connection: Connection
) -> Outcome:
    summary, now = dead_letter.summary, prepared.now
    if not dead_letter_replay.lock(connection, summary.id):
        return CannotBeReplayed(_(CLOSED_MEANWHILE))
    if how.body is not None and not keep_edited(connection, dead_letter, how.body, by=how.by, now=now):
        return CannotBeReplayed(_("somebody edited it a moment ago; look at it again"))
    keys = list(prepared.batch.firsts)
    accepted = plan(prepared, [delivery], connection)
    if accepted.refused:
        refused = dead_letter_replay.refused_now(connection, hashes_of(prepared, delivery), now=now)
        return RefusedAgain(*(refused or (summary.reason, summary.detail)))
    event = dead_letter_replay.event_of(connection, keys[0])
    replayed = Replayed(texts_of(accepted), is_repeat=accepted.repeats > 0)
    return close(connection, dead_letter, how, replayed, event=event, now=now)


def hashes_of(prepared: Prepared, delivery: Delivery) -> set[bytes]:
    """By what the letter that this delivery became may be known: whose it is may stand in its key or in its body."""
    accounts = {event.account for event, _ in prepared.batch.firsts.values()}
    accounts |= {dead_letter.account for dead_letter in prepared.batch.dead}
    return {hash_of(account, delivery.hash) for account in {None, delivery.account, *accounts}}


def texts_of(accepted: Accepted) -> dict[str, int]:
    texts: Counter[str] = Counter()
    for moved in accepted.measured:
        texts[moved.state] += moved.rows
    return dict(texts)


def keep_edited(connection: Connection, dead_letter: KeptDeadLetter, body: bytes, *, by: str, now: datetime) -> bool:
    """Keep an event as a person edited it, and note who; False if the letter is no longer as it was seen."""
    summary = dead_letter.summary
    is_kept = dead_letter_replay.edit(connection, summary.id, body, by=by, seen_at=summary.edited_at, now=now)
    if is_kept:
        before, after = {"bytes": len(dead_letter.newest_body or dead_letter.head)}, {"bytes": len(body)}
        subject = letter_name(summary.id)
        audit.note(connection, by, "dead_edit", subject, account=summary.account, before=before, after=after, now=now)
    return is_kept


def close(
    connection: Connection,
    dead_letter: KeptDeadLetter,
    how: Replay,
    replayed: Replayed,
    *,
    event: NotificationId | None = None,
    now: datetime,
) -> Replayed | CannotBeReplayed:
    """Close a letter as replayed; if somebody has closed it meanwhile, what was accepted is for the caller to undo."""
    summary = dead_letter.summary
    if not dead_letter_replay.close(connection, summary.id, Closing("replayed", how.by, event=event), now=now):
        return CannotBeReplayed(_(CLOSED_MEANWHILE))
    after = {"reason": summary.reason, "texts": dict(replayed.texts), "is_repeat": replayed.is_repeat}
    subject = letter_name(summary.id)
    audit.note(connection, how.by, "dead_replay", subject, account=summary.account, after=after, now=now)
    return replayed


def letter_name(number: int) -> str:
    """What the audit calls a letter."""
    return f"letter {number}"


def plan_anew(
    dead_letter: KeptDeadLetter, notification_id: NotificationId, how: Replay, connection: Connection
) -> Outcome:
    """Plan a notification that failed before its POST, and close the letter."""
    now = clock(connection)
    state = dead_letter_replay.notification_state(connection, notification_id)
    if state != "failed":
        return not_failed(state)
    if new := resends.resent_as(connection, [notification_id]).get(notification_id):
        return CannotBeReplayed(_("its text was sent again as {id}; drop the letter", id=text_id(new)))
    move = Move(notification_id, "failed", "planned", due_at=now)
    transitions.apply(connection, [move], actor=f"operator/{how.by}", now=now)
    replayed = Replayed({"planned": 1})
    return close(connection, dead_letter, how, replayed, now=now)


def write_anew(
    intake: Intake, dead_letter: KeptDeadLetter, notification_id: NotificationId, how: Replay, connection: Connection
) -> Outcome:
    """Render a text with the current template, plan it, and close the letter."""
    configuration, now = intake.cache.look(connection)
    source = dead_letter_replay.source(connection, notification_id)
    account = configuration.accounts.get(dead_letter.summary.account or "")
    if source is None or source.state != "failed":
        return not_failed(source and source.state)
    draft = account and draft_of(source, account, salt=intake.salt, now=now)
    if not draft:
        return CannotBeReplayed(_("its trigger is off or goes another way by now; drop the letter"))
    if draft.state == "failed":
        return RefusedAgain(MISSING_VALUE, what_lacks(draft))
    if not notifications.revive(connection, [NewNotification(source.event, draft)], month=source.month, now=now):
        return CannotBeReplayed(
            _("it would be {state} now ({reason}); drop the letter", state=draft.state, reason=draft.reason)
        )
    replayed = Replayed({draft.state: 1})
    return close(connection, dead_letter, how, replayed, now=now)


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
    text = (
        _("its notification is no longer there")
        if state is None
        else _("its notification is {state}, no longer failed", state=state)
    )
    return CannotBeReplayed(_("{text}; drop the letter", text=text))
