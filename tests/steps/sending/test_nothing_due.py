"""No text asks for 0,00 or less: not when it is planned, and not when the money comes while it waits."""

import pytest

from tests.steps.ledger import planned, states
from tests.support.crm import Json, delivery, event, invoice
from tests.support.simulated_provider import Provider
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send

NOTHING, SETTLED, ACCEPTED = ("cancelled", "nothing_due"), ("cancelled", "invoice_settled"), ("accepted", None)


def money(amount: str) -> Json:
    return {"amount": amount, "currency": "UAH"}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"status": 2, "amount_due": money("0.00")}, SETTLED),
        ({"status": "5", "amount_due": money("100.00")}, SETTLED),
        ({"status": "unpaid", "amount_due": money("0.00")}, NOTHING),
        ({"status": "unpaid", "amount_due": money("-5.00")}, NOTHING),
        ({"status": "no such word", "amount_due": money("0.00")}, NOTHING),
        ({"status": "no such word", "amount_due": money("0.01")}, ACCEPTED),
    ],
)
def test_a_paid_invoice_is_not_sent_as_overdue(
    intake: Intake, sender: Sender, provider: Provider, facts: Json, expected: tuple[str, str | None]
) -> None:
    send(sender, planned(intake, event("invoice.overdue", invoice={**invoice(), **facts})))

    assert states(intake) == [expected]
    assert len(provider.messages()) == (expected == ACCEPTED)


@pytest.mark.parametrize("amount", ["0.00", "-5.00"])
def test_money_that_comes_while_a_text_waits_takes_it_back(
    intake: Intake, sender: Sender, provider: Provider, amount: str
) -> None:
    body = invoice()
    notification_ids = planned(intake, event("invoice.overdue", invoice=body))

    accept(intake, [delivery(event("invoice.saved", invoice={**body, "version": 5, "amount_due": money(amount)}))])
    send(sender, notification_ids)

    assert states(intake) == [NOTHING]
    assert provider.messages() == []


def test_an_invoice_that_is_unpaid_again_is_sent(intake: Intake, sender: Sender) -> None:
    body = invoice()
    paid = {**body, "version": 3, "amount_due": money("0.00")}
    accept(intake, [delivery(event("invoice.overdue", invoice=paid))])

    send(sender, planned(intake, event("invoice.overdue", invoice=body)))

    assert states(intake) == [ACCEPTED]
