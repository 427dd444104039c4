from typing import Any

import pytest

from tests.core.examples import look, published
from tests.support.crm import Json, person
from worker.core.contract.event import Malformed


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
