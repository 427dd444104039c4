"""A waiting text goes to the newest phone of its contact, once, and to nobody once the contact is deleted."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.steps.ledger import pass_time, planned, states
from tests.support.crm import SECRET, Json, contact_event, delivery, event, execute, person, row, rows
from tests.support.simulated_provider import Provider
from worker.core.hands.resend import Terms
from worker.core.sending.nudge import NotificationId
from worker.core.triggers.recipient_key import key_of
from worker.steps.hands.resend import resend_counts
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.steps.sending import phone_change
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send
from worker.store.accounts.sealed_places import SALT
from worker.store.accounts.secrets import Seal, salt
from worker.store.db.postgres import transaction

OLD, NEW = "380671234567", "380677654321"
CANCEL = "UPDATE notifications SET state = 'cancelled', reason = 'by_hand', due_at = NULL WHERE id = %s"
PHONES = "SELECT phone, state, reason FROM notifications ORDER BY id"


@pytest.fixture
def intake(intake: Intake) -> Intake:
    """One whose recipient keys are made with the installation's own salt, as everywhere but in tests."""
    with transaction(intake.pool) as connection:
        return Intake(intake.pool, intake.cache, salt(connection, Seal([SECRET])))


def event_body(event_type: str, *, minutes: float = 5, **fields: object) -> Json:
    return contact_event(event_type, minutes=minutes, **fields)


def stop(intake: Intake, key: bytes) -> None:
    """Put the new phone, called so in the ledger, on the stop-list."""
    rows(
        intake.pool,
        "INSERT INTO suppressions (account, recipient_key, phone, reason, source, since) "
        "VALUES ('acme', %s, %s, 'asked', 'operator', now()) RETURNING account",
        key,
        f"+{NEW}",
    )


def anew(body: Json, *, phone: str) -> Json:
    """The same fact in another event, to another phone."""
    return {**event(body["type"]), "data": {**body["data"], "recipients": [person(phone=phone)]}}


def phones_sent(provider: Provider) -> list[str]:
    return [message["recipient"] for message in provider.messages()]


def test_a_text_that_waits_goes_to_the_new_phone(intake: Intake, sender: Sender, provider: Provider) -> None:
    notification_ids = planned(intake, event("invoice.overdue"))

    accept(intake, [delivery(event_body("contact.saved", phonenumber="067 765 43 21"))])
    send(sender, notification_ids)

    assert phones_sent(provider) == [NEW]
    assert rows(intake.pool, PHONES) == [(f"+{NEW}", "accepted", None)]


@pytest.mark.parametrize("phone", ["", None, "12-34", "067 123 45 67"])
def test_a_phone_that_is_none_or_the_same_changes_nothing(
    intake: Intake, sender: Sender, provider: Provider, phone: str | None
) -> None:
    notification_ids = planned(intake, event("invoice.overdue"))

    accept(intake, [delivery(event_body("contact.saved", phonenumber=phone))])
    send(sender, notification_ids)

    assert phones_sent(provider) == [OLD]


def test_a_contact_saved_before_the_event_does_not_count(intake: Intake, sender: Sender, provider: Provider) -> None:
    accept(intake, [delivery(event_body("contact.saved", phonenumber="067 765 43 21", minutes=-5))])
    accept(intake, [delivery(event_body("contact.deleted", minutes=-4))])

    send(sender, planned(intake, event("invoice.overdue")))

    assert phones_sent(provider) == [OLD]


def test_a_deleted_contact_is_not_texted(intake: Intake, sender: Sender, provider: Provider) -> None:
    notification_ids = planned(intake, event("invoice.overdue"))

    accept(intake, [delivery(event_body("contact.deleted"))])
    send(sender, notification_ids)

    assert (phones_sent(provider), states(intake)) == ([], [("cancelled", "recipient_deleted")])


def test_the_same_text_goes_to_a_new_phone_once(intake: Intake, sender: Sender, provider: Provider) -> None:
    body = event("invoice.payment_recorded")
    notification_ids = planned(intake, body)
    accept(intake, [delivery(event_body("contact.saved", phonenumber="067 765 43 21"))])
    again = anew(body, phone="067 765 43 21")

    notification_ids += planned(intake, again)
    send(sender, notification_ids)

    assert phones_sent(provider) == [NEW]
    assert sorted(states(intake)) == [("accepted", None), ("cancelled", "sent_elsewhere")]


