from datetime import timedelta

import pytest

from tests.steps.ledger import planned, repeat_all, states, sweep
from tests.support.crm import delivery, event, execute, row, rows
from tests.support.http_client import http
from tests.support.simulated_provider import Provider
from worker.core.sending.nudge import NotificationId
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send

ACCEPTED = ("accepted", None)
WAITS = ("postponed", "key_expired")


def prefer(intake: Intake, if_unconfirmed: str) -> None:
    execute(
        intake.pool, "UPDATE triggers SET if_unconfirmed = %s WHERE trigger = 'invoice_overdue_notice'", if_unconfirmed
    )


def expire_keys(intake: Intake, sender: Sender) -> None:
    """Let the life of every open key end."""
    execute(intake.pool, "UPDATE attempts SET key_expires_at = now() WHERE settled_at IS NULL")
    repeat_all(sender, sweep(intake, after=timedelta(minutes=2)))


@pytest.fixture
def notification_ids(intake: Intake, sender: Sender, provider: Provider) -> list[NotificationId]:
    """A text that TurboSMS made and whose answer was lost; its trigger prefers twice to never."""
    prefer(intake, "resend")
    provider.fault("reset_after")
    planned_ids = planned(intake)
    send(sender, planned_ids)
    return planned_ids


def test_a_twice_preferring_row_goes_again_after_the_window(
    intake: Intake, sender: Sender, provider: Provider, notification_ids: list[NotificationId]
) -> None:
    expire_keys(intake, sender)
    assert states(intake) == [WAITS]
    assert row(intake.pool, "SELECT outcome FROM attempts") == ("postponed",)
    assert sweep(intake, after=timedelta(seconds=89)).count == 0
    send(sender, notification_ids)
    assert provider.state()["posts"] == 1

    http.post(f"{provider.url}/_simulator/clock", json={"advance_s": 100})
    assert sweep(intake, after=timedelta(seconds=11)).count == 1
    send(sender, notification_ids)

    assert states(intake) == [ACCEPTED]
    assert len({message["sequence_id"] for message in provider.messages()}) == 2
    assert rows(intake.pool, "SELECT count(*) FROM provider_messages") == [(1,)]


def test_a_lost_post_is_repeated_under_its_key_until_that_expires(
    intake: Intake, sender: Sender, provider: Provider, notification_ids: list[NotificationId]
) -> None:
    repeat_all(sender, sweep(intake, after=timedelta(minutes=2)))

    assert states(intake) == [ACCEPTED]
    assert row(intake.pool, "SELECT row_ids FROM attempts") == ([notification_ids[0][1]],)
    assert len(provider.messages()) == 1


def test_a_row_that_prefers_to_be_lost_stays_unconfirmed(
    intake: Intake, sender: Sender, provider: Provider, notification_ids: list[NotificationId]
) -> None:
    prefer(intake, "keep")

    expire_keys(intake, sender)

    assert states(intake) == [("unconfirmed", "key_expired")]
    assert sweep(intake, after=timedelta(days=2)).count == 0
    send(sender, notification_ids)
    assert provider.state()["posts"] == 1


def test_a_repeat_confirmed_by_turbosms_never_goes_again(
    intake: Intake, sender: Sender, provider: Provider, notification_ids: list[NotificationId]
) -> None:
    provider.settings(repeat_shape="null")
    repeat_all(sender, sweep(intake, after=timedelta(minutes=2)))

    assert states(intake) == [("unconfirmed", "repeat")]
    assert sweep(intake, after=timedelta(days=2)).count == 0
    send(sender, notification_ids)
    assert len(provider.messages()) == 1


OPT_OUT = "INSERT INTO suppressions SELECT account, recipient_key, 'asked', 'test', now() FROM notifications"


def test_a_person_who_opted_out_gets_no_second_text(
    intake: Intake, sender: Sender, provider: Provider, notification_ids: list[NotificationId]
) -> None:
    expire_keys(intake, sender)
    execute(intake.pool, OPT_OUT)

    sweep(intake, after=timedelta(minutes=2))
    send(sender, notification_ids)

    assert provider.state()["posts"] == 1
    assert row(intake.pool, "SELECT due_at FROM notifications") == (None,)


def test_an_unwanted_text_with_an_expired_key_is_unconfirmed(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    prefer(intake, "resend")
    provider.fault("reset_after")
    body = event("invoice.overdue")
    send(sender, planned(intake, body))
    paid = {**body["data"]["invoice"], "version": 5, "status": "paid"}
    accept(intake, [delivery(event("invoice.payment_recorded", invoice=paid, recipients=[]))])

    expire_keys(intake, sender)

    assert states(intake) == [("unconfirmed", "key_expired")]
    assert provider.state()["posts"] == 1
