from datetime import timedelta

import pytest

from tests.steps.ledger import planned, repeat_all, states, sweep
from tests.steps.sending.channels import VIBER, due, go_by, sent
from tests.support.crm import event, execute, row, rows
from tests.support.simulated_provider import Provider
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send

ACCEPTED = ("accepted", None)
PATTERN = "not_allowed_message_transaction_pattern"
SMS = [("sms", "DemoShop")]
WAYS = "SELECT channel, viber_fallback FROM notifications"


@pytest.mark.parametrize("fault", ["code", "row_code"])
@pytest.mark.parametrize(("code", "reason"), [(416, PATTERN), (412, "not_allowed_message_text")])
def test_a_hybrid_refused_for_viber_goes_as_sms_under_a_fresh_key(
    intake: Intake, sender: Sender, provider: Provider, fault: str, code: int, reason: str
) -> None:
    go_by(intake, "viber_then_sms")
    provider.fault(fault, code=code)
    send(sender, planned(intake, event("order.created")))
    assert states(intake) == [("postponed", reason)]

    send(sender, due(intake))

    assert (states(intake), sent(provider)) == ([ACCEPTED], SMS)
    assert row(intake.pool, WAYS) == ("sms", reason)
    assert row(intake.pool, "SELECT count(DISTINCT key) FROM attempts") == (2,)


def test_an_sms_that_is_refused_as_well_is_refused(intake: Intake, sender: Sender, provider: Provider) -> None:
    go_by(intake, "viber_then_sms")
    provider.fault("code", code=412, times=2)
    send(sender, planned(intake, event("order.created")))

    send(sender, due(intake))

    assert states(intake) == [("refused", "not_allowed_message_text")]


def test_a_refusal_after_a_lost_answer_lets_nothing_go_a_second_time(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    go_by(intake, "viber_then_sms")
    provider.fault("reset_after")
    send(sender, planned(intake, event("order.created")))
    provider.fault("code", code=416)

    repeat_all(sender, sweep(intake, after=timedelta(minutes=2)))
    assert states(intake) == [("sending", None)]
    repeat_all(sender, sweep(intake, after=timedelta(minutes=10)))

    assert (states(intake), sent(provider)) == ([ACCEPTED], [("viber_then_sms", "DemoShop")])


def test_viber_that_cannot_be_sent_is_tried_twice_and_then_the_sms_goes(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    go_by(intake, "viber_then_sms")
    provider.fault("code", code=504, times=2)
    send(sender, planned(intake, event("order.created")))
    send(sender, due(intake, after=timedelta(minutes=1)))

    send(sender, due(intake))

    assert (states(intake), sent(provider)) == ([ACCEPTED], SMS)
    assert row(intake.pool, WAYS) == ("sms", "failed_viber_send")


@pytest.mark.parametrize("channel", ["viber", "both"])
def test_a_viber_message_without_sms_fallback_is_refused(intake: Intake, sender: Sender, channel: str) -> None:
    go_by(intake, channel)
    execute(intake.pool, """UPDATE templates SET viber = '{"transactional": true}'""")
    send(sender, planned(intake, event("order.created")))

    by_channel = dict(rows(intake.pool, "SELECT channel, state FROM notifications"))
    assert by_channel == {"viber": "refused"} | ({"sms": "accepted"} if channel == "both" else {})


def test_a_viber_sender_that_is_not_active_does_not_sink_the_sms_of_both(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    provider.account(inactive_viber_senders=[VIBER])
    go_by(intake, "both")

    send(sender, planned(intake, event("order.created")))

    assert sorted(states(intake)) == [ACCEPTED, ("postponed", "sender")]
    assert sent(provider) == SMS
    assert row(intake.pool, "SELECT scope FROM pauses") == ("viber",)