def test_the_new_phone_keeps_to_the_text_that_was_sent_again_to_it(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    body = event("invoice.payment_recorded")
    [waits] = planned(intake, body)
    [withdrawn] = planned(intake, anew(body, phone="067 765 43 21"))
    execute(intake.pool, CANCEL, withdrawn[1])
    with transaction(intake.pool) as connection:
        [resent] = resend_counts(connection, "acme", [withdrawn], terms=Terms("anna", frozenset({"cancelled"}), 1))[1]
    accept(intake, [delivery(event_body("contact.saved", phonenumber="067 765 43 21"))])

    send(sender, [waits])
    send(sender, [resent])

    assert phones_sent(provider) == [NEW]
    assert states(intake) == [("cancelled", "sent_elsewhere"), ("cancelled", "by_hand"), ("accepted", None)]


def test_a_text_sent_to_the_new_phone_is_not_planned_again(intake: Intake, sender: Sender, provider: Provider) -> None:
    body = event("invoice.payment_recorded")
    notification_ids = planned(intake, body)
    accept(intake, [delivery(event_body("contact.saved", phonenumber="067 765 43 21"))])
    send(sender, notification_ids)

    for phone in ("067 765 43 21", "067 123 45 67"):
        send(sender, planned(intake, anew(body, phone=phone)))

    assert phones_sent(provider) == [NEW]


def test_two_people_with_one_new_phone_get_one_text(intake: Intake, sender: Sender, provider: Provider) -> None:
    people = [person(), person(id="18", phone="067 111 22 33")]
    notification_ids = planned(intake, event("invoice.overdue", recipients=people))
    other = event_body("contact.saved", phonenumber="067 765 43 21")
    other["data"]["contact"]["id"] = "18"

    accept(intake, [delivery(event_body("contact.saved", phonenumber="067 765 43 21")), delivery(other)])
    send(sender, notification_ids)

    assert phones_sent(provider) == [NEW]


def test_the_salt_is_read_once_for_a_crowd(
    intake: Intake, sender: Sender, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[object] = []

    def salt_of(connection: object, _seal: object) -> bytes:
        read.append(connection)
        return intake.salt

    monkeypatch.setattr(phone_change, "salt", salt_of)
    people = [person(), person(id="18", phone="067 111 22 33")]
    notification_ids = planned(intake, event("invoice.overdue", recipients=people))
    other = event_body("contact.saved", phonenumber="067 765 43 22")
    other["data"]["contact"]["id"] = "18"
    accept(intake, [delivery(event_body("contact.saved", phonenumber="067 765 43 21")), delivery(other)])

    send(sender, notification_ids)

    assert sorted(phones_sent(provider)) == [NEW, "380677654322"]
    assert len(read) == 1


def test_the_stop_list_is_asked_for_the_new_phone(intake: Intake, sender: Sender, provider: Provider) -> None:
    send(sender, planned(intake, event("invoice.overdue", recipients=[person(phone="067 765 43 21", id="99")])))
    stop(intake, row(intake.pool, "SELECT recipient_key FROM notifications")[0])
    notification_ids = planned(intake, event("invoice.overdue"))

    accept(intake, [delivery(event_body("contact.saved", phonenumber="067 765 43 21"))])
    send(sender, notification_ids)

    assert phones_sent(provider) == [NEW]
    assert states(intake)[1] == ("cancelled", "suppressed")


def test_a_restored_phone_gets_the_waiting_text(intake: Intake, sender: Sender, provider: Provider) -> None:
    notification_ids = planned(intake, event("invoice.overdue"))
    accept(intake, [delivery(event_body("contact.saved", phonenumber="067 765 43 21"))])
    provider.fault("code", code=503, times=1)
    send(sender, notification_ids)
    accept(intake, [delivery(event_body("contact.saved", phonenumber="067 123 45 67", minutes=6))])

    pass_time(intake.pool, timedelta(minutes=5))
    send(sender, notification_ids)

    assert phones_sent(provider) == [OLD]


def test_a_text_back_on_the_old_phone_has_its_key_and_recipient(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    before = datetime.now(UTC) - timedelta(minutes=10)  # noqa: TID251 (a CRM has a clock of its own)
    body: Json = {**event("invoice.payment_recorded"), "time": before.isoformat()}
    notification_ids = planned(intake, body)
    accept(intake, [delivery(event_body("contact.saved", phonenumber="067 765 43 21", minutes=-5))])
    stop(intake, key_of(f"+{NEW}", salt=intake.salt))
    send(sender, notification_ids)
    assert states(intake) == [("cancelled", "suppressed")]

    again = anew(body, phone="067 123 45 67")
    again["data"]["recipients"][0]["id"] = "18"
    send(sender, planned(intake, again))

    assert phones_sent(provider) == [OLD]
    results = rows(intake.pool, "SELECT recipient_key, recipient_id FROM notifications")
    assert results == [(key_of(f"+{OLD}", salt=intake.salt), "18")]


def test_a_salt_that_our_key_does_not_open_is_no_fault_of_the_text(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    notification_ids = planned(intake, event("invoice.overdue"))
    accept(intake, [delivery(event_body("contact.saved", phonenumber="067 765 43 21"))])
    sealed = Seal(["another key, which this process lacks"]).close(intake.salt, SALT)
    execute(intake.pool, "UPDATE secrets SET sealed = %s", sealed)

    send(sender, notification_ids)

    assert phones_sent(provider) == []
    assert rows(intake.pool, "SELECT state, tries FROM notifications") == [("planned", 0)]


def merged(intake: Intake) -> list[NotificationId]:
    """A text for each of contacts 17 and 18, who are then merged: 17 gets the phone of 18, who is deleted."""
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
