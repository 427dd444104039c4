"""Two contacts that are found to be one: whoever stays gets the phone, and is told once at it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.steps.ledger import pass_time, planned, states
from tests.steps.sending.test_phone_change import NEW, event_body, phones_sent
from tests.support.crm import SECRET, delivery, event, execute, person, rows
from tests.support.simulated_provider import Provider
from worker.core.sending.nudge import NotificationId
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send
from worker.store.accounts.secrets import Seal, salt
from worker.store.db.postgres import transaction


@pytest.fixture
def intake(intake: Intake) -> Intake:
    """One whose recipient keys are made with the installation's own salt, as everywhere but in tests."""
    with transaction(intake.pool) as connection:
        return Intake(intake.pool, intake.cache, salt(connection, Seal([SECRET])))


def merged(intake: Intake) -> list[NotificationId]:
    """A text for 17 and one for 18, who is found to be the same person: 17 gets the phone of 18, who goes."""
    people = [person(), person(id="18", phone="067 765 43 21")]
    planned(intake, event("invoice.overdue", recipients=people))
    other = event_body("contact.deleted")
    other["data"]["contact"]["id"] = "18"
    accept(intake, [delivery(event_body("contact.saved", phonenumber="067 765 43 21")), delivery(other)])
    results = rows(intake.pool, "SELECT month, id FROM notifications ORDER BY recipient_id")
    return [(month, number) for month, number in results]


@pytest.mark.parametrize("order", [[[0, 1]], [[1], [0]]], ids=["at once", "the deleted one first"])
def test_a_person_with_the_phone_of_a_deleted_double_is_texted(
    intake: Intake, sender: Sender, provider: Provider, order: list[list[int]]
) -> None:
    notification_ids = merged(intake)

    for turn in order:
        send(sender, [notification_ids[number] for number in turn])

    assert phones_sent(provider) == [NEW]
    assert sorted(states(intake)) == [("accepted", None), ("cancelled", "recipient_deleted")]


def test_a_person_waits_until_the_double_who_has_their_key_came_to_nothing(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    notification_ids = merged(intake)

    send(sender, notification_ids[:1])
    assert phones_sent(provider) == []
    assert sorted(states(intake)) == [("planned", None), ("postponed", "phone_taken")]
    send(sender, notification_ids[1:])
    pass_time(intake.pool, timedelta(hours=1))
    send(sender, notification_ids[:1])

    assert phones_sent(provider) == [NEW]


def test_a_text_that_waits_for_a_deleted_double_expires_in_time(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    notification_ids = merged(intake)
    send(sender, notification_ids[:1])
    execute(intake.pool, "UPDATE notifications SET due_at = now(), expires_at = now() WHERE recipient_id = '17'")

    send(sender, notification_ids[:1])

    assert phones_sent(provider) == []
    assert ("expired", "too_late") in states(intake)
