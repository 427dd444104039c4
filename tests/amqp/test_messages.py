import json
from dataclasses import replace
from datetime import date
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.tries import tries
from worker.amqp.messages import (
    ATTEMPTS_PER_MESSAGE,
    BODY_MAX,
    ForeignEnvelopeError,
    decode,
    encoded,
    handed_over,
    nudge,
)
from worker.core.lanes import LANES
from worker.core.sending.nudge import MESSAGE, Nudge

CANARY = "kanarka5f3a9b"
MONTHS = st.dates(date(2020, 1, 1), date(2999, 12, 1)).map(lambda day: day.replace(day=1))
NUMBERS = st.integers(0, 2**63 - 1)
NOTIFICATION_IDS = st.lists(st.tuples(MONTHS, NUMBERS), max_size=MESSAGE)
HELD = st.lists(st.tuples(MONTHS, st.from_regex(r"[0-9a-f]{32}", fullmatch=True), NUMBERS), min_size=1, max_size=200)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
WRONG: list[object] = [None, True, -1, 2**63, 1.5, CANARY, [], [[]], [[[]]], {}, {"x": CANARY}, [["2026-11-01", 1]]]
SPOILT: list[tuple[dict[str, Any], str]] = [
    ({"options": None}, "options: "),
    ({"options": {"pipe_target": {}}}, "options.pipe_target: "),
    ({"options": {"retries": "1"}}, "options.retries: "),
    ({"options": {"retries": -1}}, "options.retries: "),
    ({"queue_name": "crm.events"}, "queue_name: "),
    ({"queue_name": "sms.bulk"}, "queue_name: says sms.bulk but lies in sms.normal"),
    ({"actor_name": "accept_events"}, "actor_name: "),
    ({"actor_name": "repeat_attempts"}, "args: are not those of repeat_attempts"),
    ({"kwargs": {"x": 1}}, "kwargs: "),
    ({"args": []}, "args: "),
    ({"args": [[], []]}, "args: "),
    ({"args": [[["2026-11-02", 5]]]}, "args."),
    ({"args": [[["2026-13-01", 5]]]}, "args."),
    ({"args": [[["0000-01-01", 5]]]}, "args."),
    ({"args": [[["٢٠٢٦-١١-01", 5]]]}, "args."),
    ({"args": [[["2026-11-01", "5"]]]}, "args."),
    ({"args": [[["2026-11-01", 2**63]]]}, "args."),
    ({"args": [[["2026-11-01", "0" * 31, 1]]]}, "args."),
    ({"message_timestamp": "now"}, "message_timestamp: "),
    ({"more": 1}, "more: "),
]
MANY = settings(max_examples=tries(300))
NOTIFICATION_ID = (date(2026, 11, 1), 5)


def written() -> dict[str, Any]:
    return orjson.loads(nudge(Nudge("normal", (NOTIFICATION_ID,))).body)


def refused(value: object, queue: str = "sms.normal") -> str:
    body = value if isinstance(value, bytes) else orjson.dumps(value)
    with pytest.raises(ForeignEnvelopeError) as refusal:
        decode(body, queue)
    return str(refusal.value)


def verdict(body: bytes) -> str:
    try:
        return decode(body, "sms.normal").queue_name
    except ForeignEnvelopeError as refusal:
        return str(refusal)


@given(st.sampled_from([*LANES]), NOTIFICATION_IDS)
def test_a_nudge_is_read_as_it_was_written(lane: str, notification_ids: list[tuple[date, int]]) -> None:
    out = nudge(Nudge(lane, tuple(notification_ids)))

    message = decode(out.body, out.routing_key)

    assert (out.exchange, out.routing_key) == ("", f"sms.{lane}")
    assert (message.queue_name, message.actor_name) == (f"sms.{lane}", "send_notifications")
    assert list(message.args[0]) == [(month.isoformat(), number) for month, number in notification_ids]


