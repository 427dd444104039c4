from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.tries import tries
from worker.core.clock.timeouts import SMS_FOLLOWS
from worker.core.receipts.channel_status import LOST, SPELT, STATUSES, ChannelStatus, better, is_price_final, status_of
from worker.core.receipts.receipt import (
    STEPS,
    DeliveryStatus,
    Message,
    StatusReport,
    delivery_status,
    end,
    is_settled,
    needs_details,
    onward,
    with_reports,
)
from worker.core.sending.notification_states import MOVES

TAKEN = datetime(2026, 11, 23, 10, tzinfo=UTC)
NOW = TAKEN + timedelta(hours=1)
CHANNELS = ["sms", "viber", "viber_then_sms"]

statuses = st.sampled_from([*STATUSES, *SPELT, "lost_on_mars", "zzz"]).map(status_of)
reports = st.builds(
    StatusReport,
    channel=st.sampled_from(["sms", "viber", None]),
    status=statuses,
    rejected=st.sampled_from([None, "SRVC_NOT_VIBER_USER", "SRVC_OTHER"]),
    updated=st.none() | st.sampled_from([TAKEN + timedelta(minutes=n) for n in range(3)]),
    price=st.sampled_from([None, Decimal(0), Decimal("0.98")]),
    segments=st.sampled_from([None, 1, 2]),
)


def came(channel: str, results: Sequence[StatusReport]) -> tuple[DeliveryStatus, Message]:
    """The row and its message after these reports, in this order."""
    row, message = DeliveryStatus("accepted"), Message(TAKEN)
    for report in results:
        message = with_reports(channel, Message(message.accepted_at, message.channels), [report], now=NOW)
        row = onward(row, delivery_status(channel, [message], now=NOW)) or row
    return row, Message(message.accepted_at, message.channels)


@settings(max_examples=tries(200))
@given(st.sampled_from(CHANNELS), st.lists(reports, max_size=6), st.data())
def test_any_order_and_repetition_comes_to_the_same_end(
    channel: str, results: list[StatusReport], data: st.DataObject
) -> None:
    again = data.draw(
        st.permutations([*results, *data.draw(st.lists(st.sampled_from(results)) if results else st.just([]))])
    )

    assert came(channel, again) == came(channel, results)


@given(st.sampled_from(CHANNELS), st.lists(reports, max_size=6))
def test_a_row_never_moves_backwards_and_only_as_the_table_allows(channel: str, results: list[StatusReport]) -> None:
    row, message = DeliveryStatus("accepted"), Message(TAKEN)
    for report in results:
        message = with_reports(channel, message, [report], now=NOW)
        after = onward(row, delivery_status(channel, [message], now=NOW)) or row
        assert STEPS.index(after.state) >= STEPS.index(row.state)
        assert after == row or after.state in MOVES[row.state]
        assert (after.reason is not None) == (after.state == "undelivered")
        row = after


@given(st.sampled_from(CHANNELS), st.lists(reports, min_size=1, max_size=6))
def test_the_best_reported_status_is_the_final_state(channel: str, results: list[StatusReport]) -> None:
    row, _ = came(channel, results)
    statuses = {report.status for report in results}

    for state in ("read", "delivered"):
        if state in statuses:
            assert row.state == state
            return
    if statuses & LOST and channel != "viber_then_sms":
        assert row.state == "undelivered"
    if not statuses & (LOST | {"sent"}):
        assert row.state == "accepted"


@given(reports, reports, reports)
def test_channel_statuses_merge_in_any_grouping(report: StatusReport, two: StatusReport, three: StatusReport) -> None:
    a, b, c = (
        ChannelStatus("sms", t.status, t.rejected, t.sent, t.updated, t.price, t.segments) for t in (report, two, three)
    )

    assert better(a, b) == better(b, a)
    assert better(a, a) == a
    assert better(better(a, b), c).status == better(a, better(b, c)).status


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("DELIVRD", "delivered"),
        ("delivered", "delivered"),
        ("Undeliv", "undelivered"),
        ("In Queue", "queued"),
        ("IN_PROCESS", "accepted"),
        ("Canceled", "cancelled"),
        ("Lost on Mars!", "lost_on_mars"),
        ("x" * 100, "x" * 40),
        ("...", "unknown"),
    ],
)
def test_both_status_vocabularies_are_read_in_any_case(text: str, status: str) -> None:
    assert status_of(text) == status


def message(**statuses: str) -> Message:
    return Message(TAKEN, {channel: ChannelStatus(channel, status) for channel, status in statuses.items()})


