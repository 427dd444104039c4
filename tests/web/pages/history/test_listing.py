"""Клієнт → SMS and Історія: found by words and filters, page by page, and exported."""

import csv
import io
import re
from typing import Any

import openpyxl
import orjson
import pytest

from tests.support.crm import add_account, delivery, event, execute, person, rows
from tests.web.pages.conftest import AUDITOR, Browser, Site
from worker.core.contract.inbound_message import Delivery
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.steps.upkeep.fill_search_index import fill_search_index
from worker.web.pages.history import listing

ALL, MINE = "/a/acme/history", "/a/acme/clients/5/sms"


def ordered(number: str, client: str = "5", *, name: str = "Олена", account: str = "acme") -> Delivery:
    people = [person("order", firstname=name, id=number)]
    order = {"id": number, "number": f"A-{number}", "version": 1}
    return delivery(event("order.created", account=account, recipients=people, order=order, client={"id": client}))


@pytest.fixture
def sent(site: Site, intake: Intake) -> None:
    """Two texts of client 5, and one of client 6."""
    accept(intake, [ordered("1"), ordered("2"), ordered("3", "6")])
    execute(site.pool, "UPDATE notifications SET created_at = created_at - interval '2 minutes'")
    fill_search_index(site.pool)


@pytest.mark.usefixtures("sent")
def test_a_client_has_their_own_texts_and_the_account_has_all(admin: Browser) -> None:
    mine, everybodys = admin.read(MINE), admin.read(ALL)

    assert [f"A-{number}" in mine for number in "123"] == [True, True, False]
    assert [f"A-{number}" in everybodys for number in "123"] == [True] * 3
    assert "+380671234567" in mine


@pytest.mark.usefixtures("sent")
def test_a_search_finds_words_in_any_case(admin: Browser) -> None:
    page = admin.read(MINE, q="ЗАМОВЛЕННЯ a-2")

    assert ("A-1" in page, "A-2" in page) == (False, True)
    assert "Nothing is found" in admin.read(MINE, q="такого немає")


@pytest.mark.usefixtures("sent")
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"state": "planned"}, 3),
        ({"state": "delivered"}, 0),
        ({"channel": "viber"}, 0),
        ({"trigger": "order_created"}, 3),
        ({"trigger": "order_approved"}, 0),
        ({"since": "2020-01-01", "until": "2099-01-01"}, 3),
        ({"since": "2099-01-01"}, 0),
        ({"until": "2020-01-01"}, 0),
    ],
)
def test_filters_stand_in_the_address(admin: Browser, asked: dict[str, str], found: int) -> None:
    assert admin.read(ALL, **asked).count('href="/a/acme/texts/') == found


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"state": "nothing"}, "state"),
        ({"trigger": "nothing"}, "trigger"),
        ({"channel": "pigeon"}, "channel"),
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-12-02", "until": "2026-11-01"}, "until"),
        ({"q": "а"}, "q"),
        ({"after": "nonsense"}, None),
    ],
)
def test_a_filter_that_cannot_be_is_told_at_its_box(admin: Browser, asked: dict[str, str], field: str | None) -> None:
    response = admin.get(ALL, params=asked)

    assert response.status_code == 422
    assert (f'id="{field}-error"' if field else "of another list") in response.text


