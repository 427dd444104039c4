from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.core.shortcode import SHORTCODES, value_of
from worker.core.shortcode_table import OURS, PAGE
from worker.core.wording import clean

MANY = settings(max_examples=300, deadline=None)
LISTED = re.compile(r"\s*•\s+(?P<label>.+?)\s+-\s+\{(?P<code>\w+)\}\s*")
FACTS: dict[str, object] = {
    "client": {"id": 5, "company": "ТОВ «Ромашка &amp; Ко»", "billing": {"street": "Хрещатик, 1"}},
    "contact": {"firstname": "Інша", "title": "Бухгалтерка"},
    "invoice": {
        "number": "INV-000901",
        "duedate": "2026-11-20",
        "status": "paid",
        "days_overdue": 3,
        "amount_due": {"amount": "1250.00", "currency": "UAH"},
        "link": "https://crm.acme.ua/i/901",
    },
    "booking": {"start": "2026-11-23T10:15:00+02:00", "timezone": "Europe/Warsaw", "client_name": "Ігор"},
    "meeting": {"start": "2026-11-23T10:15:00+02:00"},
    "contract": {"discount": "5%", "value": {"amount": "5"}},
    "lead": {"name": ["не", "рядок"], "company": True, "state": float("nan")},
    "staff": {"firstname": "Петро"},
    "staff_reminder": {"date": "2026-11-23T10:15:00+02:00"},
    "shortcodes": {
        "customers_yedrpou": "12345678",
        "invoice_status": "Закрито",
        "custom_field": 7,
        "meeting_place": None,
        "huge": 10**5000,
    },
}
OLENA: dict[str, object] = {"kind": "contact", "firstname": "Олена", "phonenumber": "067 123 45 67"}
SECTIONS = sorted({source[0] for shortcode in SHORTCODES.values() for source in shortcode.sources})
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


def test_every_shortcode_of_the_page_is_known_under_its_list_and_label() -> None:
    page = {code: (heading, label) for heading, code, label in listed()}

    known = {code: (it.section, it.label) for code, it in SHORTCODES.items() if not it.ours}

    assert len(page) == 108
    assert known == page


def test_no_shortcode_stands_twice_in_the_table() -> None:
    rows = [line for line in (PAGE + OURS).splitlines() if line and not line.startswith("#")]

    assert len(rows) == len(SHORTCODES)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("contact_firstname", "Олена"),
        ("client_company", "ТОВ «Ромашка & Ко»"),
        ("client_id", "5"),
        ("client_profile_addr_billing_street", "Хрещатик, 1"),
        ("invoice_duedate", "20.11.2026"),
        ("invoice_amount_due", "1 250,00 грн"),
        ("invoice_short_url", "https://crm.acme.ua/i/901"),
        ("total_days_overdue", "3"),
        ("contract_discount", "5%"),
        ("booking_date", "23.11.2026"),
        ("booking_time", "09:15"),
        ("meeting_time", "10:15"),
        ("staff_reminder_date", "23.11.2026 10:15"),
        ("staff_firstname", "Петро"),
    ],
)
def test_a_fact_becomes_words(code: str, expected: str) -> None:
    assert said(code) == expected


def test_a_ready_made_value_wins_and_needs_no_row_in_the_table() -> None:
    assert said("invoice_status") == "Закрито"
    assert said("customers_yedrpou") == "12345678"
    assert said("custom_field") == "7"


@pytest.mark.parametrize(
    "code",
    [
        "no_such_code",
        "lead_name",
        "lead_company",
        "lead_state",
        "huge",
        "contract_contract_value",
        "meeting_place",
        "order",
    ],
)
def test_what_has_no_words_is_empty(code: str) -> None:
    assert said(code) == ""


def test_a_contact_is_never_given_another_contacts_title() -> None:
    assert said("contact_title") == ""


def test_one_who_is_no_contact_hears_of_the_events_contact() -> None:
    manager = {"kind": "staff", "firstname": "Марія"}

    assert said("contact_firstname", manager) == "Інша"
    assert said("staff_firstname", manager) == "Марія"


def test_a_record_that_is_written_to_completes_its_own_section() -> None:
    guest = {"kind": "booking", "phonenumber": "067 123 45 67", "client_name": "Хтось"}

    assert said("booking_phone", guest) == "067 123 45 67"
    assert said("booking_client_name", guest) == "Ігор"


@MANY
@given(st.data())
def test_no_json_raises(data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(sorted(SHORTCODES)))
    fields = st.dictionaries(st.sampled_from([*path_names(code), "kind", "timezone"]), JSON)
    facts = data.draw(st.dictionaries(st.sampled_from([*SECTIONS, "shortcodes"]), fields | JSON))
    recipient = data.draw(fields)

    words = value_of(code, facts=facts, recipient=recipient, locale="uk", zone="Europe/Kyiv")

    assert words == clean(words)


def said(code: str, recipient: Mapping[str, object] = OLENA) -> str:
    return value_of(code, facts=FACTS, recipient=recipient, locale="uk", zone="Europe/Kyiv")


def path_names(code: str) -> list[str]:
    return [name for source in SHORTCODES[code].sources for name in source[1:]] + [code]


def listed() -> list[tuple[str, str, str]]:
    page = Path(__file__).parents[1] / "data" / "perfectum-sms-settings.uk.txt"
    heading, rows = "", list[tuple[str, str, str]]()
    for line in page.read_text(encoding="utf-8").splitlines():
        if row := LISTED.fullmatch(line):
            rows.append((heading, row["code"], " ".join(row["label"].split())))
        elif line.strip():
            heading = line.strip()
    return rows
