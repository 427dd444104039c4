from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest

from tests.steps.receipts.receipts import ASK_AT, CHANNELS, callback, everything, states_by_message, taken
from tests.support.crm import add_account, execute, row, rows
from worker.core.clock.timeouts import FOLLOW_UP_WAIT
from worker.steps.effects import Effect, Moved, Receipts
from worker.steps.receipts.callbacks import record_callbacks
from worker.store.db.postgres import Pool


def test_a_delivery_is_recorded_with_its_time_its_channel_and_its_move(acme: Pool) -> None:
    taken(acme, "m-1")
    (now,) = row(acme, "SELECT now()")
    at = (now - timedelta(seconds=20)).astimezone(ZoneInfo("Europe/Kyiv")).replace(tzinfo=None, microsecond=0)

    assert record_callbacks(acme, "acme", [callback("m-1", at=at)]) == ("recorded",)

    assert states_by_message(acme) == {"m-1": ("delivered", None)}
    assert row(acme, "SELECT from_state, to_state, actor FROM transitions") == ("accepted", "delivered", "receipt")
    channel, status, updated_at = row(acme, "SELECT channel, status, updated_at FROM channel_statuses")
    assert (channel, status) == ("sms", "delivered")
    assert updated_at.astimezone(ZoneInfo("Europe/Kyiv")).replace(tzinfo=None) == at


def test_a_repeated_callback_changes_nothing(acme: Pool) -> None:
    taken(acme, "m-1")
    record_callbacks(acme, "acme", [callback("m-1")])
    before = everything(acme)

    assert record_callbacks(acme, "acme", [callback("m-1", nth=2), callback("m-1", nth=3)]) == ("repeated", "repeated")

    assert everything(acme) == before
    assert row(acme, "SELECT times, recorded_at IS NOT NULL FROM callbacks") == (2, True)


def test_one_event_twice_in_a_batch_is_recorded_once(acme: Pool) -> None:
    taken(acme, "m-1")

    assert record_callbacks(acme, "acme", [callback("m-1"), callback("m-1", nth=2)]) == ("recorded", "repeated")

    assert rows(acme, "SELECT to_state FROM transitions") == [("delivered",)]


def test_a_captured_signature_cannot_speak_of_another_message(acme: Pool) -> None:
    taken(acme, "m-1", "m-2")
    record_callbacks(acme, "acme", [callback("m-1", "SENT", event="e-1")])

    assert record_callbacks(acme, "acme", [callback("m-2", "DELIVRD", event="e-1")]) == ("rebound",)
    assert record_callbacks(acme, "acme", [callback("m-1", event="e-2"), callback("m-2", event="e-2")]) == (
        "recorded",
        "rebound",
    )

    assert states_by_message(acme) == {"m-1": ("delivered", None), "m-2": ("accepted", None)}


def test_a_signature_is_bound_even_before_its_message_is_known(acme: Pool) -> None:
    taken(acme, "m-2")

    assert record_callbacks(acme, "acme", [callback("m-1", event="e-1")]) == ("unknown",)
    assert record_callbacks(acme, "acme", [callback("m-2", event="e-1")]) == ("rebound",)

    assert states_by_message(acme) == {"m-2": ("accepted", None)}


def test_a_receipt_before_the_answer_is_recorded_when_it_comes_again(acme: Pool) -> None:
    early = callback("m-1")

    assert record_callbacks(acme, "acme", [early]) == ("unknown",)
    taken(acme, "m-1")
    assert record_callbacks(acme, "acme", [early]) == ("recorded",)
    assert record_callbacks(acme, "acme", [early]) == ("repeated",)

    assert states_by_message(acme) == {"m-1": ("delivered", None)}


def test_another_accounts_message_is_unknown(acme: Pool) -> None:
    add_account(acme, "other")
    taken(acme, "m-1", account="other")

    assert record_callbacks(acme, "acme", [callback("m-1")]) == ("unknown",)

    assert states_by_message(acme) == {"m-1": ("accepted", None)}
    assert record_callbacks(acme, "other", [callback("m-1")]) == ("recorded",)


@pytest.mark.parametrize("order", list(permutations(["SENT", "DELIVRD", "READ"])), ids=" ".join)
def test_receipts_out_of_order_never_move_backwards(acme: Pool, order: tuple[str, ...]) -> None:
    taken(acme, "m-1", channel="viber")

    for status in order:
        assert record_callbacks(acme, "acme", [callback("m-1", status)]) == ("recorded",)

    assert states_by_message(acme) == {"m-1": ("read", None)}
    assert rows(acme, "SELECT status FROM channel_statuses") == [("read",)]
    steps = ["accepted", *(state for (state,) in rows(acme, "SELECT to_state FROM transitions ORDER BY id"))]
    assert steps == sorted(steps, key=["accepted", "sent", "delivered", "read"].index)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("UNDELIV", "undelivered"),
        ("Undelivered", "undelivered"),
        ("REJECTD", "rejected"),
        ("EXPIRED", "expired"),
        ("Failed", "failed"),
        ("Cancelled", "cancelled"),
    ],
)
def test_a_lost_message_is_undelivered_with_a_reason(acme: Pool, status: str, reason: str) -> None:
    taken(acme, "m-1")

    record_callbacks(acme, "acme", [callback("m-1", status)])

    assert states_by_message(acme) == {"m-1": ("undelivered", reason)}