@given(st.sampled_from([*LANES]), HELD)
def test_attempts_are_handed_over_as_they_were_written(lane: str, held: list[tuple[date, str, int]]) -> None:
    messages = [decode(out.body, out.routing_key) for out in handed_over(lane, held)]

    assert {message.actor_name for message in messages} <= {"repeat_attempts"}
    assert all(len(message.args[0]) <= ATTEMPTS_PER_MESSAGE for message in messages)
    rows = [tuple(argument) for message in messages for argument in message.args[0]]
    assert rows == [(month.isoformat(), key, lease) for month, key, lease in held]


def test_the_largest_messages_of_ours_fit() -> None:
    notification_ids = tuple((date(2026, 11, 1), 2**62 + number) for number in range(MESSAGE))

    assert len(nudge(Nudge("urgent", notification_ids)).body) < BODY_MAX / 2


@pytest.mark.parametrize("lane", LANES)
def test_a_nudge_retried_by_dramatiq_is_read_back(lane: str) -> None:
    out = nudge(Nudge(lane, (NOTIFICATION_ID,)))
    message = decode(out.body, out.routing_key)
    options: dict[str, Any] = {"retries": 1, "traceback": "Traceback", "requeue_timestamp": 1}

    again = encoded(replace(message, options=options))

    assert decode(again.body, f"sms.{lane}").options == options


@MANY
@given(st.binary(max_size=200), st.sampled_from(["sms.normal", "sms.dead", ""]))
def test_no_bytes_whatever_raise_anything_else(body: bytes, queue: str) -> None:
    assert refused(body, queue)


@MANY
@given(JSON)
def test_no_json_whatever_raises_anything_else(value: object) -> None:
    assert refused(json.dumps(value).encode())


@MANY
@given(st.sampled_from(sorted(written())), JSON | st.sampled_from(WRONG))
def test_an_envelope_with_one_field_changed_is_ours_or_foreign(field: str, new: object) -> None:
    spoilt = json.dumps({**written(), field: new}).encode()

    assert CANARY not in verdict(spoilt)


@pytest.mark.parametrize(("spoilt", "text"), SPOILT)
def test_a_foreign_envelope_is_refused_with_the_difference(spoilt: dict[str, object], text: str) -> None:
    assert refused({**written(), **spoilt}).startswith(text)


@pytest.mark.parametrize("field", sorted(written()))
def test_an_envelope_with_a_missing_field_is_refused(field: str) -> None:
    whole = written()

    assert refused({name: value for name, value in whole.items() if name != field}).startswith(f"{field}: ")


def test_an_oversized_body_is_not_even_parsed() -> None:
    body = orjson.dumps(written())

    assert decode(body.ljust(BODY_MAX), "sms.normal")
    assert refused(body.ljust(BODY_MAX + 1)).startswith("body: 65537 bytes")


def test_the_head_of_an_oversized_body_is_no_envelope() -> None:
    head = orjson.dumps(written()).ljust(4096)

    assert decode(head, "sms.normal", size=len(head))
    with pytest.raises(ForeignEnvelopeError, match="body: 1000000 bytes"):
        decode(head, "sms.normal", size=1_000_000)


@given(st.integers(0, 2**63 - 1))
def test_no_other_machines_clock_makes_an_envelope_foreign(timestamp: int) -> None:
    assert decode(orjson.dumps({**written(), "message_timestamp": timestamp}), "sms.normal")


def test_an_envelope_with_an_eta_is_refused() -> None:
    assert refused({**written(), "options": {"eta": 2_111_000_000_000}}).startswith("options.eta: ")


@pytest.mark.parametrize("depth", [100, 1000, 30_000])
def test_deep_nesting_is_foreign(depth: int) -> None:
    body = orjson.dumps({**written(), "args": "QQ"}).replace(b'"QQ"', b"[" * depth + b"]" * depth)

    assert refused(body)


def test_the_same_name_twice_is_no_way_around() -> None:
    body = orjson.dumps(written()).replace(b'"options":{}', b'"options":{},"options":null')

    assert refused(body).startswith("options: ")