def test_after_viber_is_rejected_a_hybrids_sms_is_waited_for_a_while() -> None:
    lost = message(viber="rejected")

    assert delivery_status("viber_then_sms", [lost], now=NOW) == DeliveryStatus("sent")
    assert needs_details(lost)
    assert delivery_status("viber_then_sms", [lost], now=TAKEN + SMS_FOLLOWS) == DeliveryStatus(
        "undelivered", "rejected"
    )
    assert delivery_status("viber", [lost], now=NOW) == DeliveryStatus("undelivered", "rejected")


@pytest.mark.parametrize(
    ("viber", "sms", "state"),
    [
        ("rejected", "sent", DeliveryStatus("sent")),
        ("rejected", "delivered", DeliveryStatus("delivered")),
        ("rejected", "expired", DeliveryStatus("undelivered", "expired")),
        ("delivered", "failed", DeliveryStatus("delivered")),
        ("read", "failed", DeliveryStatus("read")),
        ("sent", "undelivered", DeliveryStatus("undelivered", "undelivered")),
    ],
)
def test_a_hybrid_has_the_state_of_its_better_channel(viber: str, sms: str, state: DeliveryStatus) -> None:
    assert delivery_status("viber_then_sms", [message(viber=viber, sms=sms)], now=NOW) == state


def test_a_cancelled_hybrid_is_cancelled_as_a_whole() -> None:
    assert end("viber_then_sms", message(viber="cancelled"), now=NOW) == ChannelStatus("viber", "cancelled")


@pytest.mark.parametrize(
    ("rejected", "reason"),
    [
        ("SRVC_NOT_VIBER_USER", "not_viber_user"),
        ("SRVC_USER_BLOCKED", "viber_blocked"),
        ("SRVC_NO_SUITABLE_DEVICE", "no_viber_device"),
        ("SRVC_SOMETHING_NEW", "rejected"),
        (None, "rejected"),
    ],
)
def test_why_viber_did_not_take_it_is_the_reason(rejected: str | None, reason: str) -> None:
    result = Message(TAKEN, {"viber": ChannelStatus("viber", "rejected", rejected)})

    assert delivery_status("viber", [result], now=NOW) == DeliveryStatus("undelivered", reason)


def test_a_message_that_may_still_arrive_keeps_the_row_open() -> None:
    assert delivery_status("sms", [message(sms="failed"), Message(TAKEN)], now=NOW) == DeliveryStatus("sent")
    assert delivery_status("sms", [message(sms="failed"), message(sms="expired")], now=NOW).state == "undelivered"


@pytest.mark.parametrize("state", ["sending", "skipped", "read"])
def test_some_states_ignore_receipts(state: str) -> None:
    assert onward(DeliveryStatus(state, "x"), DeliveryStatus("delivered")) is None


def test_a_row_that_is_to_be_sent_again_is_not_stopped_by_a_loss() -> None:
    assert onward(DeliveryStatus("postponed", "key_expired"), DeliveryStatus("undelivered", "failed")) is None
    assert onward(DeliveryStatus("postponed", "key_expired"), DeliveryStatus("sent")) == DeliveryStatus("sent")


def test_a_message_is_settled_once_its_price_and_reading_are_known() -> None:
    priced = paid("sms", "delivered", "delivered")

    assert is_settled(Message(TAKEN, {"sms": priced}))
    assert not is_settled(message(sms="delivered"))
    assert not is_settled(Message(TAKEN, {"viber": paid("viber", "delivered", "delivered")}))
    assert is_settled(Message(TAKEN, {"viber": paid("viber", "read", "delivered"), "sms": priced}))
    assert not is_settled(Message(TAKEN))


@pytest.mark.parametrize(
    ("status", "price_status", "is_final"),
    [
        ("sent", "sent", False),
        ("delivered", "sent", False),
        ("delivered", None, False),
        ("delivered", "undelivered", False),
        ("expired", "sent", False),
        ("cancelled", "expired", False),
        ("delivered", "delivered", True),
        ("read", "delivered", True),
        ("expired", "expired", True),
        ("cancelled", "cancelled", True),
    ],
)
def test_a_price_reported_before_the_final_state_is_polled_again(
    status: str, price_status: str | None, *, is_final: bool
) -> None:
    beside = paid("sms", "delivered", "delivered")

    assert is_settled(Message(TAKEN, {"viber": paid("viber", status, price_status), "sms": beside})) == (
        is_final and status != "delivered"
    )
    assert is_price_final(paid("sms", status, price_status)) == is_final


def paid(channel: str, status: str, price_status: str | None) -> ChannelStatus:
    return ChannelStatus(channel, status, price=Decimal(1), price_status=price_status)
