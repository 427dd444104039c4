"""Стіл: letters of what could not go on by itself, by why."""

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from worker.core.history.dead_letter_meanings import DEAD_LETTERS
from worker.language import _
from worker.store.db.postgres import transaction
from worker.store.ingest import dead_letter_list
from worker.store.ingest.dead_letter_list import Chosen, DeadLetterSummary, Wanted
from worker.web.pages.desk.letter import kind_of, why_of
from worker.web.pages.history.listing import day_of
from worker.web.pages.page import Html, Shown, Visit, page

PATH = "/a/{account}/desk"
PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Row:
    letter: DeadLetterSummary
    kind: str
    why: str


@page("GET", PATH, may="look")
def desk(visit: Visit) -> Shown:
    """The open letters, the newest first, with how many there are by why."""
    query, errors = visit.query, dict[str, str]()
    wanted = wanted_of(visit, errors)
    with transaction(visit.pool) as connection:
        found = Chosen() if errors else dead_letter_list.choose(connection, wanted)
        ids = shown_of(found, query.whole("after"))
        letters = dead_letter_list.summaries(connection, ids[:PER_PAGE])
    values = {
        "rows": [Row(letter, kind_of(letter), why_of(letter.reason)) for letter in letters],
        "reasons": [(reason, why_of(reason), count) for reason, count in found.reasons.items()],
        "older": query.address(after=letters[-1].id) if len(ids) > PER_PAGE else None,
        "all": len(found.ids),
        "errors": errors,
    }
    return Html("desk/letters.html", values, HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK)


def wanted_of(visit: Visit, errors: dict[str, str]) -> Wanted:
    query = visit.query
    reason = query.text("reason") or None
    if reason is not None and reason not in DEAD_LETTERS:
        errors["reason"] = _("Choose something from the list.")
    until = day_of(query, "until", visit.zone, errors)
    return Wanted(
        reason,
        visit.account,
        since=day_of(query, "since", visit.zone, errors),
        until=until + timedelta(days=1) if until else None,
        text=(query.text("q").strip() or None) if visit.user.sees_phones else None,
        closed=query.has("closed"),
    )


def shown_of(found: Chosen, after: int | None) -> list[int]:
    """The letters of a page and one more, the newest first; those below `after`, where a page ended."""
    ids = found.ids[::-1]
    first = ids.index(after) + 1 if after is not None and after in ids else 0
    return list(ids[first : first + PER_PAGE + 1])
