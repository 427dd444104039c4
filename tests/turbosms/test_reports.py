from datetime import datetime
from decimal import Decimal

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.tries import tries
from worker.core.receipts.receipt import StatusReport
from worker.turbosms.client import NoReply, Reply
from worker.turbosms.reports import IDS_AT_MOST, Reports, question, reports_of

Json = dict[str, object]


def body(*rows: object, code: object = 0) -> Reply:
    return Reply(200, orjson.dumps({"response_code": code, "response_status": "X", "response_result": list(rows)}))


def row(message_id: object = "m-1", code: object = 0, **more: object) -> Json:
    return {"message_id": message_id, "response_code": code, "response_status": "X", **more}


def block(status: object = "Delivered", **more: object) -> Json:
    times = {"sent": "2026-11-30 10:00:00", "updated": "2026-11-30 10:00:05"}
    return {"recipient": "380671234567", "status": status, **times, **more}


def clock(second: int) -> datetime:
    return datetime(2026, 11, 30, 10, 0, second)  # noqa: DTZ001 (Kyiv's clocks)


def report(channel: str | None = "sms", status: str = "delivered", **more: object) -> StatusReport:
    return StatusReport(channel, status, sent=clock(0), updated=clock(5), **more)  # pyright: ignore[reportArgumentType] - tests name them rightly


def test_details_report_every_channel_with_its_price(  # the only method that does
) -> None:
    hybrid = row(
        sms=block(price=0.98, segments=2),
        viber=block("Rejected", price=0, segments=1, rejected_status="SRVC_NOT_VIBER_USER"),
    )

    reports = reports_of(body(hybrid), ["m-1"])

    assert reports.reports == {
        "m-1": (
            report(price=Decimal("0.98"), segments=2),
            report("viber", "rejected", rejected="SRVC_NOT_VIBER_USER", price=Decimal(0), segments=1),
        )
    }
    assert (reports.counts, reports.fault) == ({"reported": 1}, None)


def test_a_status_reports_the_channel_that_was_used() -> None:
    reports = reports_of(body(row(type="viber", rejected_status="", **block("Read"))), ["m-1"])

    assert reports.reports == {"m-1": (report("viber", "read"),)}


def test_a_queued_message_reports_no_price_and_no_time() -> None:
    queued = row(type="sms", recipient="380671234567", sent=None, updated=None, status="Queued")

    assert reports_of(body(queued), ["m-1"]).reports == {"m-1": (StatusReport("sms", "queued"),)}
    assert reports_of(body(row()), ["m-1"]) == Reports({"m-1": ()}, counts={"unreported": 1})


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        (Reply(200, b"<html><body>502</body></html>"), "not_json"),
        (Reply(502, b"<html></html>"), "http_502"),
        (Reply(200, b'{"response_code":0,"response_result":[{"message_id":"m-1","resp'), "not_json"),
        (Reply(200, b""), "not_json"),
        (Reply(200, b"[]"), "no_envelope"),
        (Reply(200, b'{"response_code":"0"}'), "no_envelope"),
        (Reply(200, b'{"response_code":true}'), "no_envelope"),
        (Reply(200, b'{"response_code":1000}'), "no_envelope"),
        (NoReply("too_large", left=True), "too_large"),
        (NoReply("timeout", left=True), "timeout"),
        (NoReply("unreachable", left=False), "unreachable"),
        (body(code=105), "required_auth"),
        (body(code=999), "fatal_error"),
    ],
)
def test_an_unreadable_reply_has_a_fault(reply: Reply | NoReply, fault: str) -> None:
    assert reports_of(reply, ["m-1"]) == Reports(fault=fault)


def test_a_request_for_a_slower_pace_is_seen() -> None:
    assert reports_of(body(code=438), ["m-1"]) == Reports(fault="rate_limited", is_limited=True)


@pytest.mark.parametrize("code", [300, 104, 436])
def test_a_question_that_is_refused_as_a_whole_may_be_asked_otherwise(code: int) -> None:
    assert reports_of(body(code=code), ["m-1"]).is_refused


def test_rows_that_were_not_asked_for_are_counted_and_ignored() -> None:
    reports = reports_of(body(row(sms=block()), row("m-2", sms=block()), row(None), {}, "x", None, []), ["m-1"])

    assert reports.reports.keys() == {"m-1"}
    assert reports.counts == {"reported": 1, "not_asked": 3}


def test_fewer_rows_than_asked_leave_the_rest_for_the_next_time() -> None:
    reports = reports_of(body(row(sms=block())), ["m-1", "m-2", "m-3"])

    assert reports.reports.keys() == {"m-1"}
    assert reports.counts == {"reported": 1, "left_out": 2}


