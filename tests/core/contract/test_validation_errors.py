from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from tests.core.examples import look, published
from tests.support.crm import Json, person
from worker.core.contract.event import Malformed
from worker.core.contract.validation_errors import faults_of, first_faults


def faults(event_type: str, **data: Any) -> list[str]:
    """What is wrong with an event, whether it is refused or does without."""
    parsed = look(published(event_type, **data))
    return [str(fault) for fault in (parsed.faults if isinstance(parsed, Malformed) else parsed.given_up)]


@pytest.mark.parametrize(
    ("order", "text"),
    [
        ({}, "data.order.id: is missing"),
        ({"id": None}, "data.order.id: must be a string or a whole number"),
        ({"id": ""}, "data.order.id: must be a string or a whole number"),
        ({"id": {"id": 5}}, "data.order.id: must be a string or a whole number"),
        ({"id": 1.5}, "data.order.id: must be a string or a whole number"),
        ({"id": "1", "number": ["5"]}, "data.order.number: must be a string or a whole number or a number"),
        ({"id": "1", "version": -1}, "data.order.version: must be greater than or equal to 0"),
        ("5", "data.order: must be an object"),
    ],
)
def test_a_wrong_field_is_one_fault_with_what_it_must_be(order: object, text: str) -> None:
    assert faults("order.created", order=order) == [text]


@pytest.mark.parametrize(
    ("total", "text"), [(5, "total: must be an object"), ({"amount": "5"}, "total.currency: is missing")]
)
def test_wrong_money_is_one_fault_or_names_what_it_lacks(total: object, text: str) -> None:
    assert faults("invoice.overdue", invoice={"id": "1", "total": total}) == [f"data.invoice.{text}"]


def test_every_wrong_field_is_reported() -> None:
    people: list[Json] = [person(kind="robot"), person(id=[]), person(locale="ukrainian")]

    results = faults("order.created", recipients=people, order={})

    assert [result.split(":")[0] for result in results] == [
        "data.recipients.0.kind",
        "data.recipients.1.id",
        "data.recipients.2.locale",
        "data.order.id",
    ]


def test_a_rule_over_several_fields_is_a_fault_of_their_section() -> None:
    assert faults("proposal.overdue", proposal={"id": "1"}) == [
        "data.proposal: needs open_till, a day such as 2026-11-23, or days_left, such as 4 or -1"
    ]
    assert faults("sms.send_requested", text=None) == [
        "data: needs either text or template, the name of a custom template, and not both"
    ]


class Looked(list[object]):
    """A list that counts how often somebody looks into it."""

    looks = 0

    def __getitem__(self, index: Any) -> Any:
        self.looks += 1
        return super().__getitem__(index)

    def __iter__(self) -> Any:
        self.looks += len(self)
        return super().__iter__()


def test_faults_of_a_list_cost_no_more_than_there_are() -> None:
    numbers = Looked([None] * 1_000)
    with pytest.raises(ValidationError) as raised:
        TypeAdapter(list[int]).validate_python([None] * 1_000)

    assert len(faults_of(raised.value, numbers)) == 1_000
    assert numbers.looks == 1_000


def test_of_many_faults_the_first_are_found_and_the_rest_counted() -> None:
    numbers = Looked([None] * 1_000)
    with pytest.raises(ValidationError) as raised:
        TypeAdapter(list[int | float]).validate_python([None] * 1_000)

    found, more = first_faults(raised.value, numbers, 50)

    assert [fault.field for fault in found] == [str(index) for index in range(50)]
    assert {fault.problem for fault in found} == {"must be a whole number or a number"}
    assert (more, numbers.looks) == (2 * 950, 2 * 50 + 1)
