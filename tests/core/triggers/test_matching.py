from dataclasses import replace
from typing import Any

import pytest

from tests.core.examples import account, everything, happened, switch
from tests.support.crm import comment
from worker.core.accounts.account import SENT
from worker.core.contract.data import Data, Record
from worker.core.contract.facts import is_true
from worker.core.triggers.catalogue import BY_ID, TRIGGERS
from worker.core.triggers.matching import is_wanted, matching, meets, objection
from worker.core.triggers.trigger import Trigger, Unless

UNLESS = [(trigger, unless) for trigger in TRIGGERS for unless in trigger.unless]


def matched(event_type: str, *, off: str = "", **data: Any) -> list[str]:
    switches = {name: item for name, item in everything().items() if name != off}
    return [trigger.id for trigger in matching(happened(event_type, **data), account(switches=switches))]


def test_only_triggers_of_the_events_type_are_set_off() -> None:
    assert matched("order.approved") == ["order_approved"]
    assert matched("booking.submitted") == ["booking_form_submitted"]


def test_a_trigger_that_is_off_is_not_set_off() -> None:
    assert matched("order.approved", off="order_approved") == []


def test_an_account_without_switches_has_no_matches() -> None:
    event = happened("order.approved")

    assert list(matching(event, account(switches={}))) == []
    assert list(matching(event, account(switches={"order_created": switch(uk="x")}))) == []


@pytest.mark.parametrize(("author", "expected"), [("staff", "comment_to_customer"), ("client", "comment_to_staff")])
@pytest.mark.parametrize("document", ["proposal", "contract"])
def test_a_comment_goes_to_the_other_side_only(document: str, author: str, expected: str) -> None:
    assert matched(f"{document}.comment_added", comment=comment(author)) == [f"{document}_{expected}"]


@pytest.mark.parametrize("facts", [{}, {"comment": None}, {"comment": "staff"}, {"comment": {"author": "robot"}}])
def test_a_condition_on_a_missing_fact_does_not_hold(facts: dict[str, object]) -> None:
    assert not meets(BY_ID["proposal_comment_to_customer"], Data(facts))


@pytest.mark.parametrize("trigger", TRIGGERS, ids=lambda trigger: trigger.id)
def test_a_deleted_record_makes_every_text_untrue(trigger: Trigger) -> None:
    assert objection(trigger, Record(), deleted=True) == "record_deleted"
    assert objection(trigger, Record(), deleted=False) is None


@pytest.mark.parametrize(("trigger", "unless"), UNLESS)
def test_a_fact_that_makes_the_text_untrue_is_an_objection(trigger: Trigger, unless: Unless) -> None:
    results = {objection(trigger, Record({unless.field.name: value}), deleted=False) for value in unless.values}

    assert results == {unless.reason}


@pytest.mark.parametrize("amount", ["0.00", "-5.00", "0", 0, 0.0, "0,00", "0.004", "-0.01", "−5", "0,00 грн"])
@pytest.mark.parametrize("status", ["unpaid", "overdue", "no such word", None])
def test_no_text_asks_for_nothing_or_less(amount: object, status: str | None) -> None:
    money = {"amount": amount, "currency": "UAH"}
    asking = [trigger for trigger in TRIGGERS if trigger.asks_for]

    results = {
        objection(trigger, Record({"status": status, field.name: item}), deleted=False)
        for trigger in asking
        for field in trigger.asks_for
        for item in (money, amount)
    }

    assert results == {"nothing_due"}


def test_every_default_text_with_an_amount_to_pay_asks_for_it() -> None:
    texts = [trigger for trigger in TRIGGERS if any("{invoice_amount_due}" in text for text in trigger.texts.values())]

    assert [trigger for trigger in TRIGGERS if trigger.asks_for] == texts


@pytest.mark.parametrize("amount", ["0.01", "1 250,00", "1,250.00", 5, "1.00", "many", "", None, [], {"x": 0}])
def test_an_outstanding_or_unknown_amount_is_no_objection(amount: object) -> None:
    record = {"status": "unpaid", "amount_due": {"amount": amount, "currency": "UAH"}}

    assert objection(BY_ID["invoice_overdue_notice"], Record(record), deleted=False) is None


@pytest.mark.parametrize("status", ["unpaid", "overdue", "partially_paid", "", None, 3, -2, ["paid"]])
def test_an_unpaid_status_of_an_invoice_is_no_objection(status: object) -> None:
    assert objection(BY_ID["invoice_overdue_notice"], Record({"status": status}), deleted=False) is None


