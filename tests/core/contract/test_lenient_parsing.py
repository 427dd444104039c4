"""What PHP writes for nothing is nothing, and what is wrong costs its own field or person: of any field of any type."""

import copy
from collections.abc import Iterator
from typing import Any, cast

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.contract.test_event import paths, replaced
from tests.core.examples import drafted, happened, look, published
from tests.support.crm import Json, person
from worker.core.authoring.event_examples import SHOWN_AT, shown
from worker.core.contract.empty_values import Shape, fields_of
from worker.core.contract.event import Event, Malformed, read
from worker.core.contract.event_types import TYPES

Path = tuple[str | int, ...]
#: What PHP, its forms and MySQL write for nothing.
NOTHINGS: list[Any] = [None, "", [], {}, False, "0000-00-00", "0000-00-00 00:00:00", "-0001-11-30T00:00:00+02:02"]
GARBAGE: list[Any] = [{"x": [1]}, ["x"], [["x"]], {"amount": [], "id": []}, "\u0001?", 10**17 + 0.5, True, "завтра"]
#: Their types come to nothing without them.
VITAL = {
    *(("sms.send_requested", (name,)) for name in ("recipients", "text", "template")),
    *(("position.status_changed", (name,)) for name in ("proposal", "order")),
}
MOMENTS = {"booking": "start", "meeting": "start", "staff_reminder": "date"}


def fields(event_type: str) -> Iterator[tuple[Path, Shape]]:
    """Every field that a type can go without, whether its example has it or not."""
    data = shown(event_type)["data"]
    assert isinstance(data, dict)
    for name, shape in fields_of(TYPES[event_type].model).items():
        positions: list[Path] = [(name, 0)] if shape.holds == "list" else [(name,)]
        if not shape.is_needed:
            yield (name,), shape
        for path in positions if name in data else []:
            for inner, its in (shape.inside or {}).items():
                if not its.is_needed and MOMENTS.get(name) != inner:
                    yield (*path, inner), its


FIELDS = [
    (event_type, path, shape)
    for event_type in TYPES
    for path, shape in fields(event_type)
    if (event_type, path) not in VITAL
]


def spoilt(event_type: str, path: Path, value: object) -> Json:
    result: Any = copy.deepcopy(dict(shown(event_type)))
    data = result["data"]
    if "recipients" in data:
        data["recipients"].append({**data["recipients"][0], "id": "18", "phonenumber": "067 765 43 21"})
    home = data
    for name in path[:-1]:
        home = home[name]
    if value is ...:
        home.pop(path[-1], None)
    else:
        home[path[-1]] = value
    return result


def taken(body: Json) -> Event:
    result = read(orjson.dumps(body), routing_key="demo.x", now=SHOWN_AT)
    assert isinstance(result, Event), result
    return result


def parsed(value: Any) -> Any:
    """Facts without their nothings."""
    if isinstance(value, dict):
        results = {name: parsed(item) for name, item in cast("Json", value).items()}
        return {name: item for name, item in results.items() if item not in (None, {}, [])}
    return [parsed(item) for item in cast("list[Any]", value)] if isinstance(value, list) else value


@given(st.sampled_from(FIELDS), st.sampled_from(NOTHINGS))
def test_an_empty_value_of_php_is_as_an_absent_field(field: tuple[str, Path, Shape], value: Any) -> None:
    event_type, path, shape = field
    is_meant = (shape.holds == "flag" and value is False) or (path[-1] == "remind_before" and value in ([], {}))

    if not is_meant:
        event = taken(spoilt(event_type, path, value))

        assert parsed(event.data.json) == parsed(taken(spoilt(event_type, path, ...)).data.json)
        assert event.given_up == ()


@given(st.sampled_from(FIELDS), st.sampled_from(GARBAGE))
def test_a_wrong_value_costs_only_its_field_and_is_reported(field: tuple[str, Path, Shape], value: Any) -> None:
    event_type, path, shape = field
    body = spoilt(event_type, path, value)
    event, without = taken(body), taken(spoilt(event_type, path, ...))

    assert all(fault.field.startswith(f"data.{'.'.join(map(str, path))}") for fault in event.given_up)
    assert event.given_up or shape.holds in {"section", "map", "list"} or not isinstance(value, dict | list)
    untouched = [name for name in without.data.json if name != path[0]]
    assert {name: event.data.json[name] for name in untouched} == {name: without.data.json[name] for name in untouched}
    if path[0] == "recipients" and len(path) > 1:
        assert parsed(event.data.json["recipients"])[1] == parsed(without.data.json["recipients"])[1]


@given(st.sampled_from(sorted(TYPES)), st.sampled_from([*NOTHINGS, *GARBAGE]))
def test_a_person_who_is_wrong_costs_nobody_else(event_type: str, value: Any) -> None:
    body = spoilt(event_type, ("colour",), "red")
    people = body["data"].get("recipients", [])

    body["data"]["recipients"] = [value, *people]

    if people:
        assert parsed(taken(body).data.json["recipients"]) == parsed(people)


