from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.history.filters import Fault, Filter, Subject, cursor, faults, position, subject

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PLACE = (date(2026, 11, 1), 5)
SEARCH = Filter(account="acme", text="ромашка")


def test_a_filter_that_makes_sense_has_no_fault(subtests: pytest.Subtests) -> None:
    for wanted in (
        Filter(),
        Filter(triggers=("order_created",), states=("sent", "delivered"), channel="viber_then_sms"),
        Filter(account="acme", recipient=Subject("contact", "17"), record=Subject("invoice", "901"), text="ні"),
        Filter(account="acme", since=NOON, until=NOON + timedelta(seconds=1), text="Їжа на 5"),
    ):
        with subtests.test(str(wanted)):
            assert faults(wanted) == ()


def test_a_wrong_field_is_named_with_its_fix(subtests: pytest.Subtests) -> None:
    for wanted, field, text in (
        (
            Filter(triggers=("order_created", "order_creatd")),
            "trigger",
            "order_creatd is none: did you mean order_created",
        ),
        (Filter(states=("gone",)), "state", "use planned, postponed, sending"),
        (Filter(channel="both"), "channel", "use sms, viber, viber_then_sms"),
        (Filter(account="acme", recipient=Subject("contat", "17")), "person", "did you mean contact?"),
        (Filter(account="acme", record=Subject("invoise", "9")), "record", "did you mean invoice?"),
        (Filter(since=NOON, until=NOON), "until", "is not after since"),
        (Filter(client="5"), "account", "are of one account"),
        (Filter(text="ромашка"), "account", "are of one account"),
        (Filter(account="acme", text="%_ —"), "search", "has no letter or digit"),
        (Filter(account="acme", text="на 5"), "search", "give 3 letters or digits in a row"),
    ):
        with subtests.test(field, wanted=str(wanted)):
            [fault] = faults(wanted)

            assert isinstance(fault, Fault)
            assert (fault.field, text in fault.problem) == (field, True)


def test_a_subject_is_read_as_kind_and_id() -> None:
    assert subject(" contact:17 ") == Subject("contact", "17")
    assert str(subject("order:A:1 b")) == "order:A:1 b"
    with pytest.raises(ValueError, match="write it as contact:17"):
        subject("17")


@given(st.dates(max_value=date(9998, 1, 1)), st.integers(0, 2**63 - 1))
def test_a_cursor_leads_back_to_where_its_page_ended(day: date, number: int) -> None:
    place = (day.replace(day=1), number)

    assert position(cursor(place, SEARCH), SEARCH) == place


def test_a_cursor_is_of_one_account_and_filter_alone(subtests: pytest.Subtests) -> None:
    text = cursor(PLACE, SEARCH)
    for other in (Filter(account="beta", text="ромашка"), Filter(account="acme", text="ромашки"), Filter()):
        with subtests.test(str(other)), pytest.raises(ValueError, match="another account or filter"):
            position(text, other)


@given(st.one_of(st.text(max_size=40), st.binary(max_size=40).map(lambda value: value.decode("latin-1"))))
def test_a_text_that_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="begin without one"):
        position(text, SEARCH)
