import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.examples import NOW, look, published
from tests.support.crm import DATA, Json
from tests.support.tries import tries
from worker.core.contract.event import Event, Malformed, short_hash
from worker.core.contract.inbound_message import BODY_MAX

CANARY = "kanarka5f3a9b"
WRONG: list[object] = [
    CANARY,
    10**30,
    -1.5,
    True,
    None,
    [],
    [CANARY],
    {},
    {"x": CANARY},
    f"2026-{CANARY}",
    f"\0{CANARY}",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
Path = tuple[str | int, ...]
MANY = settings(max_examples=tries(300))


def refused(body: Json | bytes, *, key: str = "acme.anything") -> Malformed:
    parsed = look(body, key=key)
    assert isinstance(parsed, Malformed), parsed
    return parsed


def paths(value: object, *path: str | int) -> Iterator[Path]:
    """The path of every value inside a JSON value."""
    yield path
    if isinstance(value, dict):
        for key, item in cast("Json", value).items():
            yield from paths(item, *path, key)
    if isinstance(value, list):
        for index, item in enumerate(cast("list[object]", value)):
            yield from paths(item, *path, index)


def replaced(value: Any, path: Path, new: object) -> Any:
    """The same JSON with another value at this path."""
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


@pytest.mark.parametrize("event_type", DATA)
def test_every_type_of_the_contract_is_read(event_type: str) -> None:
    body = published(event_type)

    parsed = look(body)

    assert isinstance(parsed, Event)
    assert (parsed.account, parsed.id, parsed.type, parsed.occurred_at) == ("acme", body["id"], event_type, NOW)
    assert parsed.data.json == body["data"]
    assert parsed.body == orjson.dumps(body)


@MANY
@given(st.binary(max_size=200))
def test_no_bytes_whatever_raise(body: bytes) -> None:
    assert refused(body).reason in {"not_json", "not_utf8", "schema"}


@MANY
@given(JSON)
def test_no_json_whatever_raises(value: object) -> None:
    assert refused(json.dumps(value).encode("utf-8", "surrogatepass")).reason in {"not_json", "schema", "not_utf8"}


@MANY
@given(st.data(), st.sampled_from(sorted(DATA)), JSON | st.sampled_from(WRONG))
def test_a_spoilt_event_is_read_or_refused_and_never_raises(data: st.DataObject, event_type: str, new: object) -> None:
    body = published(event_type)
    path = data.draw(st.sampled_from(list(paths(body))))

    parsed = look(json.dumps(replaced(body, path, new)).encode())

    assert isinstance(parsed, Event) or parsed.detail


@MANY
@given(st.data(), st.sampled_from(sorted(DATA)))
def test_a_cut_or_broken_body_is_refused(data: st.DataObject, event_type: str) -> None:
    body = orjson.dumps(published(event_type))
    cut = data.draw(st.integers(0, len(body) - 1))

    assert refused(body[:cut]).reason in {"not_json", "not_utf8"}


@pytest.mark.parametrize("event_type", DATA)
def test_the_reason_of_a_refusal_names_the_field_and_never_its_value(event_type: str) -> None:
    body = published(event_type, secret=CANARY)
    spoilt = [(path, replaced(body, path, new)) for path in paths(body) if path for new in WRONG]
    # A type that nobody knows is named: it comes from the CRM, not from a person.
    results = [(path, look(json.dumps(value).encode())) for path, value in spoilt if path != ("type",)]

    refusals = [(path, fault) for path, fault in results if isinstance(fault, Malformed)]
    assert len(refusals) > 50
    assert [fault.detail for _, fault in refusals if CANARY in fault.detail] == []
    assert {path[0] for path, _ in refusals} >= {"specversion", "id", "source", "time", "data"}


def test_a_refusal_lists_five_faults_and_counts_the_rest() -> None:
    people = [{"kind": "nobody", "id": str(number)} for number in range(8)]

    fault = refused(published(recipients=people, invoice={}))

    assert fault.detail.count("data.recipients.") == 5
    assert fault.detail.endswith("; and 4 more")


def test_a_refusal_of_a_readable_event_names_account_id_and_type() -> None:
    body = published(invoice="all of them")

    fault = refused(body)

    assert (fault.account, fault.id, fault.type) == ("acme", body["id"], "invoice.overdue")


@pytest.mark.parametrize(
    ("spoilt", "reason", "text"),
    [
        ({"type": "invoice.eaten"}, "unknown_type", "invoice.overdue"),
        ({"source": "/accounts/other"}, "account_mismatch", "other.invoice.overdue"),
        ({"source": "acme"}, "schema", "source: must be /accounts/<account>"),
        ({"source": "/accounts/Acme"}, "schema", "source: must be /accounts/<account>"),
        ({"specversion": "0.3"}, "schema", "specversion: "),
        ({"id": ""}, "schema", "id: "),
        ({"id": 5}, "schema", "id: "),
        ({"data": None}, "schema", "data: "),
        ({"data": {}}, "schema", "data.invoice: "),
        ({"time": 1700000000}, "schema", "time: must be a string such as 2026-"),
        ({"time": "1700000000"}, "schema", "time: must be a string such as 2026-"),
        ({"time": "2026-11-23T10:15:00"}, "schema", "time: must be a string such as 2026-"),
    ],
)
def test_a_fault_of_an_event_has_a_reason_and_a_detail(spoilt: Json, reason: str, text: str) -> None:
    fault = refused({**published(), **spoilt})

    assert fault.reason == reason
    assert text in fault.detail


@pytest.mark.parametrize("key", ["other.invoice.overdue", "acmeinvoice", "", "ACME.x", "acme-2.x"])
def test_the_routing_key_must_name_the_same_account(key: str) -> None:
    assert refused(published(), key=key).reason == "account_mismatch"


def test_an_event_of_the_future_is_refused_beyond_48_hours() -> None:
    assert isinstance(look(published(at=NOW + timedelta(hours=48))), Event)
    assert "48 hours" in refused(published(at=NOW + timedelta(hours=48, seconds=1))).detail


def test_a_body_over_256_kb_is_refused_unread() -> None:
    body = orjson.dumps(published())

    assert isinstance(look(body.ljust(BODY_MAX)), Event)
    assert refused(body.ljust(BODY_MAX + 1)).reason == "too_large"


@pytest.mark.parametrize(
    ("text", "kept"), [(r"\u0000", ""), (r"\ud83d", ""), (r"\udc00!", "!"), (r"\ud83d\ude00", "😀")]
)
def test_characters_that_postgresql_cannot_store_are_dropped(text: str, kept: str) -> None:
    body = orjson.dumps(published(note="QQ")).replace(b"QQ", b"a" + text.encode())

    parsed = look(body)

    assert isinstance(parsed, Event)
    assert parsed.data.json["note"] == f"a{kept}"


def test_a_body_that_is_not_utf_8_is_refused_with_the_byte_position() -> None:
    assert refused(b'{"id": "\xff"}').detail == "The body is not UTF-8: a wrong byte at position 8."


@pytest.mark.parametrize("depth", [200, 300, 1000, 5000, 100_000])
def test_deep_nesting_is_refused_and_never_raises(depth: int) -> None:
    body = orjson.dumps(published(deep="QQ")).replace(b'"QQ"', b"[" * depth + b"]" * depth)

    parsed = look(body)

    assert isinstance(parsed, Event) == (depth < 250)
    assert isinstance(parsed, Event) or parsed.reason == "not_json"


def test_a_number_too_large_to_store_is_refused_beside_a_surrogate() -> None:
    body = orjson.dumps(published(note="QQ", number="NN")).replace(b"QQ", rb"\ud800").replace(b'"NN"', b"9" * 30)

    assert refused(body).reason == "not_json"


def test_content_ignores_the_order_of_keys_and_differs_with_any_value() -> None:
    body = published()
    turned = dict(reversed(body.items()))
    other = {**body, "data": {**body["data"], "note": "x"}}

    first, same, different = (look(orjson.dumps(value, option=0)) for value in (body, turned, other))

    assert isinstance(first, Event)
    assert isinstance(same, Event)
    assert isinstance(different, Event)
    assert first.key == same.key == different.key
    assert first.content == same.content != different.content


@given(st.lists(st.binary(max_size=6), max_size=4), st.lists(st.binary(max_size=6), max_size=4))
def test_no_two_lists_of_parts_hash_alike(left: list[bytes], right: list[bytes]) -> None:
    assert (short_hash(*left) == short_hash(*right)) == (left == right)
    assert len(short_hash(*left)) == 16


def test_one_id_of_two_accounts_is_two_events() -> None:
    body = published()

    ours, theirs = look(body), look({**body, "source": "/accounts/beta"}, key="beta.x")

    assert isinstance(ours, Event)
    assert isinstance(theirs, Event)
    assert ours.key != theirs.key


@pytest.mark.parametrize("offset", ["+20:00", "-23:59", "+00:00", "+02:00"])
def test_a_moment_with_any_offset_is_kept_in_utc(offset: str) -> None:
    parsed = look({**published(), "time": f"2026-11-23T10:15:00{offset}"})
    assert isinstance(parsed, Event)
    assert parsed.occurred_at.tzinfo is UTC
    assert parsed.occurred_at == datetime.fromisoformat(f"2026-11-23T10:15:00{offset}")
