"""Згоди: who agreed to advertising, with the event of the CRM that proves it."""

from worker.language import _
from worker.store.consent.consents import list_consents
from worker.store.db.postgres import transaction
from worker.web.pages.page import Html, Shown, Visit, page

SHOWN_MAX = 200
PERSON_MAX = 100


@page("GET", "/a/{account}/consents", may="look")
def consents(visit: Visit) -> Shown:
    """The newest; of one person all."""
    person = visit.query.text("person").strip()
    errors = {"person": _("is longer than {most} characters", most=PERSON_MAX)} if len(person) > PERSON_MAX else {}
    with transaction(visit.pool) as connection:
        found = [] if errors else list_consents(connection, visit.account, person=person or None, limit=SHOWN_MAX)
    return Html("sending/consents.html", {"rows": found, "most": SHOWN_MAX, "errors": errors}, 422 if errors else 200)
