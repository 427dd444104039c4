"""`/letters`: dead letters, what of the CRM's events and of texts could not go on by itself."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from worker.core.history.dead_letter_meanings import DEAD_LETTERS
from worker.core.outcomes.reason import Reason, refusal_reason
from worker.language import _
from worker.store.db.postgres import transaction
from worker.store.ingest import dead_letter_list
from worker.store.ingest.dead_letter_list import DeadLetterSummary, Wanted
from worker.web.api.endpoint import Answer, Call, endpoint
from worker.web.api.fields import Fields, Limit, Moment, WrittenFlag, about, one_of
from worker.web.api.problems import Problem, wrong_field

TAG = "events"


class WhichLetters(Fields):
    """Filters; whatever is given must be true of each letter."""

    reason: Annotated[str | None, one_of(DEAD_LETTERS), about("With this reason.", "schema")] = None
    since: Annotated[Moment | None, about("That came since then.")] = None
    until: Annotated[Moment | None, about("That came before then.")] = None
    closed: Annotated[WrittenFlag, about("Also those that were replayed or closed.")] = False
    limit: Limit = 50
    after: Annotated[int | None, about("The number of the last letter of the page before.", ge=1, le=10**17)] = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter; its body is for people, in the console and in the terminal."""

    id: Annotated[int, about("Its number.")]
    kind: Annotated[str, about("`event`, `job` for a text, or `message`.")]
    reason: Annotated[Reason | None, about("Why it is here.")]
    detail: Annotated[str, about("What was wrong, field by field.")]
    event_id: Annotated[str | None, about("The CRM's id of its event.")]
    event_type: Annotated[str | None, about("The type of its event.")]
    times: Annotated[int, about("How often it came.")]
    created_at: Annotated[datetime, about("When it came first.")]
    last_at: Annotated[datetime, about("When it came last.")]
    state: Annotated[str, about("`open`, `replayed` or `dropped`.")]


@dataclass(frozen=True, slots=True)
class Letters:
    """A page of letters, the newest first."""

    items: list[Letter]
    total: Annotated[int, about("How many there are of these filters.")]
    next: Annotated[int | None, about("The `after` of the next page; null: there is none.")]


@endpoint("GET", "/letters", scope="read", tag=TAG, answer=Letters)
def list_letters(call: Call[WhichLetters, None]) -> Answer | Problem:
    """List dead letters, the newest first.

    They wait for a person, who mends, replays or closes them.
    """
    asked = call.parameters
    if asked.reason is not None and asked.reason not in DEAD_LETTERS:
        return wrong_field("reason", _("must be one of {words}", words=", ".join(DEAD_LETTERS)))
    wanted = Wanted(asked.reason, call.account, since=asked.since, until=asked.until, closed=asked.closed)
    with transaction(call.pool) as connection:
        ids = dead_letter_list.choose(connection, wanted).ids[::-1]
        first = ids.index(asked.after) + 1 if asked.after in ids else 0
        found = dead_letter_list.summaries(connection, ids[first : first + asked.limit])
    more = len(ids) > first + asked.limit
    return Answer(Letters(list(map(letter, found)), len(ids), found[-1].id if more and found else None))


def letter(known: DeadLetterSummary) -> Letter:
    return Letter(
        known.id,
        known.kind,
        refusal_reason(known.reason),
        known.detail,
        known.event_id,
        known.event_type,
        known.times,
        known.created_at,
        known.last_at,
        known.state,
    )
