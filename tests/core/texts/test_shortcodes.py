from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.tries import tries
from worker.core.contract.data import Data, Person
from worker.core.contract.facts import NOTHING
from worker.core.texts.formatting import LONGEST_VALUE, clean
from worker.core.texts.shortcode_catalogue import APART, STAFF_ONLY
from worker.core.texts.shortcodes import FILTERS, SAMPLES, SHORTCODES, Values
from worker.core.texts.template import Blank

MANY = settings(max_examples=tries(300), deadline=None)
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
    "contract": {"discount": "5%", "value": {"amount": "5"}, "subtotal": {"amount": "12000.50", "currency": "UAH"}},
    "proposal": {"link": f"https://crm.acme.ua/{'x' * 300}", "address": "вулиця Сагайдачного, будинок десять, офіс 5"},
    "lead": {"name": ["не", "рядок"], "company": True, "state": float("nan")},
    "staff": {"firstname": "Петро"},
    "staff_reminder": {"date": "2026-11-23T10:15:00+02:00"},
    "shortcodes": {
        "customers_yedrpou": "12345678",
        "invoice_status": "Закрито",
        "custom_field": 7,
        "meeting_place": None,
        "contract_subtotal_word": "",
        "huge": 10**5000,
    },
}
OLENA: dict[str, object] = {"kind": "contact", "firstname": "Олена", "phonenumber": "067 123 45 67"}
PARTS = sorted({source.names[0] for shortcode in SHORTCODES.values() for source in shortcode.sources})
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


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
        ("contract_discount_word", "5%"),
        ("contract_subtotal_word", "дванадцять тисяч гривень 50 копійок"),
        ("invoice_amount_due:word", "одна тисяча двісті п'ятдесят гривень 00 копійок"),
        ("invoice_amount_due:short", "1 250 грн"),
        ("invoice_duedate:short", "20.11"),
        ("staff_reminder_date:short", "23.11 10:15"),
        ("proposal_address:short", "вулиця Сагайдачного, будинок…"),
        ("contact_firstname:short", "Олена"),
        ("contact_firstname:word", "Олена"),
        ("invoice_number:nonsense", "INV-000901"),
        ("booking_date", "23.11.2026"),
        ("booking_time", "09:15"),
        ("meeting_time", "10:15"),
        ("staff_reminder_date", "23.11.2026 10:15"),
        ("staff_firstname", "Петро"),
    ],
)
def test_a_shortcode_renders_its_value(code: str, expected: str) -> None:
    assert rendered(code) == expected


def test_a_ready_made_value_wins_and_needs_no_row_in_the_table() -> None:
    assert rendered("invoice_status") == "Закрито"
    assert rendered("customers_yedrpou") == "12345678"
    assert rendered("custom_field") == "7"


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
def test_a_shortcode_without_a_value_is_empty(code: str) -> None:
    assert rendered(code) == ""


def test_a_contact_is_never_given_another_contacts_title() -> None:
    assert rendered("contact_title") == ""


def test_staff_get_the_contact_of_the_event() -> None:
    manager = {"kind": "staff", "firstname": "Марія"}

    assert rendered("contact_firstname", manager) == "Інша"
    assert rendered("staff_firstname", manager) == "Марія"


def test_a_record_that_is_written_to_completes_its_own_section() -> None:
    guest = {"kind": "booking", "phonenumber": "067 123 45 67", "client_name": "Хтось"}

    assert rendered("booking_phone", guest) == "067 123 45 67"
    assert rendered("booking_client_name", guest) == "Ігор"


@pytest.mark.parametrize(
    ("lead", "recipient", "name"),
    [
        ({"id": 17, "name": "Тарас"}, {"id": 18, "name": "Леся"}, "Леся"),
        ({"id": 17, "name": "Тарас Шевчук"}, {"id": "17", "name": "Тарас"}, "Тарас Шевчук"),
        ({"id": 17}, {"id": 17, "name": "Тарас"}, "Тарас"),
        ({"name": "Тарас"}, {"id": 18, "name": "Леся"}, "Леся"),
    ],
)
def test_each_of_two_leads_gets_their_own_name(
    lead: Mapping[str, object], recipient: Mapping[str, object], name: str
) -> None:
    values = Values(Data({"lead": lead}), Person({"kind": "lead", **recipient}), "uk", "Europe/Kyiv")

    assert values.of(Blank("lead_name")) == name


@pytest.mark.parametrize("code", sorted(STAFF_ONLY))
@pytest.mark.parametrize("kind", ["lead", "contact", "order", None, ["staff"]])
def test_a_staff_link_is_empty_for_anybody_else(code: str, kind: object) -> None:
    facts = {**SAMPLES.json, "shortcodes": {code: "https://crm.acme.ua/admin/x"}}

    def text(recipient: Mapping[str, object]) -> str:
        return Values(Data(facts), Person(recipient), "uk", "Europe/Kyiv").of(Blank(code))

    assert text({"kind": kind, "id": 17}) == ""
    assert text({"kind": "staff", "id": 17}) == text(NOTHING) == "https://crm.acme.ua/admin/x"


@MANY
@given(st.data())
def test_no_json_raises(data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(sorted(SHORTCODES)))
    fields = st.dictionaries(st.sampled_from([*path_names(code), "kind", "timezone"]), JSON)
    facts = data.draw(st.dictionaries(st.sampled_from([*PARTS, "shortcodes"]), fields | JSON))
    recipient = data.draw(fields)
    filter_name = data.draw(st.sampled_from(["", *FILTERS]))

    text = Values(Data(facts), Person(recipient), "uk", "Europe/Kyiv").of(Blank(code, "", filter_name))

    assert text == clean(text)


@pytest.mark.parametrize(
    ("value", "cleaned", "cut"),
    [
        ("Олена", 0, 0),
        ("Дем&#039;янюк", 1, 0),
        ("<b>Олена</b>", 1, 0),
        ("Оле\u202eна", 1, 0),
        ("  Олена", 1, 0),
        ("😀 Олена", 0, 0),
        ("شركة", 0, 0),
        ("ж" * LONGEST_VALUE, 0, 0),
        ("ж" * (LONGEST_VALUE + 1), 0, 1),
        ("<b>" + "ж" * 1_000_000, 0, 1),
        (None, 0, 0),
        (7, 0, 0),
    ],
)
def test_cleaned_and_cut_values_are_counted(value: object, cleaned: int, cut: int) -> None:
    values = Values(Data({"client": {"company": value}}), Person(), "uk", "Europe/Kyiv")

    text = values.of(Blank("client_company"))

    assert len(text) <= LONGEST_VALUE
    assert (values.cleaned, values.cut) == (cleaned, cut)


def test_half_a_link_is_left_out() -> None:
    values = Values(Data(FACTS), Person(), "uk", "Europe/Kyiv")

    assert values.of(Blank("proposal_link")) == ""
    assert values.cut == 1


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("code", [code for code in SHORTCODES if code not in APART])
def test_no_filter_takes_a_value_away(code: str, name: str) -> None:
    assert Values(SAMPLES, Person(), "uk", "Europe/Kyiv").of(Blank(code, "", name))


def rendered(code: str, recipient: Mapping[str, object] = OLENA) -> str:
    name, _, filter_name = code.partition(":")
    return Values(Data(FACTS), Person(recipient), "uk", "Europe/Kyiv").of(Blank(name, "", filter_name))


def path_names(code: str) -> list[str]:
    return [name for source in SHORTCODES[code].sources for name in source.names[1:]] + [code]
