"""What TurboSMS answers, byte for byte as it may, written down: hybrids, prices, contradictions."""

from datetime import timedelta
from decimal import Decimal

import orjson

from tests.steps.receipts.receipts import ASK_AT, CHANNELS, callback, everything, states_by_message, taken
from tests.support.crm import execute, row, rows
from worker.core.clock.timeouts import SMS_FOLLOWS
from worker.core.receipts.channel_status import rank
from worker.steps.receipts.callbacks import record_callbacks
from worker.steps.receipts.lease_polls import Batch
from worker.steps.receipts.record_poll import write
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.db.postgres import Pool, transaction
from worker.turbosms.client import Reply
from worker.turbosms.reports import reports_of

HYBRID = "viber_then_sms"
STILL_ASKED = "SELECT ask_at > now() FROM provider_messages ORDER BY message_id"


def answered(pool: Pool, *rows_: dict[str, object], asked: tuple[str, ...] = ("m-1",)) -> None:
    """TurboSMS answers with these rows of details."""
    body = orjson.dumps({"response_code": 0, "response_status": "OK", "response_result": rows_})
    with transaction(pool) as connection:
        configuration, _ = ConfigurationCache().look(connection)
        batch = Batch(configuration.accounts["acme"], b"", has_callbacks=False, messages=asked)
        write(batch, reports_of(Reply(200, body), asked), connection)


def details(message_id: str = "m-1", **channels: dict[str, object]) -> dict[str, object]:
    return {"message_id": message_id, "response_code": 0, "response_status": "OK", **channels}


def channel(status: str, price: float | None = None, rejected: str = "") -> dict[str, object]:
    segments = None if price is None else 1
    return {"status": status, "price": price, "segments": segments, "rejected_status": rejected, "updated": None}


NOT_VIBER = channel("Rejected", 0, "SRVC_NOT_VIBER_USER")


def test_a_hybrid_that_fell_back_to_sms_keeps_both_channel_costs(acme: Pool) -> None:
    taken(acme, "m-1", channel=HYBRID)

    answered(acme, details(viber=NOT_VIBER))
    assert states_by_message(acme) == {"m-1": ("sent", None)}
    assert row(acme, STILL_ASKED) == (True,)

    answered(acme, details(viber=NOT_VIBER, sms=channel("Sent", 0.98)))
    answered(acme, details(viber=NOT_VIBER, sms=channel("Delivered", 0.98)))

    assert states_by_message(acme) == {"m-1": ("delivered", None)}
    assert rows(acme, CHANNELS) == [
        ("m-1", "sms", "delivered", None, Decimal("0.98"), 1),
        ("m-1", "viber", "rejected", "SRVC_NOT_VIBER_USER", Decimal(0), 1),
    ]


def test_a_hybrid_without_its_sms_is_undelivered_after_a_day(acme: Pool) -> None:
    taken(acme, "m-1", channel=HYBRID, age=SMS_FOLLOWS)

    answered(acme, details(viber=NOT_VIBER))

    assert states_by_message(acme) == {"m-1": ("undelivered", "not_viber_user")}


def test_a_hybrid_lost_on_both_channels_has_the_reason_of_its_sms(acme: Pool) -> None:
    taken(acme, "m-1", channel=HYBRID)

    answered(acme, details(viber=NOT_VIBER, sms=channel("Expired", 0.98)))

    assert states_by_message(acme) == {"m-1": ("undelivered", "expired")}


def test_a_delivered_viber_message_is_polled_until_it_is_read(acme: Pool) -> None:
    taken(acme, "m-1", channel="viber")

    answered(acme, details(viber=channel("Delivered", 0.8)))
    assert states_by_message(acme) == {"m-1": ("delivered", None)}
    assert row(acme, STILL_ASKED) == (True,)

    answered(acme, details(viber=channel("Read", 0.8)))
    assert states_by_message(acme) == {"m-1": ("read", None)}
    assert rows(acme, ASK_AT) == [(None,)]


