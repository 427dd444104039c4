"""`/pauses`: what stands still, and what people stop and let go on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from worker.core.hands.pause_scope import BY_HAND, is_by_hand
from worker.core.outcomes.reason import Reason, pause_reason
from worker.core.triggers.catalogue import BY_ID
from worker.language import _
from worker.steps.hands.pause import Standing, backlog_of, is_ahead, pause, resume, standing, wake_some
from worker.steps.operate import resume as own_pauses
from worker.store.accounts.accounts import Stopped
from worker.store.db.postgres import Connection, committed, each_alone
from worker.store.hands.chosen import Backlog
from worker.store.hands.pauses import HandPause
from worker.web.api.endpoint import Answer, Call, endpoint
from worker.web.api.fields import NO_NUL, Fields, Moment, Words, about
from worker.web.api.problems import NOT_FOUND, Problem, not_found, wrong_field

TAG = "pauses"
NOTE_MAX = 500


def trigger_known(name: str) -> str:
    if name not in BY_ID:
        raise ValueError(_("is none: GET /triggers lists them"))
    return name


class Which(Fields):
    id: Annotated[Words, about("As the list names it.", "hand/trigger/contact_birthday")]


class PauseOrder(Fields):
    """What to stop: all texts of the account, or those of one trigger, lane or channel."""

    trigger: Annotated[
        Annotated[Words, AfterValidator(trigger_known)] | None, about("Only of this trigger.", "contact_birthday")
    ] = None
    lane: Annotated[Literal["urgent", "normal", "bulk"] | None, about("Only of this lane.")] = None
    channel: Annotated[Literal["sms", "viber"] | None, about("Only those that may go this way, first or last.")] = None
    until: Annotated[Moment | None, about("When it ends by itself; left out: when somebody resumes it.")] = None
    note: Annotated[
        Annotated[str, Field(min_length=1, max_length=NOTE_MAX, pattern=NO_NUL)] | None,
        about("Why, for whoever wonders later.", "wrong price in the text"),
    ] = None

    @property
    def parts(self) -> list[str]:
        return [name for name in ("trigger", "lane", "channel") if getattr(self, name) is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPause:
    """Something that stands still."""

    id: Annotated[str, about("What stands still: `account`, `trigger/…`, `hand` by people, `hand/lane/bulk` …")]
    is_by_hand: Annotated[bool, about("Whether a person, or a key, paused it.")]
    is_of_everyone: Annotated[bool, about("Whether every account stands still, which only an operator ends.")]
    reason: Annotated[Reason, about("Why.")]
    since: Annotated[datetime, about("Since when.")]
    until: Annotated[datetime | None, about("When it ends by itself; null: when somebody resumes it.")]
    next_probe: Annotated[datetime | None, about("When a single request tries whether it may end.")]
    by: Annotated[str | None, about("Who paused it, if it is the account's own: a name, or a key as `key/7 CRM`.")]
    note: Annotated[str | None, about("Why, in the words of who paused it.")]


@dataclass(frozen=True, slots=True)
class AccountPauses:
    """Everything that texts of the account wait for until somebody, or a probe, ends it."""

    items: list[AccountPause]


@dataclass(frozen=True, slots=True)
class PausedNow:
    """A pause, and what nobody could stop any more."""

    pause: AccountPause
    under_way: Annotated[int, about("Requests to TurboSMS that may be on their way.")]


@dataclass(frozen=True, slots=True)
class ResumedNow:
    """What goes on."""

    id: Annotated[str, about("What stood still.")]
    due: Annotated[int, about("Texts that waited for it and are looked at now; beyond 5000, within minutes.")]


@endpoint("GET", "/pauses", scope="read", tag=TAG, answer=AccountPauses)
def list_pauses(call: Call[None, None]) -> Answer | Problem:
    """List what stands still.

    By people, and by itself: for want of money, a token, a sender, or because it ran away.
    """
    with each_alone(call.pool) as connection:
        paused = standing(connection, call.account)
    return Answer(AccountPauses(pauses_of(paused)))


@endpoint("POST", "/pauses", scope="send", tag=TAG, answer=PausedNow, statuses=(200, 201))
def pause_texts(call: Call[None, PauseOrder]) -> Answer | Problem:
    """Stop texts before they go.

    No request to TurboSMS begins later than two seconds after the answer; what was claimed goes back to wait. Events
    are accepted as ever. A second pause of the same changes its end and its note, and is answered with 200.
    """
    order = call.body
    if len(order.parts) > 1:
        problem = _("is one too many: pause one of trigger, lane and channel, then the other")
        return wrong_field(order.parts[1], problem)
    if order.until and not is_ahead(order.until, now=call.now):
        return wrong_field("until", _("must lie ahead, and within ten years"))
    what = Backlog(call.account, order.trigger, order.lane, order.channel)
    done = committed(
        call.pool,
        lambda connection: pause(connection, what, by=call.key.as_operator, until=order.until, note=order.note),
    )
    return Answer(PausedNow(by_hand(done.pause), done.under_way), 200 if done.before else 201)


@endpoint("DELETE", "/pauses/{id:path}", scope="send", tag=TAG, answer=ResumedNow, problems=(NOT_FOUND,))
def resume_texts(call: Call[Which, None]) -> Answer | Problem:
    """End a pause.

    What waited goes within its hours, pace and limits. What an operator paused of every account only they end.
    """
    scope, by = call.parameters.id, call.key.as_operator
    if not is_by_hand(scope):
        ended = committed(call.pool, lambda connection: own_pauses.resume(connection, call.account, [scope], by=by))
        return Answer(ResumedNow(scope, 0)) if ended else no_pause(scope)
    what = backlog_of(call.account, scope)
    due = None if what is None else committed(call.pool, lambda connection: resumed(connection, what, by=by))
    return no_pause(scope) if due is None else Answer(ResumedNow(scope, due))


def resumed(connection: Connection, what: Backlog, *, by: str) -> int | None:
    """End a pause and wake the first that waited; the scheduler wakes the others, and whom a claim just put off."""
    return wake_some(connection, what.account) if resume(connection, what, by=by) else None


def no_pause(scope: str) -> Problem:
    return not_found(_("pause {scope} of its own", scope=scope))


def pauses_of(paused: Standing) -> list[AccountPause]:
    return [*map(by_hand, paused.by_hand), *(by_itself(stopped) for _, stopped in paused.by_itself)]


def by_hand(pause: HandPause) -> AccountPause:
    return AccountPause(
        id=pause.scope,
        is_by_hand=True,
        is_of_everyone=pause.account is None,
        reason=pause_reason(pause.scope, BY_HAND),
        since=pause.since,
        until=pause.until,
        next_probe=None,
        by=pause.by if pause.account else None,
        note=pause.note if pause.account else None,
    )


def by_itself(stopped: Stopped) -> AccountPause:
    return AccountPause(
        id=stopped.scope,
        is_by_hand=False,
        is_of_everyone=False,
        reason=pause_reason(stopped.scope, stopped.reason),
        since=stopped.since,
        until=None,
        next_probe=stopped.next_probe,
        by=None,
        note=None,
    )