def test_an_id_listed_twice_is_reported_once() -> None:
    reports = reports_of(body(row(sms=block()), row(sms=block())), ["m-1"])

    assert reports.reports == {"m-1": (report(),)}
    assert reports.counts == {"reported": 1, "twice": 1}


def test_contradicting_states_of_an_id_are_all_reported() -> None:
    reports = reports_of(body(row(sms=block("Undelivered")), row(sms=block()), row(code=414)), ["m-1"])

    assert reports.reports == {"m-1": (report(status="undelivered"), report())}
    assert reports.counts == {"reported": 1, "contradicting": 1}
    assert not reports.unknown_ids


@pytest.mark.parametrize("code", [307, 414])
def test_an_id_unknown_to_turbosms_is_reported_as_unknown(code: int) -> None:
    reports = reports_of(body({"message_id": "m-1", "response_code": code}), ["m-1"])

    assert (reports.reports, reports.unknown_ids, reports.counts) == ({}, {"m-1"}, {"unknown_id": 1})


def test_a_row_with_another_code_is_refused_and_reports_nothing() -> None:
    assert reports_of(body(row(code=500, sms=block())), ["m-1"]) == Reports(counts={"refused": 1})


@pytest.mark.parametrize(
    "spoilt",
    [
        {"response_code": None},
        {"response_code": "0"},
        {"sms": {"status": None}},
        {"sms": {"status": 5}},
        {"sms": {"status": " "}},
        {"sms": {}},
        {"status": []},
        {"status": {}},
        {"status": True},
    ],
)
def test_a_row_of_wrong_types_is_unreadable(spoilt: Json) -> None:
    assert reports_of(body({**row(), **spoilt}), ["m-1"]) == Reports(counts={"unreadable": 1})


@pytest.mark.parametrize(
    ("spoilt", "price", "segments"),
    [
        ({"price": None, "segments": None}, None, None),
        ({"price": "0.98", "segments": "2"}, Decimal("0.98"), 2),
        ({"price": 1, "segments": 2.0}, Decimal(1), None),
        ({"price": -1, "segments": -1}, None, None),
        ({"price": "much", "segments": "two"}, None, None),
        ({"price": "NaN", "segments": True}, None, None),
        ({"price": "Infinity", "segments": 10**9}, None, None),
        ({"price": True, "segments": []}, None, None),
        ({"price": 0.123456789}, Decimal("0.1235"), None),
        ({"price": "1e-999999"}, Decimal(0), None),
    ],
)
def test_a_price_that_is_none_does_not_hide_the_state(spoilt: Json, price: Decimal, segments: int) -> None:
    [[result]] = reports_of(body(row(sms=block(**spoilt))), ["m-1"]).reports.values()

    assert (result.status, result.price, result.segments) == ("delivered", price, segments)


def test_an_unknown_status_is_kept_and_counted() -> None:
    reports = reports_of(body(row(sms=block("Re-Routed via Moon "))), ["m-1"])

    assert reports.reports == {"m-1": (report(status="re_routed_via_moon"),)}
    assert reports.counts == {"reported": 1, "unknown_status": 1}
    assert reports.unknown == {"re_routed_via_moon"}


@pytest.mark.parametrize("wrapped", [{"0": row(sms=block())}, {"m-1": row(sms=block())}, row(sms=block())])
def test_rows_in_an_object_are_rows(wrapped: Json) -> None:
    reply = Reply(200, orjson.dumps({"response_code": 0, "response_result": wrapped}))

    assert reports_of(reply, ["m-1"]).reports == {"m-1": (report(),)}


def test_ids_are_compared_regardless_of_case() -> None:
    assert reports_of(body(row("M-1", sms=block())), ["m-1"]).reports.keys() == {"m-1"}


def test_a_poll_has_at_most_the_allowed_number_of_ids() -> None:
    assert question(["m-1", "m-2"]) == b'{"messages":["m-1","m-2"]}'
    for wrong in ([], ["x"] * (IDS_AT_MOST + 1)):
        with pytest.raises(ValueError, match="1 to 100"):
            question(wrong)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["message_id", "response_code", "status", "sms", "viber", "sent", "price", "type", "0"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=tries(60))
@given(VALUES, st.integers(-5, 1_005))
def test_no_reply_makes_it_raise_or_report_an_id_not_asked_for(result: object, code: int) -> None:
    try:
        written = orjson.dumps({"response_code": code, "response_result": result})
    except orjson.JSONEncodeError:  # a lone surrogate
        return
    reports = reports_of(Reply(200, written), ["m-1", "m-2"])

    assert reports.reports.keys() | reports.unknown_ids <= {"m-1", "m-2"}
    assert not reports.reports.keys() & reports.unknown_ids
