"""Настроювані шаблони: added, copied, edited, renamed and deleted."""

import re
from typing import Any

import pytest

from tests.support.crm import delivery, event, execute, person, rows
from tests.web.pages.conftest import AUDITOR, Browser, Site
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.store.monitoring import templates_used

LIST, EDIT = "/a/acme/templates", "/a/acme/templates/edit"
AUTUMN: dict[str, Any] = {
    "name": "Осінь / знижки",
    "description": "Для постійних",
    "section": "clients",
    "text": "Вітаємо, {contact_firstname|друже}!",
    "locale": "uk",
    "version": "",
}
KEPT = """
SELECT t.name, t.description, t.section, t.locale, v.version, v.text
FROM templates AS t INNER JOIN template_versions AS v ON v.template = t.id
WHERE t.name IS NOT NULL ORDER BY t.locale, v.version
"""


@pytest.fixture
def there(admin: Browser) -> str:
    """The address of one that was added."""
    response = admin.post(EDIT, AUTUMN)
    assert response.status_code == 303, response.text
    return response.headers["location"]


def version_of(page: str) -> str:
    found = re.search(r'name="version" value="(\d*)"', page)
    assert found
    return found[1]


def test_where_there_is_none_the_list_says_what_it_would_be(admin: Browser) -> None:
    assert "No template yet" in admin.read(LIST)


def test_one_is_added_and_listed_with_its_section(site: Site, admin: Browser, there: str) -> None:
    page = admin.read(LIST)

    assert (">Осінь / знижки</a>" in page, "Клієнти" in page, "Для постійних" in page) == (True, True, True)
    assert AUTUMN["text"] in admin.read(there)
    assert rows(site.pool, KEPT) == [("Осінь / знижки", "Для постійних", "clients", "uk", 1, AUTUMN["text"])]


def test_it_is_saved_as_a_version_renamed_and_moved_to_another_section(site: Site, admin: Browser, there: str) -> None:
    changed = {**AUTUMN, "name": "Зима", "section": "invoice", "text": "Рахунок {invoice_number|–}", "version": "1"}

    assert admin.post(there, changed).status_code == 303

    assert rows(site.pool, KEPT)[-1] == ("Зима", "Для постійних", "invoice", "uk", 2, "Рахунок {invoice_number|–}")


def test_a_second_language_has_its_own_text(site: Site, admin: Browser, there: str) -> None:
    english = {**AUTUMN, "locale": "en", "text": "Hello, {contact_firstname|friend}!"}

    assert admin.post(there.replace("locale=uk", "locale=en"), english).status_code == 303

    assert [kept[3] for kept in rows(site.pool, KEPT)] == ["en", "uk"]


def test_a_copy_begins_with_the_text_of_the_first(admin: Browser, there: str) -> None:
    assert there
    page = admin.read(EDIT, copy="Осінь / знижки")

    assert "Осінь / знижки (copy)" in page
    assert AUTUMN["text"] in page


def test_a_copy_of_one_in_another_language_stays_in_it(site: Site, admin: Browser) -> None:
    english = {**AUTUMN, "locale": "en", "text": "Hello, {contact_firstname|friend}!"}
    admin.post(f"{EDIT}?locale=en", english)
    found = re.search(r'href="([^"]+copy=[^"]+)"', admin.read(LIST))
    assert found
    address = found[1].replace("&amp;", "&")

    page = admin.read(address)
    copied = re.search(r'name="locale" value="(\w+)"', page)
    assert copied
    admin.post(address, {**english, "name": "Копія", "locale": copied[1]})

    assert [(kept[0], kept[3], kept[5]) for kept in rows(site.pool, KEPT)] == [
        ("Осінь / знижки", "en", english["text"]),
        ("Копія", "en", english["text"]),
    ]


@pytest.mark.parametrize(
    ("field", "value", "wrong"),
    [
        ("name", " ", "is blank"),
        ("name", "order_created", "is a trigger"),
        ("name", "н" * 201, "longer than 200"),
        ("section", "nothing", "Choose something"),
        ("text", " ", "needs a text"),
        ("text", "{invoice_number}", "cannot be sent so"),
        ("description", "о" * 501, "longer than 500"),
    ],
)
def test_what_cannot_be_is_refused_at_its_box_and_stays_there(
    site: Site, admin: Browser, field: str, value: str, wrong: str
) -> None:
    response = admin.post(EDIT, {**AUTUMN, field: value})

    assert response.status_code == 422
    assert re.search(rf'id="{field}-error">[^<]*{wrong}', response.text), response.text
    assert AUTUMN["description" if field != "description" else "name"] in response.text
    assert rows(site.pool, KEPT) == []


def test_a_name_that_is_taken_is_refused(admin: Browser, there: str) -> None:
    assert there

    assert "There is a template of this name" in admin.post(EDIT, AUTUMN).text


