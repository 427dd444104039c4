import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.core.examples import account, drafted, happened, switch
from tests.support.crm import person
from worker.core.contract.data import Person
from worker.core.texts.shortcode_catalogue import APART, OURS, PAGE, STAFF_ONLY
from worker.core.texts.shortcodes import SAMPLES, SECTIONS, SHORTCODES, Values, codes_of
from worker.core.texts.template import Blank

DATA = Path(__file__).parents[2] / "data"
CATALOGUE_LINE = re.compile(r"\s*•\s+(?P<label>.+?)\s+-\s+\{(?P<code>\w+)\}\s*")
#: `data` of an event that holds everything, as a CRM would write it.
EVERYTHING = orjson.loads((DATA / "every-shortcode.json").read_bytes())


def test_every_shortcode_of_the_page_is_known_under_its_list_and_label() -> None:
    page = {code: (heading, label) for heading, code, label in catalogue_lines()}

    known = {code: (SECTIONS[it.section].label, it.label) for code, it in SHORTCODES.items() if not it.ours}

    assert len(page) == 108
    assert known == page


def test_no_shortcode_is_in_the_table_twice() -> None:
    rows = [line for line in (PAGE + OURS).splitlines() if line and not line.startswith("#")]

    assert len(rows) == len(SHORTCODES)


@pytest.mark.parametrize("code", [code for code in SHORTCODES if code not in STAFF_ONLY])
def test_every_shortcode_renders_from_an_event(code: str) -> None:
    event = happened("invoice.payment_recorded", **EVERYTHING)
    by = account(switches={"invoice_payment_recorded": switch(uk=f"{{{code}}}")})

    [draft] = drafted(event, by=by)

    assert draft.text == SHORTCODES[code].sample
    assert draft.text


@pytest.mark.parametrize("code", sorted(STAFF_ONLY))
def test_a_link_for_staff_renders_for_staff(code: str) -> None:
    data: dict[str, Any] = {**EVERYTHING, "recipients": [person("staff")], "text": f"{{{code}}}"}

    [draft] = drafted(happened("sms.send_requested", **data))

    assert draft.text == SHORTCODES[code].sample
    assert draft.text


def test_a_custom_field_renders_from_an_event() -> None:
    by = account(switches={"invoice_payment_recorded": switch(uk="Ваша менеджерка: {customers_manager}")})

    [draft] = drafted(happened("invoice.payment_recorded", **EVERYTHING), by=by)

    assert draft.text == "Ваша менеджерка: Оксана Мельник"


@pytest.mark.parametrize("code", [code for code in SHORTCODES if code not in APART])
def test_the_samples_together_are_the_facts_of_an_event(code: str) -> None:
    values = Values(SAMPLES, Person(), "uk", "Europe/Kyiv")

    assert values.of(Blank(code)) == SHORTCODES[code].sample
    assert (values.cleaned, values.cut) == (0, 0)


def test_every_section_of_the_page_and_ours_has_its_shortcodes() -> None:
    assert [section.id for section in SECTIONS.values() if not section.ours] == [
        *("clients", "contract", "invoice", "proposals", "leads", "requisites", "company", "orders"),
    ]
    assert [section.id for section in SECTIONS.values() if section.ours] == [
        *("payment", "booking", "meeting", "task", "staff"),
    ]
    assert sorted(codes_of(SECTIONS)) == sorted(SHORTCODES)
    assert all(codes_of([section]) for section in SECTIONS)
    assert codes_of(["payment"]) == ("payment_total", "payment_date")


def test_a_list_that_the_page_lacks_holds_only_shortcodes_of_ours() -> None:
    assert all(it.ours for it in SHORTCODES.values() if SECTIONS[it.section].ours)


def test_links_into_the_admin_area_are_known_by_where_they_lead() -> None:
    inside = {code for code, it in SHORTCODES.items() if "/admin/" in it.sample}

    assert inside == {code for code, it in SHORTCODES.items() if it.is_staff_only} == STAFF_ONLY


def catalogue_lines() -> list[tuple[str, str, str]]:
    page = DATA / "perfectum-sms-settings.uk.txt"
    heading, rows = "", list[tuple[str, str, str]]()
    for line in page.read_text(encoding="utf-8").splitlines():
        if row := CATALOGUE_LINE.fullmatch(line):
            rows.append((heading, row["code"], " ".join(row["label"].split())))
        elif line.strip():
            heading = line.strip()
    return rows