@pytest.mark.usefixtures("sent")
def test_pages_go_on_where_the_last_ended(admin: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PER_PAGE", 2)
    first = admin.read(ALL, state="planned")
    [older] = re.findall(r'href="([^"]+after=[^"]+)"', first)

    second = admin.read(older.replace("&amp;", "&"))

    assert [first.count("/texts/"), second.count("/texts/")] == [2, 1]
    assert "state=planned" in older
    assert admin.get(older.replace("&amp;", "&").replace(ALL, MINE)).status_code == 422


@pytest.mark.usefixtures("sent")
def test_another_accounts_texts_are_not_there(site: Site, intake: Intake, admin: Browser) -> None:
    add_account(site.pool, "beta")
    accept(intake, [ordered("9", account="beta")])

    assert "A-9" not in admin.read(ALL)


@pytest.mark.usefixtures("sent")
def test_who_may_not_see_texts_and_phones_sees_neither(site: Site) -> None:
    browser = site.sign_in(AUDITOR)

    for page in (browser.read(ALL), browser.read(f"{ALL}/export", format="csv")):
        assert [word in page for word in ("A-1", "+380671234567", "Олена")] == [False] * 3
        assert "+38067***4567" in page


def exported(admin: Browser, form: str, **asked: str) -> list[list[Any]]:
    content = admin.get(f"{MINE}/export", params={"format": form, **asked}).content
    if form == "csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))[1:]
    if form == "json":
        return [list(item.values()) for item in orjson.loads(content)]
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet
    return [list(row) for row in sheet.iter_rows(min_row=2, values_only=True)]


@pytest.mark.usefixtures("sent")
@pytest.mark.parametrize("form", ["xlsx", "csv", "json"])
def test_what_is_found_is_exported_and_that_is_noted(site: Site, admin: Browser, form: str) -> None:
    assert sorted(re.findall(r"A-\d", str(exported(admin, form)))) == ["A-1", "A-2"]
    assert len(exported(admin, form, q="A-1")) == 1

    noted = rows(site.pool, "SELECT after ->> 'client' FROM audit WHERE subject = 'history export'")
    assert noted == [("5",), ("5",)]


@pytest.mark.usefixtures("sent")
def test_an_export_has_its_bounds_and_says_so(admin: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "EXPORT_MAX", 1)

    assert admin.get(f"{MINE}/export").status_code == 413
    assert admin.get(f"{MINE}/export", params={"format": "pdf"}).status_code == 422
    assert admin.get(f"{MINE}/export", params={"state": "nothing"}).status_code == 422


def test_hostile_texts_are_shown_as_they_are(site: Site, intake: Intake, admin: Browser) -> None:
    accept(intake, [ordered("<script>alert(1)</script>", name="=1+1"), ordered("\u202eзлий")])

    assert "<script>alert" not in admin.read(ALL)
    assert exported(admin, "csv")[0][1].startswith(("=", "+")) is False
    assert rows(site.pool, "SELECT count(*) FROM notifications") == [(2,)]


def test_an_empty_history_says_how_it_begins(admin: Browser) -> None:
    assert "event publish" in admin.read(MINE)


@pytest.mark.usefixtures("sent")
def test_states_are_counted_in_addresses_that_keep_the_other_filters(site: Site, admin: Browser) -> None:
    execute(site.pool, "UPDATE notifications SET state = 'cancelled', reason = 'by_hand', due_at = NULL WHERE id = 1")

    page = admin.read(ALL, trigger="order_created", state="cancelled")

    chips = re.findall(r'href="([^"]+)"( aria-current="true")?>([^<]+) <b>(\d+)</b>', page)
    assert [(label, int(count), bool(chosen)) for _address, chosen, label, count in chips] == [
        ("all", 3, False),
        ("planned", 2, False),
        ("cancelled", 1, True),
    ]
    assert chips[1][0].replace("&amp;", "&") == f"{ALL}?trigger=order_created&state=planned"
    assert "<b>" not in admin.read(ALL, q="Олена").split("<main")[1].split("<form")[-1]


@pytest.mark.usefixtures("sent")
def test_texts_of_one_reason_are_shown_alone_with_it_in_words(site: Site, admin: Browser) -> None:
    for number, reason in (("1", "no_consent"), ("2", "suppressed")):
        execute(
            site.pool,
            "UPDATE notifications SET state = 'skipped', reason = %s, due_at = NULL WHERE recipient_id = %s",
            reason,
            number,
        )

    page = admin.read(ALL, state="skipped", reason="no_consent")

    assert [f"A-{number}" in page for number in "123"] == [True, False, False]
    assert re.search(r"Why: <b>[^<]*consent", page)
    assert "reason=suppressed" in admin.read(ALL, state="skipped")
    assert "state=skipped&amp;reason=no_consent" in admin.read("/a/acme/overview")


@pytest.mark.parametrize("asked", [{"reason": "no_consent"}, {"reason": "<b>", "state": "skipped"}])
def test_a_reason_that_cannot_be_looked_for_is_refused_at_its_box(admin: Browser, asked: dict[str, str]) -> None:
    response = admin.get(ALL, params=asked)

    assert response.status_code == 422
    assert "reason-error" in response.text


@pytest.mark.usefixtures("sent")
def test_words_are_not_found_out_by_who_may_not_see_texts(site: Site) -> None:
    browser = site.sign_in(AUDITOR)

    for path in (ALL, f"{ALL}/export"):
        assert browser.get(path, params={"q": "замовлення"}).status_code == 422
    assert "right to see phones and texts" in browser.get(ALL, params={"q": "замовлення"}).text


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "1999-12-31"])
def test_a_day_with_which_nobody_can_reckon_is_refused_at_its_box(admin: Browser, day: str) -> None:
    for path in (ALL, f"{ALL}/export", "/a/acme/spending", "/a/acme/events", "/a/acme/desk"):
        for name in ("since", "until"):
            assert admin.get(path, params={name: day}).status_code in {200, 422}, path


@pytest.mark.usefixtures("sent")
def test_a_client_may_be_called_as_no_address_is(admin: Browser) -> None:
    assert admin.get("/a/acme/clients/%00/sms").status_code == 404
    assert 'action="/a/acme/clients/A%231%3Fx/sms"' in admin.read("/a/acme/clients/A%231%3Fx/sms")
