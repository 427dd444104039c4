"""What is wrong in an event costs no cancellation, no withdrawal of consent, and nobody else's text."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.steps.ledger import planned
from tests.support.crm import Json, delivery, event, person, row, rows
from tests.support.simulated_provider import Provider
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send


def accept_events(intake: Intake, *events: Json) -> None:
    for item in events:
        [accepted] = accept(intake, [delivery(item)])
        assert accepted.refused == 0, rows(intake.pool, "SELECT detail FROM dead_letters")


@pytest.mark.parametrize("beside", [{"birthday": "02.12.1990"}, {"locale": ""}, {"version": ""}, {"timezone": ["x"]}])
def test_a_withdrawal_of_consent_counts_beside_a_wrong_field(intake: Intake, beside: Json) -> None:
    yes = event("contact.saved", contact={"id": "1", "version": 1, "consent": True, "birthday": "1990-12-02"})
    no = event("contact.saved", contact={"id": "1", "version": 2, "consent": False, **beside}, recipients=[])

    accept_events(intake, yes, no)

    assert row(intake.pool, "SELECT given FROM consents") == (False,)


@pytest.mark.parametrize("record_kind", ["booking", "meeting"])
@pytest.mark.parametrize("start", [None, "", "0000-00-00 00:00:00", "ніколи"])
def test_a_cancellation_without_a_start_takes_the_reminders_along(
    intake: Intake, record_kind: str, start: object
) -> None:
    at = datetime.now(UTC) + timedelta(hours=60)  # noqa: TID251 (a CRM has a clock of its own)
    first: Json = {"id": "2", "version": 1, "status": "confirmed", "start": at.isoformat()}
    then: Json = {"id": "2", "version": 2, "status": "cancelled", "start": start}

    body, two = event(f"{record_kind}.saved"), event(f"{record_kind}.saved")
    accept_events(intake, {**body, "data": {record_kind: first}}, {**two, "data": {record_kind: then}})

    assert rows(intake.pool, "SELECT cancelled, local_at FROM calendar") == [(True, None)]


def test_a_wrong_recipient_costs_no_other_recipient(intake: Intake, sender: Sender, provider: Provider) -> None:
    people = [
        person(),
        person(id="18", phone="067 111 22 33", locale="ukrainian"),
        {"kind": "alien", "id": "19", "phonenumber": "067 111 22 44"},
        person(id="20", phone="067 111 22 55", consent={"x": 1}),
    ]
    body = event("sms.send_requested", text="Вітаємо!", template=None, recipients=people, shortcodes=[], client=[])

    send(sender, planned(intake, body))

    assert {message["recipient"] for message in provider.messages()} == {
        "380671234567",
        "380671112233",
        "380671112255",
    }
    assert rows(intake.pool, "SELECT field FROM unrecognized_values ORDER BY field") == [
        ("recipients.consent",),
        ("recipients.kind",),
        ("recipients.locale",),
    ]
