"""Паузи: what stands still, by people and by itself, and stopping and letting go on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from http import HTTPStatus

from worker.core.hands.pause_scope import BY_HAND, is_by_hand
from worker.core.outcomes.reason import pause_reason
from worker.core.sending.state_labels import CHANNEL_LABELS, LANE_LABELS
from worker.core.triggers.catalogue import BY_ID
from worker.language import _, of_pair
from worker.steps.hands.pause import Standing, backlog_of, is_ahead, pause, resume, standing, wake_some
from worker.steps.operate import resume as own_pauses
from worker.store.db.postgres import Connection, committed, transaction
from worker.store.hands.chosen import Backlog
from worker.web.pages.page import Html, Redirect, Refusal, Shown, Visit, page

PATH = "/a/{account}/pauses"
NOTE_MAX = 500
MOMENT = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class Row:
    """Something that stands still; `may_end`: it is the account's own to end."""

    scope: str
    what: str
    why: str
    since: datetime
    until: datetime | None
    next_probe: datetime | None
    by: str | None
    note: str | None
    may_end: bool


@page("GET", PATH, may="look")
def pauses(visit: Visit) -> Shown:
    return shown(visit, {})


def shown(visit: Visit, errors: dict[str, str]) -> Html:
    with transaction(visit.pool) as connection:
        rows = list(rows_of(standing(connection, visit.account)))
    tonight = datetime.combine(visit.now.astimezone(visit.zone).date() + timedelta(days=1), time(), visit.zone)
    values = {
        "rows": rows,
        "whats": [
            ("", _("all SMS of the account")),
            *((f"trigger/{trigger.id}", trigger.label) for trigger in BY_ID.values()),
            *((f"lane/{name}", _("lane {name}", name=_(label))) for name, label in LANE_LABELS.items()),
            *((f"channel/{name}", _("channel {name}", name=_(CHANNEL_LABELS[name]))) for name in ("sms", "viber")),
        ],
        "tonight": tonight.strftime(MOMENT),
        "errors": errors,
    }
    return Html("sending/pauses.html", values, HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK)


def rows_of(paused: Standing) -> Iterator[Row]:
    for each in paused.by_hand:
        is_own = each.account is not None
        reason = of_pair(pause_reason(each.scope, BY_HAND))
        by, note = (each.by, each.note) if is_own else (None, None)
        yield Row(each.scope, words(each.scope), reason, each.since, each.until, None, by, note, is_own)
    for _account, stopped in paused.by_itself:
        reason = of_pair(pause_reason(stopped.scope, stopped.reason))
        scope = stopped.scope
        yield Row(scope, words(scope), reason, stopped.since, None, stopped.next_probe, None, None, may_end=True)


def words(scope: str) -> str:
    """What stands still, as people say it."""
    match scope.removeprefix("hand/").split("/", 1):
        case ["trigger", name]:
            return BY_ID[name].label if name in BY_ID else name
        case ["lane", name]:
            return _("lane {name}", name=_(LANE_LABELS.get(name, name)))
        case ["channel", name]:
            return _("channel {name}", name=_(CHANNEL_LABELS.get(name, name)))
        case ["viber"]:
            return _("channel {name}", name=_(CHANNEL_LABELS["viber"]))
        case ["person", _key]:
            return _("one person")
        case _:
            return _("all SMS of the account")


@page("POST", PATH, may="steer")
def pause_texts(visit: Visit) -> Shown:
    """Stop texts before they go; a second pause of the same changes its end and its note."""
    form = visit.form
    what = backlog_of(visit.account, f"hand/{form.text('what')}" if form.text("what") else "hand")
    errors = dict(wrong(visit, what))
    if errors or what is None:
        return shown(visit, errors)
    until, note = until_of(visit), form.text("note").strip() or None
    done = committed(visit.pool, lambda connection: pause(connection, what, by=visit.by, until=until, note=note))
    said = _("Paused: {what}.", what=words(done.pause.scope))
    if done.under_way:
        said += " " + _("Requests that may be on their way already: {count}.", count=done.under_way)
    return Redirect(f"{visit.home}/pauses", said)


def wrong(visit: Visit, what: Backlog | None) -> Iterator[tuple[str, str]]:
    known = what is not None and (what.trigger is None or what.trigger in BY_ID)
    if not known or (what and what.lane and what.lane not in LANE_LABELS):
        yield "what", _("Choose something from the list.")
    if what and what.channel and what.channel not in {"sms", "viber"}:
        yield "what", _("Choose something from the list.")
    if len(visit.form.text("note")) > NOTE_MAX:
        yield "note", _("is longer than {most} characters", most=NOTE_MAX)
    if visit.form.text("until"):
        until = until_of(visit)
        if until is None or not is_ahead(until, now=visit.now):
            yield "until", _("Give a moment ahead, and within ten years.")


def until_of(visit: Visit) -> datetime | None:
    try:
        return datetime.strptime(visit.form.text("until"), MOMENT).replace(tzinfo=visit.zone)
    except ValueError:
        return None


@page("POST", f"{PATH}/end", may="steer")
def resume_texts(visit: Visit) -> Shown:
    """End a pause of the account's own; what waited goes within its hours, pace and limits."""
    scope = visit.form.text("scope")
    if is_by_hand(scope):
        what = backlog_of(visit.account, scope)
        ended = what is not None and committed(visit.pool, lambda connection: ended_now(connection, what, visit.by))
    else:
        ended = committed(
            visit.pool, lambda connection: own_pauses.resume(connection, visit.account, [scope], by=visit.by)
        )
    if not ended:
        hint = _("Somebody has ended it already, or only an operator may: look at the list.")
        return Refusal(HTTPStatus.NOT_FOUND, _("There is no such pause"), hint)
    return Redirect(f"{visit.home}/pauses", _("It goes on: {what}.", what=words(scope)))


def ended_now(connection: Connection, what: Backlog, by: str) -> bool:
    """End it and wake the first that waited; the scheduler wakes the others."""
    if resume(connection, what, by=by) is None:
        return False
    wake_some(connection, what.account)
    return True
