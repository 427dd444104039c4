from datetime import timedelta

import pytest

from tests.steps.ledger import planned, states
from tests.steps.sending.channels import go_by, sent
from tests.support.crm import SALT, event, execute, rows
from tests.support.simulated_provider import Provider
from worker.core.triggers.recipient_key import key_of
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send
from worker.store.consent import viber_reach
from worker.store.db.postgres import clock, transaction

ACCEPTED = ("accepted", None)
KEY = key_of("+380671234567", salt=SALT)


def learn(intake: Intake, *, ago: timedelta = timedelta()) -> None:
    with transaction(intake.pool) as connection:
        viber_reach.learn(connection, "acme", [KEY, KEY], now=clock(connection) - ago)


def ways(intake: Intake) -> list[tuple[str, str | None]]:
    return [
        (row[0], row[1]) for row in rows(intake.pool, "SELECT channel, viber_fallback FROM notifications ORDER BY id")
    ]


def test_without_viber_reach_the_sms_goes_at_once(intake: Intake, sender: Sender, provider: Provider) -> None:
    learn(intake)
    for channel in ("sms", "viber", "viber_then_sms", "both"):
        go_by(intake, channel)
        send(sender, planned(intake, event("order.created")))

    skipped = ("skipped", "no_viber")
    assert sorted(states(intake)) == [ACCEPTED] * 3 + [skipped] * 2
    assert sorted(ways(intake), key=str) == [("sms", "no_viber"), ("sms", None), ("sms", None), *[("viber", None)] * 2]
    assert sent(provider) == [("sms", "DemoShop")] * 3


def test_viber_reach_learned_meanwhile_counts_at_the_claim(intake: Intake, sender: Sender, provider: Provider) -> None:
    go_by(intake, "viber_then_sms")
    notification_ids = planned(intake, event("order.created"))
    go_by(intake, "viber")
    notification_ids += planned(intake, event("order.created"))

    learn(intake)
    send(sender, notification_ids)

    assert states(intake) == [ACCEPTED, ("cancelled", "no_viber")]
    assert ways(intake) == [("sms", "no_viber"), ("viber", None)]
    assert sent(provider) == [("sms", "DemoShop")]


@pytest.mark.parametrize("healed", ["time", "receipt", "setting"])
def test_viber_is_tried_again_after_time_a_receipt_or_a_setting(
    intake: Intake, sender: Sender, provider: Provider, healed: str
) -> None:
    learn(intake, ago=timedelta(days=30) if healed == "time" else timedelta())
    if healed == "receipt":
        with transaction(intake.pool) as connection:
            viber_reach.delete(connection, "acme", [KEY])
    if healed == "setting":
        execute(intake.pool, "UPDATE accounts SET viber_reach_days = 0")
    go_by(intake, "viber_then_sms")

    send(sender, planned(intake, event("order.created")))

    assert sent(provider) == [("viber_then_sms", "DemoShop")]


def test_the_newest_refusal_counts(intake: Intake) -> None:
    learn(intake)
    learn(intake, ago=timedelta(days=40))

    assert rows(intake.pool, "SELECT refused_at > now() - interval '1 hour' FROM viber_reach") == [(True,)]
