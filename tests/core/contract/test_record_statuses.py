from collections import Counter

import pytest

from worker.core.contract.event_types import TYPES
from worker.core.contract.record_statuses import STATUSES, folded, is_unknown, meaning
from worker.core.triggers.catalogue import TRIGGERS

#: The codes of the ancestor, Perfex CRM.
ANCESTORS = {
    "invoice": ["unpaid", "paid", "partially_paid", "overdue", "cancelled", "draft"],
    "proposal": ["open", "declined", "accepted", "sent", "revised", "draft"],
    "task": ["not_started", "awaiting_feedback", "testing", "in_progress", "done"],
}


@pytest.mark.parametrize("record_kind", ANCESTORS)
def test_status_codes_of_perfectum_2_are_known_as_numbers_and_strings(record_kind: str) -> None:
    for number, name in enumerate(ANCESTORS[record_kind], start=1):
        assert {meaning(record_kind, item) for item in (number, str(number), f" {number} ", float(number))} == {name}


@pytest.mark.parametrize("record_kind", STATUSES)
def test_each_spelling_of_a_status_has_one_meaning(record_kind: str) -> None:
    spelt = Counter(spelling for spellings in STATUSES[record_kind].values() for spelling in spellings)

    assert [spelling for spelling, times in spelt.items() if times > 1] == []
    assert all(spelling == folded(spelling) for spelling in spelt)


@pytest.mark.parametrize("record_kind", sorted(STATUSES.keys() - {"contract"}))
@pytest.mark.parametrize("status", ["cancelled", "canceled", "CANCELLED", " Canceled", "скасовано", "Скасований"])
def test_every_cancellable_kind_knows_both_spellings_and_ukrainian(record_kind: str, status: str) -> None:
    assert meaning(record_kind, status) == "cancelled"


@pytest.mark.parametrize(
    "status", ["partially paid", "partially_paid", "Partially-Paid", "PARTIALLY  PAID", "partiallypaid"]
)
def test_spaces_underscores_dashes_and_case_make_no_difference(status: str) -> None:
    assert meaning("invoice", status) == "partially_paid"


def test_every_record_kind_whose_status_a_rule_reads_has_a_table() -> None:
    asked = {TYPES[trigger.event].record for trigger in TRIGGERS if "status" in trigger.asked}

    assert asked <= STATUSES.keys()
    assert STATUSES.keys() <= {event_type.record for event_type in TYPES.values()}


@pytest.mark.parametrize("status", ["", None, False, "paid", 2])
def test_an_absent_and_a_known_status_are_not_unknown(status: object) -> None:
    assert not is_unknown("invoice", status)


@pytest.mark.parametrize("status", ["оплачено наполовину", 7, -2, "2.5", True, "x"])
def test_a_status_in_no_table_is_unknown(status: object) -> None:
    assert is_unknown("invoice", status)


def test_any_status_of_a_record_kind_without_a_table_is_known() -> None:
    assert not is_unknown("contact", "vip")
