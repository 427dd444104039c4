"""Дія з багатьма: what was found is named, tried and shown; once somebody agrees it is done part by part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any, cast

from worker.core.access.user import Permission
from worker.core.hands.chosen import Chosen
from worker.core.hands.job import ACTION_LABELS, ITEMS_MAX, JOB_STATE_LABELS, TYPED_ABOVE, Action, Job, NewJob
from worker.core.hands.resend import Terms
from worker.core.history.outcome_words import outcome_lines
from worker.core.sending.notification_states import WAITING
from worker.core.sending.nudge import text_id
from worker.core.sending.state_labels import STATE_LABELS
from worker.core.triggers.catalogue import BY_ID
from worker.language import _, marked
from worker.steps.hands import jobs as steps
from worker.steps.hands.cancel import CANCELLED
from worker.steps.hands.resend import BEFORE, RESENT, UNFIT
from worker.store.db.postgres import Connection, committed, transaction
from worker.store.hands import chosen, jobs
from worker.store.ingest import dead_letter_list
from worker.web.pages.desk.letter import WHY_MAX
from worker.web.pages.desk.letters import wanted_of as wanted_letters
from worker.web.pages.forms import whole
from worker.web.pages.history.listing import wanted_of as wanted_texts
from worker.web.pages.history.text import read_id
from worker.web.pages.page import Html, Redirect, Refusal, Shown, Visit, page
from worker.web.pages.sending.rehearsing import intake_of, rehearsing_sender
from worker.web.pages.service import not_found

PATH = "/a/{account}/jobs"
LISTED = 50
#: What each takes: to send costs money.
NEEDS: Mapping[Action, Permission] = {"cancel": "steer", "resend": "send", "replay": "send", "drop": "desk"}
#: What a resend is for where nobody named texts: neither what somebody withdrew nor what was not to go.
USUAL = ("undelivered", "refused", "failed", "expired")
OUTCOME_LABELS = {
    CANCELLED: marked("cancelled"),
    RESENT: marked("sent again"),
    BEFORE: marked("sent again before, left alone"),
    UNFIT: marked("without a phone by now, or lacking a value"),
    steps.REPLAYED: marked("replayed"),
    steps.REFUSED: marked("refused again"),
    steps.NOT_REPLAYED: marked("left alone: closed meanwhile, or nothing in it can be replayed"),
    steps.DROPPED: marked("closed"),
    steps.CLOSED_BEFORE: marked("closed before"),
    steps.BROKEN: marked("broke by a fault of ours and stayed as they were"),
}


@dataclass(frozen=True, slots=True)
class Proposed:
    """What is to be acted on, and what is known of it."""

    items: Sequence[str]
    facts: Mapping[str, Any]


@page("GET", PATH, may="look")
def list_jobs(visit: Visit) -> Shown:
    with transaction(visit.pool) as connection:
        found = jobs.list_jobs(connection, visit.account, limit=LISTED)
    return Html("desk/jobs.html", {"rows": [(job, *labels_of(job)) for job in found]})


def labels_of(job: Job) -> tuple[str, str]:
    return _(ACTION_LABELS[job.action]), _(JOB_STATE_LABELS[job.state])


@page("POST", PATH, may="steer")
def propose_job(visit: Visit) -> Shown:
    """Name what is ticked or found, and try it; nothing is done before somebody agrees."""
    action = cast("Action", visit.form.text("action"))
    if action not in NEEDS:
        return refused(_("The form cannot be read"), _("Open the page and send it again."))
    if not visit.user.may(NEEDS[action]):
        hint = _("Somebody who manages people can give you more: see People and keys.")
        return Refusal(HTTPStatus.FORBIDDEN, _("Your rights do not allow this"), hint)
    why = visit.form.text("why").strip()
    if action == "drop" and not 0 < len(why) <= WHY_MAX:
        return refused(_("Say why, for whoever asks later."), _("Go back: what you ticked is still ticked."))
    terms = {"why": why} if action == "drop" else {"twice": True} if visit.form.has("twice") else {}
    proposed = letters_of(visit, action) if action in {"replay", "drop"} else texts_of(visit, action, terms)
    if isinstance(proposed, Refusal):
        return proposed
    job = NewJob(visit.account, action, visit.by, terms, proposed.items, proposed.facts)
    number = committed(visit.pool, lambda connection: jobs.propose(connection, job, now=visit.now))
    return Redirect(f"{visit.home}/jobs/{number}")


def refused(title: str, hint: str) -> Refusal:
    return Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, title, hint)


def too_few() -> Refusal:
    hint = _("Go back, and tick something or choose all that was found.")
    return refused(_("There is nothing of that to act on"), hint)


def too_many(count: int) -> Refusal:
    hint = _("Narrow the filters, or do it in a terminal, which takes any number.")
    return refused(_("That is too much for a page: {count}, and at most {most}", count=count, most=ITEMS_MAX), hint)


def is_all(visit: Visit) -> bool:
    return visit.form.text("which") == "all"


def texts_of(visit: Visit, action: Action, terms: Mapping[str, Any]) -> Proposed | Refusal:
    """The texts, by their states as they are now, and what a dry run of the first says."""
    states = frozenset(WAITING) if action == "cancel" else steps.states_of(terms)
    with transaction(visit.pool) as connection:
        wanted = chosen_texts(connection, visit, action)
        if isinstance(wanted, Refusal):
            return wanted
        wanted = wanted.only(*states)
        facts = steps.facts_of(connection, wanted)
    if not wanted.groups:
        return too_few()
    if len(wanted) > ITEMS_MAX:
        return too_many(len(wanted))
    if action == "resend":
        with rehearsing_sender(visit) as sender:
            facts["outcomes"] = steps.tried_resend(sender, wanted, Terms(visit.by, states, len(wanted)))
    return Proposed([text_id(each) for _account, ids in wanted.parts(ITEMS_MAX) for each in ids], facts)


def chosen_texts(connection: Connection, visit: Visit, action: Action) -> Chosen | Refusal:
    if not is_all(visit):
        ticked = [each for each in map(read_id, visit.form.all("text")) if each]
        found = chosen.named(connection, ticked)
        return Chosen(tuple(group for group in found.groups if group.account == visit.account))
    wanted, errors = wanted_texts(replace(visit, query=visit.form), visit.form.text("client") or None)
    if errors:
        return refused(next(iter(errors.values())), _("Open the page and send it again."))
    if action == "cancel":
        return chosen.waiting(connection, wanted)[0]
    found = chosen.by_filter(connection, wanted)
    return found if wanted.states else found.only(*USUAL)


def letters_of(visit: Visit, action: Action) -> Proposed | Refusal:
    """The open letters, and what would become of the first."""
    errors = dict[str, str]()
    wanted = wanted_letters(replace(visit, query=visit.form), errors)
    if errors:
        return refused(next(iter(errors.values())), _("Open the page and send it again."))
    with transaction(visit.pool) as connection:
        found = dead_letter_list.choose(connection, replace(wanted, closed=False))
        ticked = {each for each in map(whole, visit.form.all("letter")) if each is not None}
    numbers = [number for number in found.ids if is_all(visit) or number in ticked]
    if not numbers:
        return too_few()
    if len(numbers) > ITEMS_MAX:
        return too_many(len(numbers))
    facts: dict[str, Any] = {"oldest": found.oldest, "newest": found.newest} if is_all(visit) else {}
    if action == "replay":
        facts["outcomes"] = steps.tried_replay(intake_of(visit), numbers, by=visit.by)
    return Proposed(list(map(str, numbers)), facts)


@page("GET", f"{PATH}/{{job}}", may="look")
def show_job(visit: Visit) -> Shown:
    job = job_of(visit)
    return not_found() if job is None else job_page(visit, job, {})


def job_of(visit: Visit) -> Job | None:
    """The job, if it is of this account; of proposals one's own."""
    number = whole(visit.path["job"])
    if number is None:
        return None
    with transaction(visit.pool) as connection:
        job = jobs.load(connection, visit.account, number)
    return None if job and job.state == "proposed" and job.by != visit.by else job


