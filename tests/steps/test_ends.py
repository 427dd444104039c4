from functools import partial

import pytest

from tests.steps.ledger import planned
from tests.steps.receipts.receipts import callback
from tests.support.crm import contact_event, delivery, event, execute, row
from tests.support.simulated_provider import Provider
from worker.core.sending.nudge import NotificationId
from worker.steps.effects import Buried, Effect, Ended
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.steps.privacy.erase import carry_on
from worker.steps.receipts.callbacks import record_callbacks
from worker.steps.sending.post import Sender
from worker.steps.sending.row_failure import TRIES_MAX, count_failure
from worker.steps.sending.send import send
from worker.steps.upkeep.sweeper import expire


@pytest.fixture
def effects() -> list[Effect]:
    return []


@pytest.fixture
def teller(sender: Sender, effects: list[Effect]) -> Sender:
    """A sender that tells what it did."""
    return Sender(
        sender.pool,
        sender.cache,
        sender.provider,
        sender.seal,
        sender.posts,
        sender.on_alert,
        sender.is_ending,
        effects.extend,
    )


def ends(effects: list[Effect]) -> list[Ended]:
    return [effect for effect in effects if isinstance(effect, Ended)]


def first(intake: Intake) -> tuple[str, list[NotificationId]]:
    """The id of an event and the texts that it led to."""
    body = event("order.created")
    [result] = accept(intake, [delivery(body)])
    return str(body["id"]), [number for nudge in result.nudges for number in nudge.notification_ids]


def test_a_text_that_turbosms_took_is_told_with_its_event(
    intake: Intake, teller: Sender, effects: list[Effect]
) -> None:
    event_id, [text] = first(intake)

    send(teller, [text])

    assert ends(effects) == [Ended("acme", "order_created", text, event_id, "accepted")]


def test_a_refusal_is_told_with_its_reason_and_those_that_wait_too(
    intake: Intake, teller: Sender, provider: Provider, effects: list[Effect]
) -> None:
    provider.stop("380671234567")
    event_id, [text] = first(intake)
    other_event, [other] = first(intake)

    send(teller, [text])

    assert ends(effects) == [
        Ended("acme", "order_created", text, event_id, "refused", "not_allowed_number_stoplist"),
        Ended("acme", "order_created", other, other_event, "cancelled", "suppressed"),
    ]


def test_what_a_claim_drops_is_told_with_its_event(intake: Intake, teller: Sender, effects: list[Effect]) -> None:
    event_id, [text] = first(intake)
    execute(intake.pool, "UPDATE notifications SET expires_at = now() - interval '1 second'")

    send(teller, [text])

    assert ends(effects) == [Ended("acme", "order_created", text, event_id, "expired", "too_late")]


def test_what_expires_while_its_account_is_paused_is_told(intake: Intake) -> None:
    event_id, [text] = first(intake)
    execute(intake.pool, "UPDATE notifications SET expires_at = now() - interval '1 second'")
    execute(
        intake.pool,
        "INSERT INTO pauses (account, scope, reason, since, paused_by) VALUES ('acme', 'account', 'money', now(), 'x')",
    )

    assert ends(list(expire(intake.pool))) == [Ended("acme", "order_created", text, event_id, "expired", "too_late")]


def test_what_an_erasure_by_itself_cancels_is_told(intake: Intake, effects: list[Effect]) -> None:
    event_id, [text] = first(intake)
    execute(intake.pool, "UPDATE accounts SET erase_deleted = TRUE")
    execute(intake.pool, "UPDATE notifications SET recipient_kind = 'contact', recipient_id = '17'")
    accept(intake, [delivery(contact_event("contact.deleted", minutes=1, version=9))])

    carry_on(intake.pool, effects.extend)

    assert ends(effects) == [Ended("acme", "order_created", text, event_id, "cancelled", "erased")]


def test_what_keeps_failing_is_told_with_its_letter(intake: Intake) -> None:
    event_id, [text] = first(intake)

    results = [count_failure(intake.pool, text, ZeroDivisionError()) for _ in range(TRIES_MAX)]

    assert [ends(list(result)) for result in results[:-1]] == [[]] * (TRIES_MAX - 1)
    assert list(results[-1][1:]) == [
        Ended("acme", "order_created", text, event_id, "failed", "failing"),
        Buried("job", "failing", "acme", event_id, None, text),
    ]


def test_a_delivery_is_told_with_its_event(intake: Intake, teller: Sender, effects: list[Effect]) -> None:
    event_id, [text] = first(intake)
    send(teller, [text])
    effects.clear()
    (message_id,) = row(intake.pool, "SELECT message_id FROM provider_messages")

    record = partial(record_callbacks, intake.pool, "acme", measure=effects.extend)
    record([callback(message_id, "SENT", at=None)])
    record([callback(message_id)])

    assert ends(effects) == [Ended("acme", "order_created", text, event_id, "delivered")]


def test_a_text_whose_event_is_forgotten_is_told_without_it(
    intake: Intake, teller: Sender, effects: list[Effect]
) -> None:
    texts = planned(intake)
    execute(intake.pool, "DELETE FROM events")

    send(teller, texts)

    [end] = ends(effects)
    assert (end.state, end.event) == ("accepted", None)
