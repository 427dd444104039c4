"""Події CRM: what was published and what came of each."""

from datetime import timedelta
from http import HTTPStatus

from worker.core.contract.event_types import ID_MAX, TYPES
from worker.core.history.event_meanings import OUTCOMES
from worker.core.history.filters import EventFilter, Filter, cursor, event_faults, position
from worker.core.sending.nudge import NotificationId
from worker.language import _, of_pair
from worker.steps.history.phones_seen import note_phones
from worker.steps.history.why import Reading, of_event
from worker.store.db.postgres import transaction
from worker.store.history.entries import page as texts_of
from worker.store.history.event_facts import events_of_id
from worker.store.history.event_page import EventPage, event_page
from worker.store.history.notification_facts import SHOWN_MAX
from worker.web.pages.forms import Form
from worker.web.pages.history.listing import day_of, shown
from worker.web.pages.page import Html, Shown, Visit, page
from worker.web.pages.service import not_found

PER_PAGE = 50


@page("GET", "/a/{account}/events", may="look")
def crm_events(visit: Visit) -> Shown:
    """Accepted events, the newest first."""
    query, errors = visit.query, dict[str, str]()
    until = day_of(query, "until", visit.zone, errors)
    wanted = EventFilter(
        account=visit.account,
        types=tuple(filter(None, query.all("type"))),
        outcomes=tuple(filter(None, query.all("outcome"))),
        since=day_of(query, "since", visit.zone, errors),
        until=until + timedelta(days=1) if until else None,
    )
    errors |= {fault.field: fault.problem for fault in event_faults(wanted)}
    after = after_of(query, wanted, errors)
    found = EventPage([], None)
    if not errors:
        with transaction(visit.pool) as connection:
            found = event_page(connection, wanted, limit=PER_PAGE, after=after)
    values = {
        "rows": [(event, of_pair(OUTCOMES[event.outcome].sentence)) for event in found.events],
        "older": query.address(after=cursor(found.after, wanted)) if found.after else None,
        "types": [("", _("all")), *((name, name) for name in TYPES)],
        "outcomes": [("", _("all")), *((code, of_pair(known.sentence)) for code, known in OUTCOMES.items())],
        "errors": errors,
    }
    return Html("desk/events.html", values, HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK)


def after_of(query: Form, wanted: EventFilter, errors: dict[str, str]) -> NotificationId | None:
    if not query.text("after"):
        return None
    try:
        return position(query.text("after"), wanted)
    except ValueError:
        errors["after"] = _("This page is of another list: begin at its first page.")
        return None


@page("GET", "/a/{account}/events/one", may="look")
def crm_event(visit: Visit) -> Shown:
    """What came of one event, accepted or refused: its texts, or why there are none."""
    event_id = visit.query.text("id")
    if not 0 < len(event_id) <= ID_MAX:
        return not_found()
    wanted = Filter(account=visit.account, event=event_id)
    with transaction(visit.pool) as connection:
        kept = events_of_id(connection, event_id, [visit.account])
        stories = of_event(Reading(connection, visit.now, nobodys=False), event_id, [visit.account])
        if not stories:
            return not_found()
        texts = texts_of(connection, wanted, limit=SHOWN_MAX).entries
        if visit.user.sees_phones and texts:
            note_phones(connection, visit.by, "event", wanted)
    values = {
        "event_id": event_id,
        "event": kept[0] if kept else None,
        "outcome": of_pair(OUTCOMES[kept[0].outcome].sentence) if kept else _("It was refused."),
        "entries": stories[0].entries,
        "remedies": stories[0].remedies,
        "texts": [shown(text, sees_texts=visit.user.sees_phones) for text in texts],
    }
    return Html("desk/event.html", values)
