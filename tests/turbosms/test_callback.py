import hashlib
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.tries import tries
from worker.turbosms.callback import BODY_AT_MOST, Callback, read, signed_by

KEY = "a key of the cabinet"
Json = dict[str, object]


def signed(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def callback_body(**more: object) -> Json:
    data = {"message_id": "5f0e1d2c-65aa", "status": "DELIVRD", "dlr_date": "2026-11-30 10:00:05"}
    return {"id": "e-1", "signature": signed(KEY + "e-1"), "type": "dlr", "try": 1, "data": data, **more}


def data(**more: object) -> Json:
    return {"message_id": "m-1", "status": "DELIVRD", **more}


def test_a_callback_is_read_as_it_was_written() -> None:
    parsed = read(orjson.dumps(callback_body()))

    at = datetime(2026, 11, 30, 10, 0, 5)  # noqa: DTZ001 (Kyiv's clocks, as it was written)
    assert parsed == Callback("e-1", signed(KEY + "e-1"), "5f0e1d2c-65aa", "DELIVRD", at, 1)


@pytest.mark.parametrize(
    ("spoilt", "field"),
    [
        ({"id": None}, "id"),
        ({"id": ""}, "id"),
        ({"id": "x" * 129}, "id"),
        ({"id": "е-1"}, "id"),
        ({"id": "e 1"}, "id"),
        ({"id": ["e-1"]}, "id"),
        ({"id": True}, "id"),
        ({"signature": None}, "signature"),
        ({"signature": "0" * 39}, "signature"),
        ({"signature": "x" * 40}, "signature"),
        ({"type": "incoming"}, "type"),
        ({"type": None}, "type"),
        ({"data": None}, "data"),
        ({"data": []}, "data"),
        ({"data": {"status": "DELIVRD"}}, "data.message_id"),
        ({"data": data(message_id="")}, "data.message_id"),
        ({"data": data(message_id="x" * 65)}, "data.message_id"),
        ({"data": data(message_id={"a": 1})}, "data.message_id"),
        ({"data": data(status=None)}, "data.status"),
        ({"data": data(status=" ")}, "data.status"),
        ({"data": data(status=1)}, "data.status"),
        ({"data": data(status="x" * 65)}, "data.status"),
    ],
)
def test_a_wrong_field_is_refused_by_its_name_and_without_its_value(spoilt: Json, field: str) -> None:
    parsed = read(orjson.dumps(callback_body(**spoilt)))

    assert isinstance(parsed, str)
    assert parsed.startswith(f"{field}: ")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "not JSON"),
        (b"<html>", "not JSON"),
        (b'{"id": "e-1"', "not JSON"),
        (b"\xff\xfe{}", "not JSON"),
        (b"[" * 5_000, "not JSON"),
        (b"[]", "JSON object"),
        (b"null", "JSON object"),
        (b" " * (BODY_AT_MOST + 1), "over 16384 bytes"),
    ],
)
def test_a_body_that_is_no_callback_is_refused(body: bytes, why: str) -> None:
    parsed = read(body)

    assert isinstance(parsed, str)
    assert why in parsed


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("2026-11-30T10:00:05+02:00", datetime(2026, 11, 30, 8, 0, 5, tzinfo=UTC)),
        ("30.11.2026 10:00", None),
        ("0001-01-01 00:00:00", None),
        ("9999-12-31 23:59:59", None),
        ("", None),
        (None, None),
        (1764489605, None),
        ("2" * 1_000, None),
    ],
)
def test_an_odd_time_is_no_reason_to_lose_the_rest(written: object, at: datetime | None) -> None:
    parsed = read(orjson.dumps(callback_body(data=data(dlr_date=written))))

    assert isinstance(parsed, Callback)
    assert parsed.at == at


@pytest.mark.parametrize(
    ("written", "nth"), [(3, 3), ("4", 4), (None, 1), (True, 1), (0, 1), (-5, 1), (10**30, 1), (5_000, 1_000), ([], 1)]
)
def test_the_providers_count_of_its_tries_is_a_small_number(written: object, nth: int) -> None:
    body = (
        orjson.dumps(callback_body(**{"try": written}))
        if written != 10**30
        else b'{"try": 1e30, ' + orjson.dumps(callback_body())[1:]
    )
    parsed = read(body)

    assert isinstance(parsed, Callback)
    assert parsed.nth == nth


def test_numbers_are_ids_too() -> None:
    parsed = read(orjson.dumps(callback_body(id=17, data=data(message_id=5))))

    assert isinstance(parsed, Callback)
    assert (parsed.event_id, parsed.message_id) == ("17", "5")


@settings(max_examples=tries(60))
@given(st.binary(max_size=300))
def test_no_body_whatever_makes_it_raise(body: bytes) -> None:
    read(body)


@settings(max_examples=tries(40))
@given(
    st.dictionaries(
        st.sampled_from([*callback_body(), "more"]), st.none() | st.integers() | st.text() | st.lists(st.text())
    )
)
def test_no_values_whatever_make_it_raise(spoilt: Json) -> None:
    body = callback_body(
        **{key: value for key, value in spoilt.items() if not isinstance(value, int) or abs(value) < 2**63}
    )
    try:
        written = orjson.dumps(body)
    except orjson.JSONEncodeError:  # a lone surrogate
        return
    read(written)


@pytest.mark.parametrize(("text", "order"), [(KEY + "e-1", "secret_id"), ("e-1" + KEY, "id_secret")])
def test_either_order_of_key_and_id_is_a_signature(text: str, order: str) -> None:
    parsed = read(orjson.dumps(callback_body(signature=signed(text).upper())))

    assert isinstance(parsed, Callback)
    assert signed_by(parsed, KEY) == order
    assert signed_by(parsed, "another key") is None


def test_a_forged_signature_is_none_and_an_empty_key_signs_nothing() -> None:
    forged = Callback("e-1", "0" * 40, "m-1", "DELIVRD", None, 1)
    unsigned = Callback("e-1", signed("e-1"), "m-1", "DELIVRD", None, 1)

    assert signed_by(forged, KEY) is None
    assert signed_by(unsigned, "") is None