@pytest.mark.parametrize(
    "status", ["In Queue", "In Process", "Queued", "ACCEPTD", "Unknown", "Teleported", "Доставлено"]
)
def test_an_open_or_unknown_status_keeps_the_row_accepted(acme: Pool, status: str) -> None:
    taken(acme, "m-1")
    before = rows(acme, ASK_AT)

    assert record_callbacks(acme, "acme", [callback("m-1", status)]) == ("recorded",)

    assert states_by_message(acme) == {"m-1": ("accepted", None)}
    assert rows(acme, ASK_AT) == before


def test_a_hybrid_undelivered_by_viber_is_polled_at_once(acme: Pool) -> None:
    taken(acme, "m-1", channel="viber_then_sms")

    record_callbacks(acme, "acme", [callback("m-1", "UNDELIV")])

    assert states_by_message(acme) == {"m-1": ("sent", None)}
    assert row(acme, "SELECT ask_at <= now() FROM provider_messages") == (True,)

    record_callbacks(acme, "acme", [callback("m-1", "DELIVRD")])
    assert states_by_message(acme) == {"m-1": ("delivered", None)}


def test_a_delivered_message_is_polled_for_its_price(acme: Pool) -> None:
    taken(acme, "m-1")
    record_callbacks(acme, "acme", [callback("m-1")])

    [(ask_at,)] = rows(acme, ASK_AT)
    assert timedelta(minutes=1) < ask_at - row(acme, "SELECT now()")[0] <= FOLLOW_UP_WAIT


@pytest.mark.parametrize("state", ["refused", "failed", "expired", "cancelled", "unconfirmed"])
def test_a_delivery_is_true_whatever_was_believed_of_the_row(acme: Pool, state: str) -> None:
    taken(acme, "m-1")
    execute(acme, f"UPDATE notifications SET state = '{state}', reason = 'x'")  # noqa: S608 (our own names)

    record_callbacks(acme, "acme", [callback("m-1")])

    assert states_by_message(acme) == {"m-1": ("delivered", None)}


@pytest.mark.parametrize("state", ["planned", "postponed"])
def test_a_delivered_earlier_message_keeps_the_row_from_a_resend(acme: Pool, state: str) -> None:
    taken(acme, "m-1")
    execute(acme, f"UPDATE notifications SET state = '{state}', reason = 'key_expired', due_at = now()")  # noqa: S608 (our own names)

    record_callbacks(acme, "acme", [callback("m-1")])

    assert states_by_message(acme) == {"m-1": ("delivered", None)}


def test_a_callback_leaves_a_sending_row_to_its_attempt(acme: Pool) -> None:
    taken(acme, "m-1")
    execute(acme, "UPDATE notifications SET state = 'sending', due_at = now()")

    assert record_callbacks(acme, "acme", [callback("m-1")]) == ("recorded",)

    assert states_by_message(acme) == {"m-1": ("sending", None)}
    assert rows(acme, CHANNELS) == [("m-1", "sms", "delivered", None, None, None)]


def test_of_two_messages_the_better_state_counts(acme: Pool) -> None:
    taken(acme, "m-1")
    execute(
        acme,
        "INSERT INTO provider_messages SELECT account, 'm-2', month, notification, 'y', now() FROM provider_messages",
    )

    record_callbacks(acme, "acme", [callback("m-1", "UNDELIV")])
    assert row(acme, "SELECT state FROM notifications") == ("sent",)

    record_callbacks(acme, "acme", [callback("m-2", "EXPIRED")])
    assert row(acme, "SELECT state, reason FROM notifications") == ("undelivered", "expired")


def test_a_burst_is_one_transaction_and_loses_none(acme: Pool) -> None:
    ids = [f"m-{number}" for number in range(1_000)]
    taken(acme, *ids)
    burst = [callback(name, status) for name in ids for status in ("SENT", "DELIVRD")]
    burst = burst[1::2] + burst[::2]
    counted: list[Effect] = []

    outcomes = record_callbacks(acme, "acme", burst, counted.extend)

    assert set(outcomes) == {"recorded"}
    assert set(states_by_message(acme).values()) == {("delivered", None)}
    assert Receipts("callback", "recorded", 2_000) in counted
    assert Moved("normal", "delivered", 1_000) in counted


def test_several_consoles_record_each_repeated_callback_once(acme: Pool) -> None:
    ids = [f"m-{number}" for number in range(30)]
    taken(acme, *ids)
    events = [callback(name) for name in ids]
    orders = [events[start:] + events[:start] for start in range(0, 30, 5)]

    with ThreadPoolExecutor(6) as consoles:
        results = list(consoles.map(partial(record_callbacks, acme, "acme"), orders))

    counts = [outcome for outcomes in results for outcome in outcomes]
    assert (counts.count("recorded"), counts.count("repeated")) == (30, 150)
    assert row(acme, "SELECT count(*) FROM transitions") == (30,)


def test_no_callback_asks_nothing(acme: Pool) -> None:
    assert record_callbacks(acme, "acme", []) == ()


def test_a_time_that_cannot_be_is_bounded_by_the_acceptance_and_now(acme: Pool) -> None:
    taken(acme, "m-1", "m-2")
    past, future = datetime(2020, 1, 1), datetime(2100, 1, 1)  # noqa: DTZ001 (Kyiv's clocks)

    record_callbacks(acme, "acme", [callback("m-1", at=past), callback("m-2", at=future)])

    results = rows(
        acme,
        "SELECT l.updated_at BETWEEN p.accepted_at AND now() FROM channel_statuses AS l"
        " INNER JOIN provider_messages AS p USING (account, message_id)",
    )
    assert results == [(True,), (True,)]