def test_empty_and_filtered_arrays_of_php_are_read() -> None:
    people = {"1": person(), "3": person(id="18", phone="067 765 43 21")}

    event = happened("order.created", recipients=people, client=[], shortcodes=[], company=[])

    assert event.data.json["recipients"] == [person(), person(id="18", phone="067 765 43 21")]
    assert (event.data.json["client"], "shortcodes" in event.data.json, event.given_up) == (None, False, ())


def test_numbers_are_read_as_strings_and_strings_as_numbers() -> None:
    record = {"id": 5, "version": "2", "start": "2026-12-01T10:00:00+02:00", "remind_before": {"1": "60", "2": 120.0}}
    event = happened("meeting.reminder_due", meeting=record, offset_minutes="60", shortcodes={"x": 5})
    hand = happened("sms.send_requested", text=5, template=False)
    invoice = happened("invoice.overdue", invoice={"id": 1, "total": {"amount": 1250.5, "currency": "UAH"}})

    assert (event.given_up, hand.given_up, invoice.given_up) == ((), (), ())
    assert event.data.json["meeting"]["remind_before"] == ["60", 120.0]  # pyright: ignore[reportIndexIssue]
    assert [draft.text for draft in drafted(hand)] == ["5"]
    assert invoice.data.json["invoice"]["total"]["amount"] == "1250.5"  # pyright: ignore[reportIndexIssue]


@pytest.mark.parametrize("beside", [{"birthday": "02.12.1990"}, {"locale": ""}, {"version": ""}, {"timezone": 5}])
@pytest.mark.parametrize("no", [False, 0, "0", "false", " No ", "ні"])
def test_a_withdrawal_of_consent_counts_whatever_is_wrong_beside_it(beside: Json, no: object) -> None:
    event = happened("contact.saved", contact={"id": "1", "consent": no, **beside})

    assert [fault for fault in event.given_up if "consent" in fault.field] == []
    assert not [
        draft
        for draft in drafted(happened("contact.birthday", contact={"id": "1", "consent": no, **beside}))
        if draft.state in {"planned", "postponed"}
    ]


@pytest.mark.parametrize("start", [None, "", "0000-00-00 00:00:00", False, "ніколи"])
@pytest.mark.parametrize(
    ("record_kind", "field"), [("booking", "start"), ("meeting", "start"), ("staff_reminder", "date")]
)
def test_only_a_cancelled_record_needs_no_moment(record_kind: str, field: str, start: object) -> None:
    cancelled: dict[str, Any] = {"id": "2", "version": 2, "status": "Canceled", field: start}

    body = published(f"{record_kind}.saved")
    assert isinstance(look({**body, "data": {record_kind: cancelled}}), Event)
    refused = look({**body, "data": {record_kind: {**cancelled, "status": "confirmed"}}})
    assert isinstance(refused, Malformed)
    assert f"data.{record_kind}" in refused.detail


def test_unreadable_money_stays_as_text_and_is_reported() -> None:
    event = happened(
        "invoice.overdue",
        invoice={"id": "1", "total": "48 000,00 грн", "amount_due": {"amount": "1 250,00", "currency": "грн"}},
    )

    invoice = event.data.json["invoice"]
    assert isinstance(invoice, dict)
    assert (invoice["total"], invoice["amount_due"]) == ("48 000,00 грн", "1 250,00 грн")
    assert {fault.field for fault in event.given_up} == {
        "data.invoice.total",
        "data.invoice.amount_due.amount",
        "data.invoice.amount_due.currency",
    }


def test_an_unreadable_marketing_flag_requires_consent() -> None:
    event = happened("sms.send_requested", marketing="мабуть", recipients=[person()])

    assert [draft.state for draft in drafted(event)] == ["skipped"]


def test_a_recipient_wrong_in_several_ways_is_left_out_with_all_faults() -> None:
    wrong = {**person(), "kind": "alien", "firstname": {"x": 1}, "locale": "ukrainian"}
    nameless = {"proposal": {"number": "1", "total": {"amount": "1"}}, "entity_type": "order"}
    position = {"entity_type": "order", "status_to": "sent"}

    event = happened("order.created", recipients=[wrong, person("order")])
    moved = happened("position.status_changed", order={"id": "1"}, position=position, proposal=nameless["proposal"])

    assert event.data.json["recipients"] == [person("order")]
    assert (moved.data.json["proposal"], len(event.given_up)) == (None, 3)


def test_too_many_people_are_refused_together() -> None:
    people = [person(id=str(number)) for number in range(501)]

    assert isinstance(look(published(recipients=people)), Malformed)


@given(st.data(), st.sampled_from(sorted(TYPES)))
def test_an_event_with_several_wrong_values_is_parsed_or_refused(data: st.DataObject, event_type: str) -> None:
    value: Any = copy.deepcopy(dict(shown(event_type)))
    for _ in range(4):
        path = data.draw(st.sampled_from([path for path in paths(value["data"]) if path]))
        value["data"] = replaced(value["data"], path, data.draw(st.sampled_from([*NOTHINGS, *GARBAGE])))

    result = read(orjson.dumps(value), routing_key="demo.x", now=SHOWN_AT)

    assert isinstance(result, Event) or result.detail
