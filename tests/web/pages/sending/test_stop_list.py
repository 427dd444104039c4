"""Стоп-лист: a phone is put on it, found, taken off; a table of them; the list as a file."""

import re

import pytest

from tests.support.crm import delivery, event, execute, person, row, rows
from tests.web.pages.conftest import AUDITOR, OPERATOR, Browser, Site
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.web.pages.sending import stop_list

HERE = "/a/acme/stop-list"
PHONE = {"phone": "067 123 45 67", "scope": "all", "reason": "просив не писати"}


def test_a_phone_is_stopped_found_and_let_off(site: Site, intake: Intake, admin: Browser) -> None:
    accept(intake, [delivery(event("order.created", recipients=[person("order")]))])
    assert "Nobody is on the list" in admin.read(HERE)

    page = admin.read(admin.post(HERE, PHONE).headers["location"])

    assert ("+380671234567" in page, "просив не писати" in page) == (True, True)
    assert "taken back: 1" in page
    assert rows(site.pool, "SELECT state, reason FROM notifications") == [("cancelled", "suppressed")]
    assert "просив не писати" in admin.read(HERE, q="0671234567")
    assert "SMS go to it" in admin.read(HERE, q="050 123 45 67")
    key = re.findall(r'name="key" value="(\w+)"', page)[0]
    assert "off the list" in admin.read(admin.post(f"{HERE}/remove", {"key": key}).headers["location"])
    assert rows(site.pool, "SELECT * FROM suppressions") == []
    assert admin.post(f"{HERE}/remove", {"key": key}).status_code == 404
    assert row(site.pool, "SELECT count(*) FROM audit WHERE action = 'suppression'") == (2,)


@pytest.mark.parametrize(
    ("field", "value"),
    [("phone", "044 123 45 67"), ("phone", "<script>"), ("scope", "nothing"), ("reason", "н" * 501)],
)
def test_what_cannot_be_stopped_is_said_at_its_box(site: Site, admin: Browser, field: str, value: str) -> None:
    response = admin.post(HERE, {**PHONE, field: value})

    assert (response.status_code, f'id="{field}-error"' in response.text) == (422, True)
    assert rows(site.pool, "SELECT * FROM suppressions") == []


def test_what_is_stopped_for_all_is_not_narrowed(admin: Browser) -> None:
    admin.post(HERE, PHONE)

    response = admin.post(HERE, {**PHONE, "scope": "marketing"})

    assert (response.status_code, "take it off first" in response.text) == (422, True)


def test_a_table_is_taken_but_for_rows_that_hold_no_phone(site: Site, admin: Browser) -> None:
    table = "Телефон;Причина\n067 123 45 67;скарга\nхтось;немає\n+380501112233;\n".encode("cp1251")

    response = admin.post(f"{HERE}/table", {"scope": "marketing"}, files={"table": ("стоп.csv", table)})

    assert "1 row is left out: 3." in admin.read(response.headers["location"])
    assert rows(site.pool, "SELECT phone, scope, reason FROM suppressions ORDER BY phone") == [
        ("+380501112233", "marketing", "imported"),
        ("+380671234567", "marketing", "скарга"),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "There is no phone in it"),
        ("ім'я;місто\nОлена;Київ\n".encode(), "holds the phones"),
        (b'phone\n"067 123\n45 67"\n', "no other half"),
        ("хто\nніхто\n".encode(), "There is no phone in it"),
    ],
)
def test_a_table_without_phones_is_refused(site: Site, admin: Browser, content: bytes, said: str) -> None:
    response = admin.post(f"{HERE}/table", files={"table": ("a.csv", content)})

    assert (response.status_code, said in response.text) == (422, True), response.text
    assert rows(site.pool, "SELECT * FROM suppressions") == []


def test_the_file_is_for_those_who_see_phones_and_can_be_read_again(site: Site, admin: Browser) -> None:
    admin.post(HERE, {**PHONE, "reason": "=1+1"})

    file = admin.get(f"{HERE}/export")

    assert file.content.decode("utf-8-sig").splitlines()[1].startswith("+380671234567;all;'=1+1;operator;")
    execute(site.pool, "DELETE FROM suppressions")
    admin.post(f"{HERE}/table", files={"table": ("a.csv", file.content)})
    assert rows(site.pool, "SELECT phone, source FROM suppressions") == [("+380671234567", "import")]
    assert site.sign_in(OPERATOR).get(f"{HERE}/export").status_code == 403


def test_an_operator_stops_without_seeing_and_an_auditor_only_looks(site: Site, admin: Browser) -> None:
    admin.post(HERE, PHONE)

    operator, auditor = site.sign_in(OPERATOR), site.sign_in(AUDITOR)

    assert "+38067***4567" in operator.read(HERE)
    assert "+380671234567" not in auditor.read(HERE)
    assert operator.post(HERE, {**PHONE, "phone": "0501112233"}).status_code == 303
    assert auditor.post(HERE, PHONE).status_code == 403


def test_pages_follow_each_other_and_belong_to_their_list(admin: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stop_list, "PER_PAGE", 2)
    table = b"phone\n0671234567\n0501234567\n0631234567\n"
    admin.post(f"{HERE}/table", files={"table": ("a.csv", table)})

    page = admin.read(HERE)
    [older] = re.findall(r'href="(/a/acme/stop-list\?after=[^"]+)"', page)

    assert (page.count('name="key"'), admin.read(older).count('name="key"')) == (2, 1)
    assert admin.get(f"{HERE}?after=AAAA").status_code == 422
