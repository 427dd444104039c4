from __future__ import annotations

from typing import Any

import pytest

from tests.core.examples import account, everything, happened, switch
from tests.crm import comment
from worker.core.catalogue import BY_ID, TRIGGERS, Trigger
from worker.core.facts import at
from worker.core.trigger import matching, meets, objection

UNLESS = [(trigger, unless, value) for trigger in TRIGGERS for unless in trigger.unless for value in unless.values]


def matched(kind: str, *, off: str = "", **data: Any) -> list[str]:
    switches = {name: one for name, one in everything().items() if name != off}
    return [trigger.id for trigger in matching(happened(kind, **data), account(switches=switches))]


def test_only_triggers_of_the_events_type_are_set_off() -> None:
    assert matched("order.approved") == ["order_approved"]
    assert matched("booking.submitted") == ["booking_form_submitted"]


def test_a_trigger_that_is_off_is_not_set_off() -> None:
    assert matched("order.approved", off="order_approved") == []


def test_an_account_without_switches_hears_nothing() -> None:
    event = happened("order.approved")

    assert list(matching(event, account(switches={}))) == []
    assert list(matching(event, account(switches={"order_created": switch(uk="x")}))) == []


@pytest.mark.parametrize(
    ("author", "expected"), [("staff", "proposal_comment_to_customer"), ("client", "proposal_comment_to_staff")]
)
def test_a_comment_goes_to_the_other_side_only(author: str, expected: str) -> None:
    assert matched("proposal.comment_added", comment=comment(author)) == [expected]


@pytest.mark.parametrize("facts", [{}, {"comment": None}, {"comment": "staff"}, {"comment": {"author": "robot"}}])
def test_a_condition_on_a_missing_fact_does_not_hold(facts: dict[str, object]) -> None:
    assert not meets(BY_ID["proposal_comment_to_customer"], facts)


@pytest.mark.parametrize("trigger", TRIGGERS, ids=lambda trigger: trigger.id)
def test_a_deleted_record_makes_every_text_untrue(trigger: Trigger) -> None:
    assert objection(trigger, {}, deleted=True) == "record_deleted"
    assert objection(trigger, {}, deleted=False) is None


@pytest.mark.parametrize(("trigger", "unless", "value"), UNLESS)
def test_a_fact_that_makes_the_text_untrue_is_an_objection(trigger: Trigger, unless: object, value: str) -> None:
    found = [item for item in trigger.unless if item is unless]

    assert objection(trigger, {found[0].field: value}, deleted=False) == found[0].reason


@pytest.mark.parametrize("status", ["unpaid", "overdue", "partially_paid", "", None, 5, ["paid"], "PAID"])
def test_an_invoice_that_is_still_owed_may_be_spoken_of(status: object) -> None:
    assert objection(BY_ID["invoice_overdue_notice"], {"status": status}, deleted=False) is None


@pytest.mark.parametrize("name", ["order_cancelled", "invoice_payment_recorded"])
def test_a_text_about_the_end_is_not_struck_out_by_the_end(name: str) -> None:
    assert objection(BY_ID[name], {"status": "cancelled"}, deleted=False) is None


@pytest.mark.parametrize("facts", [{}, {"a": 1}, {"a": None}, {"a": {"b": {}}}])
def test_a_path_into_nothing_finds_nothing(facts: dict[str, object]) -> None:
    assert at(facts, "a.b.c") is None
