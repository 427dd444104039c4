from datetime import timedelta

import pytest

from tests.steps.ledger import planned, states, sweep
from tests.steps.sending.channels import VIBER, due, go_by, sent
from tests.support.crm import event, rows
from tests.support.simulated_provider import Provider
from worker.steps.ingest.plan import Intake
from worker.steps.operate.resume import resume
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send
from worker.store.db.postgres import transaction

ACCEPTED = ("accepted", None)


def stopped(intake: Intake) -> list[tuple[str, str, int]]:
    return [(row[0], row[1], row[2]) for row in rows(intake.pool, "SELECT scope, reason, code FROM pauses")]


@pytest.mark.parametrize(
    ("code", "viber_senders"), [(400, {"viber_senders": []}), (401, {"inactive_viber_senders": [VIBER]})]
)
def test_an_inactive_viber_sender_stops_viber_alone(
    intake: Intake,
    sender: Sender,
    provider: Provider,
    alerts: list[str],
    code: int,
    viber_senders: dict[str, list[str]],
) -> None:
    provider.account(**viber_senders)
    go_by(intake, "viber_then_sms")
    send(sender, planned(intake, event("order.created")))
    assert states(intake) == [("postponed", "sender")]

    send(sender, due(intake, after=timedelta(minutes=1)))
    go_by(intake, "sms")
    send(sender, planned(intake, event("order.created")))

    assert stopped(intake) == [("viber", "viber_sender", code)]
    assert alerts == ["viber.stopped"]
    assert (states(intake), sent(provider)) == ([ACCEPTED] * 2, [("sms", "DemoShop")] * 2)
    assert rows(intake.pool, "SELECT DISTINCT channel, viber FROM notifications") == [("sms", None)]


def test_a_viber_message_waits_until_a_person_resumes_viber(
    intake: Intake, sender: Sender, provider: Provider, alerts: list[str]
) -> None:
    provider.account(inactive_viber_senders=[VIBER])
    go_by(intake, "viber")
    notification_ids = planned(intake)
    send(sender, notification_ids)
    sweep(intake, after=timedelta(minutes=1))
    send(sender, notification_ids)
    assert states(intake) == [("postponed", "viber_sender")]
    provider.account(inactive_viber_senders=[])

    with transaction(intake.pool) as connection:
        assert resume(connection, "acme", ["viber"], by="anna") == ["viber"]
    send(sender, due(intake))

    assert (states(intake), sent(provider)) == ([ACCEPTED], [("viber", VIBER)])
    assert alerts == ["viber.stopped"]


def test_the_sms_sender_of_a_hybrid_that_is_not_active_pauses_the_account(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    provider.account(inactive_senders=["DemoShop"])
    go_by(intake, "viber_then_sms")
    notification_ids = planned(intake)
    for _ in range(2):
        send(sender, notification_ids)
        sweep(intake, after=timedelta(minutes=1))

    assert sorted(stopped(intake)) == [("account", "sender", 401), ("viber", "viber_sender", 401)]
    assert provider.messages() == []


def test_no_money_for_viber_pauses_the_account(intake: Intake, sender: Sender, provider: Provider) -> None:
    provider.fault("code", code=203)
    go_by(intake, "viber")

    send(sender, planned(intake))

    assert stopped(intake) == [("account", "money", 203)]
