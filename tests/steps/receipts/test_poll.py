from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

from tests.steps.ledger import planned
from tests.steps.receipts.receipts import (
    ASK_AT,
    CHANNELS,
    callback,
    due,
    everything,
    questions,
    states_by_message,
    taken,
)
from tests.steps.sending.channels import VIBER, go_by
from tests.support.crm import event, execute, person, row, rows
from tests.support.simulated_provider import Provider
from worker.core.receipts.polling import TRACKED
from worker.steps.ingest.plan import Intake
from worker.steps.receipts.callbacks import record_callbacks
from worker.steps.receipts.poll import Collector, collect
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send

WAIT = "SELECT ask_at - now() FROM provider_messages"


def test_a_message_is_polled_until_it_is_delivered_with_its_price(
    intake: Intake, sender: Sender, collector: Collector, provider: Provider
) -> None:
    send(sender, planned(intake))
    assert collect(collector).messages == 0

    due(intake.pool)
    assert collect(collector).messages == 1
    assert row(intake.pool, "SELECT state FROM notifications") == ("accepted",)
    assert row(intake.pool, WAIT)[0] > timedelta()

    provider.advance(timedelta(seconds=10))
    due(intake.pool)
    assert collect(collector).messages == 1
    assert row(intake.pool, "SELECT state, reason FROM notifications") == ("delivered", None)
    [(_, channel, status, _, price, segments)] = rows(intake.pool, CHANNELS)
    assert (channel, status, price > 0, segments) == ("sms", "delivered", True, 1)
    assert rows(intake.pool, ASK_AT) == [(None,)]

    due(intake.pool)
    assert collect(collector).messages == 0
    assert questions(provider) == {"message/details": 2}


def test_polls_write_their_notification_only_when_it_moves(
    intake: Intake, sender: Sender, collector: Collector, provider: Provider
) -> None:
    version = "SELECT xmin::text, state FROM notifications"
    send(sender, planned(intake))
    (taken_by, _) = row(intake.pool, version)

    for _ in range(2):
        due(intake.pool)
        assert collect(collector).messages == 1
    assert row(intake.pool, version) == (taken_by, "accepted")

    provider.advance(timedelta(seconds=10))
    (message_id,) = row(intake.pool, "SELECT message_id FROM provider_messages")
    record_callbacks(intake.pool, "acme", [callback(message_id)])
    (moved_by, _) = row(intake.pool, version)
    due(intake.pool)
    assert collect(collector).messages == 1
    assert row(intake.pool, version) == (moved_by, "delivered")


def test_a_hundred_messages_are_polled_in_one_request(
    intake: Intake, sender: Sender, collector: Collector, provider: Provider
) -> None:
    execute(intake.pool, "UPDATE template_versions SET text = 'Дякуємо за оплату!'")
    crowd = [person(phone=f"067{number:07d}", id=str(number)) for number in range(101)]
    send(sender, planned(intake, event(recipients=crowd)))
    provider.advance(timedelta(seconds=10))
    due(intake.pool)

    collected = collect(collector)

    assert collected.messages == 101
    assert questions(provider) == {"message/details": 2}
    assert rows(intake.pool, "SELECT DISTINCT state FROM notifications") == [("delivered",)]


def test_schedulers_beside_each_other_ask_for_each_message_once(
    intake: Intake, collector: Collector, provider: Provider
) -> None:
    taken(intake.pool, *(f"m-{number}" for number in range(40)))
    due(intake.pool)
    provider.settings(latency_ms=100)

    with ThreadPoolExecutor(4) as schedulers:
        futures = [schedulers.submit(collect, collector, limit=10) for _ in range(4)]

    assert sum(future.result().messages for future in futures) == 40
    assert questions(provider) == {"message/details": 4}


def test_a_callback_after_seven_silent_days_still_counts(
    intake: Intake, sender: Sender, collector: Collector, provider: Provider
) -> None:
    provider.settings(final_after_s=10**7)
    send(sender, planned(intake))
    provider.advance(timedelta(seconds=3))
    execute(intake.pool, "UPDATE provider_messages SET accepted_at = now() - %s", TRACKED)
    due(intake.pool)

    collect(collector)

    assert row(intake.pool, "SELECT state, reason FROM notifications") == ("sent", "no_receipt")
    assert rows(intake.pool, ASK_AT) == [(None,)]
    (message_id,) = row(intake.pool, "SELECT message_id FROM provider_messages")
    record_callbacks(intake.pool, "acme", [callback(message_id)])
    assert states_by_message(intake.pool) == {message_id: ("delivered", None)}


