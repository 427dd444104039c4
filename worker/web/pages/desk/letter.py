"""Стіл: one letter; what it was, what would become of it, and mending, replaying or closing it."""

from collections.abc import Sequence
from http import HTTPStatus

from worker.core.contract.inbound_message import BODY_MAX
from worker.core.history.dead_letter_meanings import DEAD_LETTERS
from worker.core.sending.nudge import text_id
from worker.core.sending.state_labels import STATE_LABELS
from worker.language import _, marked, of_pair
from worker.logs.redaction import mask_phones
from worker.steps.operate.dead_letters import NotEdited, drop, edit, see_phones, uneditable
from worker.steps.operate.replay import CannotBeReplayed, Outcome, RefusedAgain, Replay, Replayed, replay
from worker.store.db.postgres import committed, transaction
from worker.store.ingest import dead_letter_list
from worker.store.ingest.dead_letter_list import DeadLetterSummary, KeptDeadLetter
from worker.web.pages.forms import whole
from worker.web.pages.page import Html, Redirect, Refusal, Shown, Visit, page
from worker.web.pages.sending.rehearsing import intake_of
from worker.web.pages.service import not_found

PATH = "/a/{account}/desk/{letter}"
WHY_MAX = 500
#: A form sends a sign of an event as up to three.
FORM_MAX = 3 * BODY_MAX + 1_024
KIND_LABELS = {
    "event": marked("an event of the CRM"),
    "job": marked("an SMS"),
    "message": marked("a message inside"),
}


def why_of(reason: str) -> str:
    known = DEAD_LETTERS.get(reason)
    return of_pair(known.sentence) if known else reason


def kind_of(letter: DeadLetterSummary) -> str:
    return _(KIND_LABELS.get(letter.kind, letter.kind))


@page("GET", PATH, may="look")
def show_letter(visit: Visit) -> Shown:
    letter = letter_of(visit)
    return not_found() if letter is None else letter_page(visit, letter, {})


def letter_of(visit: Visit) -> KeptDeadLetter | None:
    """The letter, if it is of this account; the same answer for another's and for none."""
    number = whole(visit.path["letter"])
    if number is None:
        return None
    with transaction(visit.pool) as connection:
        letter = dead_letter_list.load(connection, number)
    return letter if letter and letter.summary.account == visit.account else None


def letter_page(visit: Visit, letter: KeptDeadLetter, errors: dict[str, str], outcome: str = "") -> Html:
    summary = letter.summary
    known = DEAD_LETTERS.get(summary.reason)
    body = (letter.newest_body if letter.newest_body is not None else letter.head).decode(errors="backslashreplace")
    if visit.user.sees_phones:
        committed(visit.pool, lambda connection: see_phones(connection, letter, by=visit.by))
    values = {
        "letter": summary,
        "kind": kind_of(summary),
        "why": why_of(summary.reason),
        "remedy": of_pair(known.remedy) if known and known.remedy else "",
        "text": text_id(letter.notification_id) if letter.notification_id else "",
        "body": body if visit.user.sees_phones else "",
        "traceback": mask_phones(letter.traceback or ""),
        "is_open": summary.state == "open",
        "can_edit": visit.user.sees_phones and letter.body is not None and uneditable(letter) is None,
        "outcome": outcome,
        "errors": errors,
    }
    return Html("desk/letter.html", values, HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK)


@page("POST", f"{PATH}/edit", may="desk", most=FORM_MAX)
def edit_letter(visit: Visit) -> Shown:
    """Keep the event as somebody mended it; nothing goes until it is replayed."""
    letter = letter_of(visit)
    if letter is None or not visit.user.sees_phones:
        return not_found()
    body = visit.form.text("body").encode()
    kept = committed(visit.pool, lambda connection: edit(connection, letter, body, by=visit.by, now=visit.now))
    if isinstance(kept, NotEdited):
        return letter_page(visit, letter, {"body": kept.why})
    return here(visit, letter, _("It is kept as you wrote it. See what becomes of it, then replay it."))


def here(visit: Visit, letter: KeptDeadLetter, note: str) -> Redirect:
    return Redirect(f"{visit.home}/desk/{letter.summary.id}", note)


@page("POST", f"{PATH}/try", may="desk")
def try_letter(visit: Visit) -> Shown:
    """What would become of it now; nothing of that is kept."""
    letter = letter_of(visit)
    if letter is None:
        return not_found()
    return letter_page(visit, letter, {}, sentence_of(replayed(visit, letter.summary.id, is_trial=True), is_trial=True))


@page("POST", f"{PATH}/replay", may="send")
def replay_letter(visit: Visit) -> Shown:
    """Its second chance, as it is now."""
    letter = letter_of(visit)
    if letter is None:
        return not_found()
    outcome = replayed(visit, letter.summary.id, is_trial=False)
    said = sentence_of(outcome, is_trial=False)
    if isinstance(outcome, Replayed):
        return Redirect(f"{visit.home}/desk", said)
    return Refusal(HTTPStatus.CONFLICT, _("It stays as it is"), said)


def replayed(visit: Visit, number: int, *, is_trial: bool) -> Outcome:
    return replay(intake_of(visit), number, Replay(visit.by, is_trial=is_trial, as_of=visit.now))


def sentence_of(outcome: Outcome, *, is_trial: bool) -> str:
    match outcome:
        case Replayed(is_repeat=True):
            return _("It had been accepted before: there is nothing more to do.")
        case Replayed(texts=texts) if texts:
            counts = ", ".join(f"{_(STATE_LABELS.get(state, state))}: {count}" for state, count in texts.items())
            return (
                _("It would be accepted. SMS: {counts}.", counts=counts)
                if is_trial
                else _("Accepted. SMS: {counts}.", counts=counts)
            )
        case Replayed():
            return _("It would be accepted, and lead to no SMS.") if is_trial else _("Accepted; it leads to no SMS.")
        case RefusedAgain(reason=reason, detail=detail):
            return _("It is refused again: {why} {detail}", why=why_of(reason), detail=detail)
        case CannotBeReplayed(why=why):
            return _("It cannot be replayed: {why}.", why=why)


@page("POST", f"{PATH}/drop", may="desk")
def drop_letter(visit: Visit) -> Shown:
    """Close it without replaying it."""
    letter = letter_of(visit)
    if letter is None:
        return not_found()
    errors = wrong_why(visit)
    if errors:
        return letter_page(visit, letter, errors)
    if not dropped(visit, [letter.summary.id]):
        return here(visit, letter, _("Somebody has closed it already."))
    return Redirect(f"{visit.home}/desk", _("It is closed."))


def wrong_why(visit: Visit) -> dict[str, str]:
    why = visit.form.text("why").strip()
    if not why:
        return {"why": _("Say why, for whoever asks later.")}
    return {"why": _("is longer than {most} characters", most=WHY_MAX)} if len(why) > WHY_MAX else {}


def dropped(visit: Visit, numbers: Sequence[int]) -> int:
    """Close letters; how many were still open."""
    why = visit.form.text("why").strip()
    done = committed(visit.pool, lambda connection: drop(connection, numbers, why=why, by=visit.by, now=visit.now))
    return sum(each.is_done for each in done)