@pytest.mark.parametrize(
    "status", ["PAID", " Paid ", 2, "2", 2.0, "5", 6, "fully-paid", "Paid in full", "Сплачено", "CANCELED"]
)
def test_a_status_means_the_same_however_it_is_spelt(status: object) -> None:
    assert objection(BY_ID["invoice_overdue_notice"], Record({"status": status}), deleted=False) == "invoice_settled"


@pytest.mark.parametrize("value", [True, 1, 1.0, "1", "true", "TRUE", "t", "yes", "Y", "on", "ON"])
@pytest.mark.parametrize(
    ("name", "field", "reason"),
    [
        ("contract_comment_to_customer", "not_visible_to_client", "contract_hidden"),
        ("contract_expiration_reminder", "trash", "contract_hidden"),
        ("invoice_overdue_notice", "cancel_overdue_reminders", "reminders_cancelled"),
    ],
)
def test_a_flag_is_set_however_the_crm_spells_it(name: str, field: str, reason: str, value: object) -> None:
    assert is_true(value)
    assert objection(BY_ID[name], Record({field: value}), deleted=False) == reason


@pytest.mark.parametrize("value", [None, False, 0, "0", "", "off", "No", 2, ["on"]])
def test_a_flag_that_is_not_set_is_no_objection(value: object) -> None:
    assert not is_true(value)
    assert objection(BY_ID["contract_expiration_reminder"], Record({"trash": value}), deleted=False) is None


@pytest.mark.parametrize("value", [False, 0, "0", "false", "No", "off"])
def test_revoked_consent_cancels_a_waiting_birthday_text(value: object) -> None:
    assert objection(BY_ID["contact_birthday"], Record({"consent": value}), deleted=False) == "no_consent"


@pytest.mark.parametrize("value", [None, "", True, "1"])
def test_consent_that_is_not_taken_back_is_no_objection(value: object) -> None:
    assert objection(BY_ID["contact_birthday"], Record({"consent": value}), deleted=False) is None


@pytest.mark.parametrize("name", ["order_cancelled", "invoice_payment_recorded"])
def test_a_text_about_the_end_is_not_struck_out_by_the_end(name: str) -> None:
    assert objection(BY_ID[name], Record({"status": "cancelled"}), deleted=False) is None


def sent(entity: str, before: object, after: object, **codes: frozenset[str]) -> bool:
    facts = {"position": {"entity_type": entity, "status_from": before, "status_to": after}}
    return meets(BY_ID["position_status_sent"], Data(facts), sent={**SENT, **codes})


@pytest.mark.parametrize("code", ["4", 4, 4.0, " 4 ", "sent", "Sent", "Надіслано"])
def test_a_proposal_is_sent_by_its_code_or_by_its_name(code: object) -> None:
    assert sent("proposal", "1", code)
    assert sent("proposal", None, code)


@pytest.mark.parametrize(
    ("before", "after"), [("4", "sent"), ("sent", 4), ("4", "4"), ("1", "2"), ("1", None), (1, [])]
)
def test_a_change_that_does_not_reach_sent_is_no_match(before: object, after: object) -> None:
    assert not sent("proposal", before, after)


def test_the_codes_of_sent_are_a_setting_of_each_record_kind() -> None:
    assert not sent("order", "1", "4")
    assert sent("order", "1", "4", order=frozenset({"4"}))
    assert not sent("proposal", "1", "4", proposal=frozenset({"7"}))
    assert not sent("lead", "1", "4")


def test_an_accounts_own_codes_decide() -> None:
    event = happened("position.status_changed", position={"entity_type": "proposal", "status_to": "9"})
    mine = {"position_status_sent": replace(switch(uk="x"), sent={"proposal": frozenset({"9"})})}

    assert [trigger.id for trigger in matching(event, account(switches=mine))] == ["position_status_sent"]
    assert matched("position.status_changed", position={"entity_type": "proposal", "status_to": "9"}) == []
    assert not is_wanted(event)


@pytest.mark.parametrize(("field", "value"), [("trash", True), ("trash", "1"), ("not_visible_to_client", 1)])
def test_a_flag_is_an_objection_however_it_is_spelt(field: str, value: object) -> None:
    assert objection(BY_ID["contract_comment_to_customer"], Record({field: value}), deleted=False) == "contract_hidden"
    assert objection(BY_ID["contract_comment_to_customer"], Record({field: False}), deleted=False) is None
