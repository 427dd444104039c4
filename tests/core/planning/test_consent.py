from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.examples import NOW, happened
from worker.core.contract.data import Person
from worker.core.planning.consent import RECORDED, STATED, Statement, consent, newest, statement_of
from worker.core.triggers.match import RecordRef


def statement(*, given_: bool | None, version: int | None = None, minute: int = 0) -> Statement:
    return Statement("acme", RecordRef("contact", "17", version, NOW + timedelta(minutes=minute)), given_, "e")


def contact(event_type: str = "contact.saved", **fields: Any) -> Statement | None:
    return statement_of(happened(event_type, contact={"id": "17", **fields}))


@pytest.mark.parametrize(("value", "expected"), [(True, True), ("1", True), (0, False), ("no", False), ("", None)])
def test_consent_is_read_however_a_crm_spells_it(value: object, expected: bool | None) -> None:  # noqa: FBT001
    assert Person({"consent": value}).consent is expected
    assert Person().consent is Person({"consent": None}).consent is None


def test_consent_in_a_contacts_events_is_recorded_with_the_event_id() -> None:
    event = happened("contact.saved", contact={"id": "17", "version": 3, "consent": True})

    assert statement_of(event) == Statement("acme", RecordRef("contact", "17", 3, NOW), given=True, event_id=event.id)
    assert [item and item.given for item in (contact(consent=False), contact("contact.deleted"))] == [False, None]


def test_silence_takes_nothing_back_and_only_contacts_are_recorded() -> None:
    assert contact(firstname="Олена") is None
    assert statement_of(happened("invoice.overdue")) is None


@given(
    st.permutations(range(5)),
    st.sampled_from(["version", "time"]),
    st.lists(st.sampled_from([True, False, None]), min_size=5, max_size=5),
)
def test_the_newest_statement_wins_in_any_order_and_repetition(
    order: list[int], ordered_by: str, parts: list[bool | None]
) -> None:
    sign, is_numbered = (-1, True) if ordered_by == "version" else (1, False)
    statements = [
        statement(given_=parts[nth], version=nth if is_numbered else None, minute=nth * sign) for nth in order
    ]

    results = newest([*statements, *statements])

    assert [result.given for result in results.values()] == [parts[4]]


NOBODY = None
AT = RecordRef("contact", "17", 4, NOW)


@pytest.mark.parametrize(
    ("stated", "recorded", "expected"),
    [
        (True, NOBODY, STATED),
        (False, NOBODY, None),
        (None, NOBODY, None),
        (None, statement(given_=True, version=1), RECORDED),
        (None, statement(given_=False, version=1), None),
        (None, statement(given_=None, version=1), None),
        (False, statement(given_=True, version=9), None),
        (True, statement(given_=False, version=3, minute=9), STATED),
        (True, statement(given_=False, version=4, minute=9), STATED),
        (True, statement(given_=False, version=5, minute=-9), None),
        (True, statement(given_=None, version=5), None),
        (True, statement(given_=False, minute=-1), STATED),
        (True, statement(given_=False, minute=1), None),
        (True, statement(given_=True, version=9), STATED),
    ],
)
def test_an_events_consent_counts_unless_a_newer_statement_revoked_it(
    stated: bool | None,  # noqa: FBT001 (what the event states)
    recorded: Statement | None,
    expected: str | None,
) -> None:
    assert consent(stated, AT, recorded) == expected
