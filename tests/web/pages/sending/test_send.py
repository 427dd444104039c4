"""Надіслати: to one person and to a table of them, looked at first, and once."""

import html
import io
import re
import zipfile
from typing import Any

import openpyxl
import pytest

from tests.support.crm import execute, row, rows
from tests.web.pages.conftest import AUDITOR, OPERATOR, Browser, Site
from worker.web.pages.sending import people

HERE = "/a/acme/send"
ONE = {"step": "whom", "phone": "067 123 45 67", "firstname": "Олена"}
TABLE = "телефон;ім'я;invoice_number\n0671234567;Олена;А-1\n0501112233;Юрій;А-2\nабищо;Ніхто;А-3\n"
TEXTS = "SELECT phone, text FROM notifications ORDER BY phone"


@pytest.fixture(autouse=True)
def _open(site: Site) -> None:
    execute(site.pool, "UPDATE accounts SET window_opens = 0, window_closes = 1440, segment_price = 0.78")


def carried(page: str) -> dict[str, str]:
    """What the form of a step carries on, as a browser would send it."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}


def chosen(admin: Browser, content: bytes, name: str = "people.csv") -> Any:
    return admin.post(HERE, {"step": "whom"}, files={"table": (name, content)})


def looked_at(admin: Browser, **words: str) -> str:
    """The third step, for one person."""
    what = admin.post(HERE, ONE).text
    response = admin.post(HERE, {**carried(what), **words})
    assert response.status_code == 200, response.text
    return response.text


def test_one_person_is_written_to_step_by_step_with_the_price_on_the_button(site: Site, admin: Browser) -> None:
    assert "To one person" in admin.read(HERE)
    page = looked_at(admin, text="Вітаємо, {contact_firstname}!")
    assert ("Вітаємо, Олена!" in page, "Send 1 SMS for 0.78 UAH" in page) == (True, True)
    assert rows(site.pool, TEXTS) == []

    sent = admin.post(HERE, carried(page))

    assert "1 SMS is on its way" in admin.read(sent.headers["location"])
    assert rows(site.pool, TEXTS) == [("+380671234567", "Вітаємо, Олена!")]


def test_a_form_that_is_sent_twice_sends_once(site: Site, admin: Browser) -> None:
    form = carried(looked_at(admin, text="Раз", again="on"))

    for _time in range(2):
        admin.post(HERE, form)

    assert rows(site.pool, TEXTS) == [("+380671234567", "Раз")]


def test_the_same_words_go_once_a_day_unless_that_is_wanted(site: Site, admin: Browser) -> None:
    admin.post(HERE, carried(looked_at(admin, text="Раз")))
    assert "Nobody gets it" in looked_at(admin, text="Раз")

    admin.post(HERE, carried(looked_at(admin, text="Раз", again="on")))

    assert len(rows(site.pool, TEXTS)) == 2


def test_a_template_asks_for_the_values_that_it_needs(site: Site, admin: Browser) -> None:
    template = {"name": "Рахунок", "section": "invoice", "text": "Рахунок {invoice_number}", "locale": "uk"}
    assert admin.post("/a/acme/templates/edit", template).status_code == 303
    what = carried(admin.post(HERE, ONE).text)
    without = admin.post(HERE, {**what, "template": "Рахунок"})
    assert "Nobody gets it" in without.text

    again = admin.post(HERE, {**carried(without.text), "back": "on"}).text
    assert 'name="value-invoice_number"' in again
    page = admin.post(HERE, {**carried(again), "template": "Рахунок", "value-invoice_number": "INV-9"}).text

    assert "Рахунок INV-9" in page
    admin.post(HERE, carried(page))
    assert rows(site.pool, TEXTS) == [("+380671234567", "Рахунок INV-9")]


def test_a_table_is_read_with_its_faults_at_their_cells(site: Site, admin: Browser) -> None:
    what = chosen(admin, TABLE.encode()).text
    assert ("To 2 people" in what, "<b>A4</b>" in what) == (True, True)

    page = admin.post(HERE, {**carried(what), "text": "Рахунок {invoice_number}"}).text

    assert "Рахунок А-1" in page
    sent = admin.post(HERE, carried(page))
    assert "2 SMS are on their way" in admin.read(sent.headers["location"])
    assert rows(site.pool, TEXTS) == [("+380501112233", "Рахунок А-2"), ("+380671234567", "Рахунок А-1")]


def test_a_table_of_excel_and_one_in_windows_1251_are_read(admin: Browser) -> None:
    book, file = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet
    for line in (("Телефон", "Ім'я"), ("0671234567", "Олена")):
        sheet.append(line)
    book.save(file)

    assert "Олена" in chosen(admin, file.getvalue(), "people.xlsx").text
    assert "To 2 people" in chosen(admin, TABLE.encode("cp1251")).text


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b"0" * 40_000_000)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"", "is missing|not both|is empty"),
        (b"a;b\n1;2\n", "no column is called phone"),
        (b"PK\x03\x04 no workbook", "no table of people"),
        (bomb(), "no table of people"),
        (b"\x00\xff\x00\xff" * 50, "no encoding|no table"),
        ("телефон\nабищо\n".encode(), "Nobody in it"),
    ],
)
def test_what_is_no_table_is_refused_in_words(admin: Browser, content: bytes, wrong: str) -> None:
    response = chosen(admin, content)

    assert response.status_code == 422
    assert re.search(wrong, response.text), response.text


def test_too_many_people_are_sent_by_the_command_line(admin: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "PEOPLE_MAX", 1)

    assert "perfectum-sms send" in chosen(admin, TABLE.encode()).text


def test_a_large_number_is_typed(site: Site, admin: Browser) -> None:
    phones = "".join(f"067{number:07}\n" for number in range(1_000_000, 1_000_101))
    page = admin.post(HERE, {**carried(chosen(admin, f"phone\n{phones}".encode()).text), "text": "Вітаємо"}).text
    assert "Type the number of people: 101" in page

    for typed in ("100", "", "9" * 5_000):
        assert "Type the number 101" in admin.post(HERE, {**carried(page), "count": typed}).text
    assert rows(site.pool, TEXTS) == []
    assert admin.post(HERE, {**carried(page), "count": "101"}).status_code == 303
    assert len(rows(site.pool, TEXTS)) == 101


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ({}, "Write a text, or choose a template"),
        ({"text": "x", "template": "Рахунок"}, "Write a text, or choose a template"),
        ({"template": "Немає"}, "no such template any more"),
        ({"text": "{nothing}"}, "{nothing} is no shortcode"),
        ({"text": "я" * 6_000}, "the most"),
        ({"text": "x", "at": "2020-01-01T10:00"}, "a moment ahead"),
        ({"text": "x", "at": "soon"}, "a moment ahead"),
    ],
)
def test_words_that_cannot_go_are_refused_and_stay(admin: Browser, words: dict[str, str], wrong: str) -> None:
    response = admin.post(HERE, {**carried(admin.post(HERE, ONE).text), **words})

    assert response.status_code == 422
    assert wrong in response.text
    assert words.get("text", "") in response.text


def test_it_may_be_for_later(site: Site, admin: Browser) -> None:
    page = looked_at(admin, text="Завтра", at="2027-01-01T10:00")

    admin.post(HERE, carried(page))

    at = "SELECT state, due_at AT TIME ZONE 'Europe/Kyiv' FROM notifications"
    assert str(row(site.pool, at)[1]) == "2027-01-01 10:00:00"


@pytest.mark.parametrize("people_", ["", "[]", "nonsense", '[{"row": 1, "phone": "123"}]', '[{"phone": 7}]'])
def test_a_form_that_somebody_changed_is_refused(admin: Browser, people_: str) -> None:
    response = admin.post(HERE, {"step": "send", "people": people_, "text": "x"})

    assert (response.status_code, "To one person" in response.text) == (422, True)


def test_who_may_not_spend_does_not_send(site: Site) -> None:
    for who in (AUDITOR, OPERATOR):
        browser = site.sign_in(who)
        assert browser.get(HERE).status_code == 403
        assert browser.post(HERE, ONE).status_code == 403
