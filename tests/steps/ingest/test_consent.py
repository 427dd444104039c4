from typing import Any

import pytest

from tests.steps.ledger import planned, states
from tests.support.crm import Json, contact_event, delivery, event, person, row, rows
from tests.support.simulated_provider import Provider
from worker.core.sending.nudge import NotificationId
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send

ACCEPTED, PLANNED = ("accepted", None), ("planned", None)
UNASKED, TAKEN_BACK = ("skipped", "no_consent"), ("cancelled", "no_consent")
ASKED = "SELECT consent FROM notifications ORDER BY id"


def saved(event_type: str = "contact.saved", *, minutes: float = -10, **fields: object) -> Json:
    return contact_event(event_type, minutes=minutes, **fields)


def sale(**consent: Any) -> Json:
    return event("sms.send_requested", text="Знижка 20%", template=None, marketing=True, recipients=[person(**consent)])


def birthday(**consent: Any) -> Json:
    return event("contact.birthday", contact={"id": "17"}, recipients=[person(**consent)])


def accept_events(intake: Intake, *events: Json) -> None:
    for item in events:
        accept(intake, [delivery(item)])


def test_advertising_without_stated_consent_needs_a_recorded_one(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    send(sender, planned(intake, sale()))
    accept_events(intake, saved(consent=True), saved(minutes=-5, firstname="Ольга"))

    send(sender, planned(intake, sale(), birthday()))

    assert states(intake) == [UNASKED, ACCEPTED, ACCEPTED]
    assert rows(intake.pool, ASKED) == [(None,), ("recorded",), ("recorded",)]
    assert len(provider.messages()) == 2


def test_consent_counts_by_the_time_of_its_event_and_a_deletion_stays(intake: Intake) -> None:
    yes, no = saved(consent=True, minutes=-10), saved(consent=False, minutes=-20)
    accept_events(intake, yes, no, yes)
    assert planned(intake, sale())

    accept_events(intake, saved("contact.deleted", minutes=-5))
    accept_events(intake, saved(consent=True, minutes=-6))

    assert planned(intake, sale()) == []
    assert states(intake) == [PLANNED, UNASKED]
    proof = row(intake.pool, "SELECT given, agreed_event_id FROM consents")
    assert proof == (None, yes["id"])


def test_a_consent_of_the_same_batch_counts(intake: Intake) -> None:
    accept(intake, [delivery(item) for item in (saved(consent=True), sale(), event("invoice.overdue"))])

    assert states(intake) == [PLANNED, PLANNED]


@pytest.mark.parametrize(
    ("body", "minutes", "expected"),
    [({}, -5, TAKEN_BACK), ({"consent": True}, 5, TAKEN_BACK), ({"consent": True}, -5, ACCEPTED)],
    ids=["recorded", "stated before", "stated since"],
)
def test_revoked_consent_cancels_a_waiting_text(
    intake: Intake, sender: Sender, body: Json, minutes: float, expected: tuple[str, str | None]
) -> None:
    accept_events(intake, saved(consent=True))
    notification_ids: list[NotificationId] = planned(intake, sale(**body), event("invoice.overdue"))

    accept_events(intake, saved(consent=False, minutes=minutes))
    send(sender, notification_ids)

    assert sorted(states(intake)) == sorted([expected, ACCEPTED])