def test_young_messages_of_an_account_with_callbacks_are_not_polled(
    intake: Intake, collector: Collector, provider: Provider
) -> None:
    taken(intake.pool, "m-1", "m-2")
    record_callbacks(intake.pool, "acme", [callback("m-1")])
    execute(intake.pool, "UPDATE provider_messages SET ask_at = CASE message_id WHEN 'm-2' THEN now() END")

    assert collect(collector).messages == 0

    waits = rows(intake.pool, WAIT + " WHERE ask_at IS NOT NULL")
    assert [timedelta(minutes=10) < wait < timedelta(minutes=15) for (wait,) in waits] == [True]
    assert questions(provider) == {}


def test_a_hybrid_that_viber_lost_by_its_callback_is_asked_for_at_once(
    intake: Intake, sender: Sender, collector: Collector, provider: Provider
) -> None:
    go_by(intake, "viber_then_sms")
    execute(intake.pool, "UPDATE accounts SET viber_sender = %s", VIBER)
    provider.fate(viber="not_viber_user")
    send(sender, planned(intake))
    provider.advance(timedelta(seconds=10))
    (message_id,) = row(intake.pool, "SELECT message_id FROM provider_messages")
    record_callbacks(intake.pool, "acme", [callback(message_id, "UNDELIV")])

    assert collect(collector).messages == 1

    assert rows(intake.pool, "SELECT count(*) FROM viber_reach") == [(1,)]
    assert [channel[1] for channel in rows(intake.pool, CHANNELS)] == ["sms", "viber"]


def test_a_delivered_hybrid_is_polled_for_its_channel(
    intake: Intake, sender: Sender, collector: Collector, provider: Provider
) -> None:
    go_by(intake, "viber_then_sms")
    execute(intake.pool, "UPDATE accounts SET viber_sender = %s", VIBER)
    provider.fate(viber="silent")
    send(sender, planned(intake))
    provider.advance(timedelta(seconds=10))
    due(intake.pool)
    collect(collector)
    assert [channel[1:3] for channel in rows(intake.pool, CHANNELS)] == [("viber", "sent")]

    provider.advance(timedelta(hours=26))
    (message_id,) = row(intake.pool, "SELECT message_id FROM provider_messages")
    record_callbacks(intake.pool, "acme", [callback(message_id)])
    due(intake.pool)
    collect(collector)

    assert [channel[1:3] for channel in rows(intake.pool, CHANNELS)] == [
        ("sms", "delivered"),
        ("viber", "expired"),
    ]
    charged = [Decimal(str(channel["price"])) for channel in provider.messages()[0]["channels"]]
    assert sorted(channel[4] for channel in rows(intake.pool, CHANNELS)) == sorted(charged)
    assert rows(intake.pool, ASK_AT) == [(None,)]


def test_a_message_delivered_by_callback_is_polled_for_its_price(
    intake: Intake, sender: Sender, collector: Collector, provider: Provider
) -> None:
    send(sender, planned(intake))
    provider.advance(timedelta(seconds=10))
    (message_id,) = row(intake.pool, "SELECT message_id FROM provider_messages")
    record_callbacks(intake.pool, "acme", [callback(message_id)])
    assert collect(collector).messages == 0

    due(intake.pool)
    assert collect(collector).messages == 1

    assert row(intake.pool, "SELECT price > 0, segments FROM channel_statuses") == (True, 1)
    assert rows(intake.pool, ASK_AT) == [(None,)]


def test_a_poll_with_nothing_due_changes_nothing(intake: Intake, collector: Collector) -> None:
    taken(intake.pool, "m-1")
    before = everything(intake.pool)

    collected = collect(collector)

    assert (collected.messages, collected.lag, collected.is_full) == (0, timedelta(), False)
    assert everything(intake.pool) == before


def test_a_poll_reports_how_late_it_is(intake: Intake, collector: Collector) -> None:
    taken(intake.pool, "m-1", "m-2")
    execute(intake.pool, "UPDATE provider_messages SET ask_at = now() - interval '1 hour'")

    collected = collect(collector, limit=1)

    assert timedelta(hours=1) <= collected.lag < timedelta(hours=1, minutes=1)
    assert collected.is_full
