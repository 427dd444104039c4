"""`/consents`: what the CRM recorded of its contacts' consent to advertising."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from worker.store.consent.consents import list_consents
from worker.store.db.postgres import transaction
from worker.web.api.endpoint import Answer, Call, endpoint
from worker.web.api.fields import Fields, Limit, Words, about

TAG = "stop-list"


class WhichConsents(Fields):
    person: Annotated[Words | None, about("Only of the contact with this id.", "17")] = None
    limit: Limit = 50


@dataclass(frozen=True, slots=True)
class Consent:
    """A contact's consent, with the event that proves it."""

    kind: Annotated[str, about("`contact`, or another kind of person.")]
    id: Annotated[str, about("The CRM's id of the person.")]
    given: Annotated[bool | None, about("Whether it is given; null: the person was deleted.")]
    changed_at: Annotated[datetime, about("When it became so, by the CRM.")]
    event_id: Annotated[str, about("The event that said so.")]
    agreed_at: Annotated[datetime | None, about("When it was given last.")]
    agreed_event_id: Annotated[str | None, about("The event that said so.")]


@dataclass(frozen=True, slots=True)
class Consents:
    """Consents, the newest change first."""

    items: list[Consent]


@endpoint("GET", "/consents", scope="read", tag=TAG, answer=Consents)
def list_recorded(call: Call[WhichConsents, None]) -> Answer:
    """List consents to advertising, the newest change first.

    Who is not among them has none: advertising does not go to them.
    """
    asked = call.parameters
    with transaction(call.pool) as connection:
        found = list_consents(connection, call.account, person=asked.person, limit=asked.limit)
    return Answer(
        Consents(
            [
                Consent(
                    each.kind, each.id, each.given, each.changed_at, each.event_id, each.agreed_at, each.agreed_event_id
                )
                for each in found
            ]
        )
    )
