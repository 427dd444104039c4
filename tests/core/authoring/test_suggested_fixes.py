from datetime import date
from decimal import Decimal
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.authoring.test_event_check import remarks
from tests.core.examples import published
from tests.support.crm import Json
from tests.support.tries import tries
from worker.core.authoring.suggested_fixes import put


@pytest.mark.parametrize(
    ("path", "written", "fix"),
    [
        ("time", "2026-11-25 10:15:00", '"2026-11-25T10:15:00+02:00"'),
        ("time", 1795594500, '"2026-11-25T10:15:00+02:00"'),
        ("source", "acme", '"/accounts/acme"'),
        ("specversion", 1, '"1.0"'),
        ("data.invoice.total.amount", "1250,5", '"1250.50"'),
        ("data.invoice.total.amount", "1 250,5", '"1250.50"'),
        ("data.invoice.total.amount", "1,250.50", '"1250.50"'),
        ("data.invoice.total.amount", "1250.5 грн", '"1250.50"'),
        ("data.invoice.total.currency", "грн", '"UAH"'),
        ("data.invoice.total.currency", "uah", '"UAH"'),
        ("data.invoice.total", "1250.5", '{"amount":"1250.50","currency":"UAH"}'),
        ("data.invoice.total", "€ 7", '{"amount":"7.00","currency":"EUR"}'),
        ("data.invoice.duedate", "25.11.2026", '"2026-11-25"'),
        ("data.invoice.duedate", "2026/11/25", '"2026-11-25"'),
        ("data.recipients.0.locale", "ukrainian", '"uk"'),
        ("data.recipients.0.locale", "UK", '"uk"'),
        ("data.recipients.0.kind", "Contacts", '"contact"'),
    ],
)
def test_a_value_is_shown_as_it_should_be_written(path: str, written: object, fix: str) -> None:
    whole = published(
        "invoice.overdue", invoice={"id": "1", "version": 1, "total": {"amount": "1.00", "currency": "UAH"}}
    )

    fields = {remark.field: remark.fix for remark in remarks(cast("Json", put(whole, path.split("."), written)))}

    assert fields[path] == f"write it as {fix}"


@pytest.mark.parametrize("written", ["31.02.2026", "завтра", "1,250", "", {}, [[]], "25.13.2026", "99999999999999"])
def test_no_other_value_is_ever_suggested(written: object) -> None:
    invoice = {"id": "1", "version": 1, "duedate": written, "total": {"amount": written, "currency": "UAH"}}

    fixes = [
        remark.fix
        for remark in remarks(published("invoice.overdue", invoice=invoice))
        if remark.field.startswith("data.inv")
    ]

    assert not [fix for fix in fixes if fix.startswith("write it as") and "99999999999999" not in fix]


@settings(max_examples=tries(200), deadline=None)
@given(
    st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.sampled_from(["%d.%m.%Y", "%Y/%m/%d", "%d-%m-%Y", "%Y.%m.%d"])
)
def test_a_day_however_it_is_written_stays_that_day(day: date, form: str) -> None:
    [fix] = [
        remark.fix
        for remark in remarks(published("invoice.overdue", invoice={"id": "1", "duedate": day.strftime(form)}))
        if remark.field == "data.invoice.duedate"
    ]

    assert fix == f'write it as "{day.isoformat()}"'


@settings(max_examples=tries(200), deadline=None)
@given(
    st.decimals(0, 10**9, places=2), st.sampled_from([" ", "", "\u00a0"]), st.sampled_from([" грн", "", " UAH", "₴"])
)
def test_a_sum_however_it_is_written_stays_that_sum(amount: Decimal, thousands: str, mark: str) -> None:
    written = f"{amount:,.2f}".replace(",", thousands).replace(".", ",") + mark

    fields = {
        remark.field: remark.fix
        for remark in remarks(published("invoice.overdue", invoice={"id": "1", "version": 1, "total": written}))
    }

    assert fields["data.invoice.total"] == f'write it as {{"amount":"{amount:.2f}","currency":"UAH"}}'
