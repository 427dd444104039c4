"""`/events`: what the CRM published, and what came of each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from worker.core.contract.event_types import ID_MAX, TYPES
from worker.core.history.event_meanings import OUTCOMES
from worker.core.history.filters import EventFilter, Filter, cursor, event_faults
from worker.core.outcomes.reason import Reason, reason_of
from worker.language import _
from worker.steps.history.phones_seen import note_phones
from worker.steps.history.why import Explanation, Reading, of_event, of_kept_event
from worker.store.db.postgres import each_alone, transaction
from worker.store.history.entries import page
from worker.store.history.event_facts import KeptEvent, events_of_id
from worker.store.history.event_page import AcceptedEvent, event_page
from worker.store.history.notification_facts import SHOWN_MAX
from worker.web.api.endpoint import Answer, Call, endpoint
from worker.web.api.fields import NO_NUL, Cursor, Fields, Limit, Moment, Phones, about, begun, one_of
from worker.web.api.notification_answer import Notification, notification
from worker.web.api.problems import NOT_FOUND, Problem, invalid, not_found
from worker.web.api.story_answer import Sentence, StoryMoment, sentences, timeline

TAG = "events"
Type = Annotated[str, one_of(TYPES)]
Outcome = Annotated[str, one_of(OUTCOMES)]


class WantedEvents(Fields):
    """Filters; whatever is given must be true of each event."""

    type: Annotated[tuple[Type, ...], about("Of any of these types.", max_length=50)] = ()
    outcome: Annotated[tuple[Outcome, ...], about("To which any of these happened.", max_length=5)] = ()
    since: Annotated[Moment | None, about("Received since then.", "2026-11-24T00:00:00+02:00")] = None
    until: Annotated[Moment | None, about("Received before then.")] = None
    limit: Limit = 50
    cursor: Cursor = None


class EventById(Fields):
    """One event, by the id that the CRM gave it."""

    event: Annotated[
        str, about("The CRM's own id.", "order/77/created", min_length=1, max_length=ID_MAX, pattern=NO_NUL)
    ]
    phones: Phones = False


@dataclass(frozen=True, slots=True)
class Event:
    """An event that was accepted."""

    id: Annotated[str, about("The id that the CRM gave it.")]
    type: Annotated[str, about("Its type.", "invoice.overdue")]
    occurred_at: Annotated[datetime, about("Its `time`, by the CRM.")]
    received_at: Annotated[datetime, about("When it was accepted.")]
    outcome: Annotated[Reason, about("What came of it; `planned`: texts, which may yet be skipped.")]


@dataclass(frozen=True, slots=True)
class EventPage:
    """A page of events, the newest first; where filters fit few, it may be short, or empty, and yet not the last."""

    items: list[Event]
    next: Annotated[str | None, about("The `cursor` of the next page; null: there is none.")]


@dataclass(frozen=True, slots=True)
class EventStory:
    """An event, the texts that it led to, and its story."""

    id: Annotated[str, about("The id that the CRM gave it.")]
    accepted: Annotated[Event | None, about("Null: it was refused, and the timeline says why.")]
    notifications: Annotated[
        list[Notification],
        about(f"The newest {SHOWN_MAX} texts that it led to; GET /notifications lists all of an `event`."),
    ]
    timeline: Annotated[list[StoryMoment], about("What happened to it and to these texts, in order.")]
    remedies: Annotated[list[Sentence], about("What somebody can do about it now.")]


@endpoint("GET", "/events", scope="read", tag=TAG, answer=EventPage)
def list_events(call: Call[WantedEvents, None]) -> Answer | Problem:
    """List accepted events, the newest first.

    Those that were refused are not among them: ask for one by its id.
    """
    asked = call.parameters
    wanted = EventFilter(
        account=call.account, types=asked.type, outcomes=asked.outcome, since=asked.since, until=asked.until
    )
    after = begun(asked.cursor, wanted)
    if wrong := [*event_faults(wanted), *after.faults]:
        return invalid(wrong)
    with each_alone(call.pool) as connection:
        found = event_page(connection, wanted, limit=asked.limit, after=after.position)
    return Answer(EventPage(list(map(event, found.events)), cursor(found.after, wanted) if found.after else None))


@endpoint("GET", "/events/{event:path}", scope="read", tag=TAG, answer=EventStory, problems=(NOT_FOUND,))
def show_event(call: Call[EventById, None]) -> Answer | Problem:
    """Show what came of one event: the texts that it led to, or why there are none.

    Also of one that was refused. Percent-encode its id where it has slashes or other signs that paths give a meaning.
    """
    asked = call.parameters
    wanted = Filter(account=call.account, event=asked.event)
    with transaction(call.pool) as connection:
        kept = events_of_id(connection, asked.event, [call.account])
        explanation = explanation_of(Reading(connection, call.now, nobodys=False), kept, asked.event, call.account)
        if explanation is None:
            return not_found(_("event of this id"))
        texts = page(connection, wanted, limit=SHOWN_MAX).entries
        if asked.phones:
            note_phones(connection, call.key.as_operator, "event", wanted)
    return Answer(
        EventStory(
            asked.event,
            event(kept[0]) if kept else None,
            [notification(text, phones=asked.phones) for text in texts],
            timeline(explanation),
            sentences(explanation.remedies),
        )
    )


def explanation_of(reading: Reading, kept: list[KeptEvent], event_id: str, account: str) -> Explanation | None:
    """The story of an event of this account, accepted or refused."""
    told = [of_kept_event(reading, kept[0])] if kept else of_event(reading, event_id, [account])
    return told[0] if told else None


def event(accepted: AcceptedEvent | KeptEvent) -> Event:
    outcome = reason_of(accepted.outcome, OUTCOMES[accepted.outcome].sentence)
    return Event(accepted.event_id, accepted.type, accepted.occurred_at, accepted.received_at, outcome)