def test_the_second_of_two_admins_is_told(admin: Browser, there: str) -> None:
    admin.post(there, {**AUTUMN, "text": "Перший", "version": "1"})

    late = admin.post(there, {**AUTUMN, "text": "Другий", "version": "1"})

    assert (late.status_code, "Перший" in late.text, "Другий</textarea>" in late.text) == (409, True, True)
    assert admin.post(there, {**AUTUMN, "text": "Другий", "version": version_of(late.text)}).status_code == 303


@pytest.mark.parametrize("pressed", [{"check": "on"}, {"name": ""}, {"text": "{contact_fistname}"}])
def test_no_page_shown_again_hides_that_the_first_has_saved(
    admin: Browser, there: str, pressed: dict[str, str]
) -> None:
    admin.post(there, {**AUTUMN, "text": "Перший", "version": "1"})

    page = admin.post(there, {**AUTUMN, "text": "Другий", "version": "1", **pressed})
    if page.status_code != 409:
        page = admin.post(there, {**AUTUMN, "text": "Другий", "version": version_of(page.text)})

    assert page.status_code == 409
    assert "Перший</textarea>" in admin.read(there)


def test_a_version_of_thousands_of_digits_is_none(admin: Browser, there: str) -> None:
    assert admin.post(there, {**AUTUMN, "version": "9" * 5_000}).status_code == 409


def test_the_palette_follows_the_section(admin: Browser) -> None:
    fragment = admin.read(f"{LIST}/shortcodes", section="invoice")

    assert "<html" not in fragment
    assert ("{invoice_number}" in fragment, "{contact_firstname}" in fragment) == (True, False)
    renewed = admin.post(EDIT, {**AUTUMN, "section": "invoice", "check": "on"}).text
    assert 'data-insert="{invoice_number}"' in renewed


def test_one_is_deleted_in_all_languages(site: Site, admin: Browser, there: str) -> None:
    assert there
    assert admin.post(f"{LIST}/delete", {"name": "Осінь / знижки"}).status_code == 303

    assert rows(site.pool, KEPT) == []
    assert admin.get(there).status_code == 404
    assert admin.post(f"{LIST}/delete", {"name": "Осінь / знижки"}).status_code == 404


def test_who_only_looks_changes_nothing(site: Site, there: str) -> None:
    browser = site.sign_in(AUDITOR)

    assert "Delete for good" not in browser.read(there)
    assert browser.post(EDIT, AUTUMN).status_code == 403
    assert browser.post(f"{LIST}/delete", {"name": AUTUMN["name"]}).status_code == 403


def test_an_old_version_is_taken_back_as_the_newest(site: Site, admin: Browser, there: str) -> None:
    admin.post(there, {**AUTUMN, "text": "Вітаємо, {contact_firstname|подруго}!", "version": "1"})
    assert "<del>" in admin.read(there)

    back = there.replace("/edit?", "/roll-back?")
    done = admin.post(back, {"version": "1", "locale": "uk"})

    assert "that of version 1 again" in admin.read(done.headers["location"])
    assert [(version, text) for *_name, version, text in rows(site.pool, KEPT)][-1] == (3, AUTUMN["text"])
    for wrong in ({"version": "9"}, {"version": "x"}, {"version": "1", "locale": "en"}):
        assert admin.post(back, wrong).status_code == 404


def test_the_list_says_when_one_was_used_last(site: Site, intake: Intake, admin: Browser, there: str) -> None:
    assert there
    assert admin.read(LIST).count("<time") == 1
    accept(intake, [delivery(event("order.created", recipients=[person("order")]))])
    execute(site.pool, "UPDATE notifications SET template = (SELECT id FROM templates WHERE name IS NOT NULL)")

    assert admin.read(LIST).count("<time") == 2


def test_the_list_counts_what_went_in_a_week(site: Site, intake: Intake, admin: Browser, there: str) -> None:
    assert there
    for number in ("1", "2", "3"):
        order = {"id": number, "number": f"A-{number}", "version": 1}
        accept(intake, [delivery(event("order.created", recipients=[person("order")], order=order))])
    execute(site.pool, "UPDATE notifications SET template = (SELECT id FROM templates WHERE name IS NOT NULL)")
    assert went(admin) == "0"

    execute(site.pool, DELIVERED)
    execute(site.pool, "UPDATE notifications SET created_at = now() - interval '8 days' WHERE id = 2")

    assert went(admin) == "2"


def test_where_more_was_sent_than_is_looked_at_it_says_since_when(
    intake: Intake, admin: Browser, there: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert there
    accept(intake, [delivery(event("order.created", recipients=[person("order")]))])
    assert "uses are counted since" not in admin.read(LIST)

    monkeypatch.setattr(templates_used, "LOOKED_AT", 1)

    assert ("uses are counted since" in admin.read(LIST), went(admin)) == (True, "–")


def went(browser: Browser) -> str:
    """The last figure of the only template."""
    return re.findall(r'<td class="number">([^<]*)<', browser.read(LIST))[-1]


DELIVERED = """
UPDATE notifications SET state = 'delivered', due_at = NULL, attempt = 'a', attempt_month = month
"""