def job_page(visit: Visit, job: Job, errors: dict[str, str]) -> Html:
    action, state = labels_of(job)
    facts = read_facts(job.facts)
    values = {
        "job": job,
        "action": action,
        "state": state,
        "facts": facts,
        "states": [(_(STATE_LABELS.get(name, name)), count) for name, count in facts.get("states", {}).items()],
        "triggers": [(name_of(name), count) for name, count in facts.get("triggers", {}).items()],
        "tried": list(lines_of(facts.get("outcomes", {}))),
        "counts": list(lines_of(job.counts)),
        "share": 100 * job.done // job.total,
        "is_typed": job.total > TYPED_ABOVE,
        "may_act": visit.user.may(NEEDS[job.action]),
        "errors": errors,
    }
    block = "progress" if visit.is_fragment and not errors else None
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    return Html("desk/job.html", values, status, block)


def read_facts(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Moments and hryvnias are kept as they are written."""
    facts = dict(kept)
    for name in ("oldest", "newest"):
        facts[name] = datetime.fromisoformat(facts[name]) if facts.get(name) else None
    facts["cost"] = Decimal(facts["cost"]) if facts.get("cost") else None
    return facts


def name_of(trigger: str) -> str:
    return BY_ID[trigger].label if trigger in BY_ID else trigger


def lines_of(counts: Mapping[str, int]) -> list[str]:
    """What became of how many, in words."""
    claimed = outcome_lines({name: count for name, count in counts.items() if "/" in name})
    others = [line_of(name, count) for name, count in counts.items() if "/" not in name and count]
    return [*others, *claimed]


def line_of(name: str, count: int) -> str:
    if name in OUTCOME_LABELS:
        return f"{_(OUTCOME_LABELS[name])}: {count}"
    return _("by now {state}, left alone: {count}", state=_(STATE_LABELS.get(name, name)), count=count)


@page("POST", f"{PATH}/{{job}}/begin", may="steer")
def begin_job(visit: Visit) -> Shown:
    """Agree to what was shown."""
    job = job_of(visit)
    if job is None or not visit.user.may(NEEDS[job.action]):
        return not_found()
    if job.total > TYPED_ABOVE and visit.form.text("count").strip() != str(job.total):
        wrong = _("Type the number {count}, so that nobody acts on so many by a slip.", count=job.total)
        return job_page(visit, job, {"count": wrong})
    if not committed(visit.pool, lambda connection: jobs.begin(connection, visit.account, job.id, by=visit.by)):
        return Redirect(f"{visit.home}/jobs/{job.id}", _("It has begun already."))
    return Redirect(f"{visit.home}/jobs/{job.id}", _("It has begun; you may leave this page."))


@page("POST", f"{PATH}/{{job}}/stop", may="steer")
def stop_job(visit: Visit) -> Shown:
    """Stop after the part that is in hand; what is done stays so."""
    job = job_of(visit)
    if job is None:
        return not_found()
    is_done = committed(visit.pool, lambda connection: jobs.stop(connection, visit.account, job.id, now=visit.now))
    return Redirect(f"{visit.home}/jobs/{job.id}", _("It is stopped.") if is_done else _("It has ended already."))