def test_an_answer_that_is_behind_a_callback_changes_nothing_but_the_price(acme: Pool) -> None:
    taken(acme, "m-1")
    record_callbacks(acme, "acme", [callback("m-1")])

    answered(acme, details(sms=channel("Sent", 0.98)))

    assert states_by_message(acme) == {"m-1": ("delivered", None)}
    assert rows(acme, CHANNELS) == [("m-1", "sms", "delivered", None, Decimal("0.98"), 1)]


def test_a_price_before_delivery_is_polled_again_after_it(acme: Pool) -> None:
    taken(acme, "m-1")
    record_callbacks(acme, "acme", [callback("m-1")])

    answered(acme, details(sms=channel("Sent", 0.98)))
    assert row(acme, STILL_ASKED) == (True,)

    answered(acme, details(sms=channel("Delivered", 0.49)))
    assert rows(acme, CHANNELS) == [("m-1", "sms", "delivered", None, Decimal("0.49"), 1)]
    assert rows(acme, ASK_AT) == [(None,)]


def test_of_contradicting_rows_for_one_id_the_best_counts(acme: Pool) -> None:
    taken(acme, "m-1")

    answered(acme, details(sms=channel("Delivered", 1)), details(sms=channel("Undelivered", 1)))

    assert states_by_message(acme) == {"m-1": ("delivered", None)}


def test_rows_that_were_not_asked_for_touch_nobody(acme: Pool) -> None:
    taken(acme, "m-1", "m-2")

    answered(acme, details("m-2", sms=channel("Delivered", 1)), details("m-3", sms=channel("Delivered", 1)))

    assert states_by_message(acme) == {"m-1": ("accepted", None), "m-2": ("accepted", None)}


def test_a_message_left_out_of_an_answer_is_polled_again(acme: Pool) -> None:
    taken(acme, "m-1", "m-2")
    execute(acme, "UPDATE provider_messages SET ask_at = now() - interval '1 second'")

    answered(acme, details("m-1", sms=channel("Delivered", 1)), asked=("m-1", "m-2"))

    assert states_by_message(acme) == {"m-1": ("delivered", None), "m-2": ("accepted", None)}
    assert rows(acme, STILL_ASKED) == [(None,), (True,)]


def test_an_unknown_status_is_kept_and_ends_nothing(acme: Pool) -> None:
    taken(acme, "m-1")

    answered(acme, details(sms=channel("Teleported")))

    assert states_by_message(acme) == {"m-1": ("accepted", None)}
    assert rows(acme, "SELECT status FROM channel_statuses") == [("teleported",)]
    assert rank("teleported") == 0


def test_the_same_answer_twice_changes_nothing_but_the_next_question(acme: Pool) -> None:
    taken(acme, "m-1", channel=HYBRID)
    answered(acme, details(viber=NOT_VIBER))
    before = everything(acme)[1:3]

    answered(acme, details(viber=NOT_VIBER))

    assert everything(acme)[1:3] == before


def test_an_undelivered_message_may_arrive_after_all(acme: Pool) -> None:
    taken(acme, "m-1")
    answered(acme, details(sms=channel("Expired", 1)))
    assert states_by_message(acme) == {"m-1": ("undelivered", "expired")}

    record_callbacks(acme, "acme", [callback("m-1")])

    assert states_by_message(acme) == {"m-1": ("delivered", None)}
    assert [state for (state,) in rows(acme, "SELECT to_state FROM transitions ORDER BY id")] == [
        "undelivered",
        "delivered",
    ]


def test_an_old_silent_message_is_polled_with_the_youngest_of_its_row(acme: Pool) -> None:
    taken(acme, "m-1", age=timedelta(days=7))
    execute(
        acme,
        "INSERT INTO provider_messages SELECT account, 'm-2', month, notification, 'y', now() FROM provider_messages",
    )

    answered(acme, details("m-1"), details("m-2"), asked=("m-1", "m-2"))

    assert row(acme, "SELECT state, reason FROM notifications") == ("accepted", None)
    assert rows(acme, STILL_ASKED) == [(True,), (True,)]
