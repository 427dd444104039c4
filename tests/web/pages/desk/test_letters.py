"""Стіл: letters are found by why, tried, mended, replayed and closed."""

import re
from typing import Any

import orjson
import pytest

from tests.support.crm import Json, add_account, delivery, event, person, rows
from tests.web.pages.conftest import AUDITOR, OPERATOR, Browser, Site
from worker.core.contract.inbound_message import BODY_MAX
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.web.pages.desk import letters

HERE = "/a/acme/desk"


def whole_order(number: str = "1") -> Json:
    order = {"id": number, "number": f"A-{number}", "version": 1}
    return event("order.created", recipients=[person("order")], order=order)


def without_record(body: Json) -> Json:
    return {**body, "data": {key: value for key, value in body["data"].items() if key != "order"}}


def buried(intake: Intake, *bodies: Any) -> list[int]:
    accept(intake, [delivery(body, key="acme.order.created") for body in bodies])
    return [number for (number,) in rows(intake.pool, "SELECT id FROM dead_letters ORDER BY id")]


def test_the_desk_counts_letters_by_why(intake: Intake, admin: Browser) -> None:
    assert "The desk is empty" in admin.read(HERE)
    first, second = buried(intake, b"{", b"[")
    [third] = set(buried(intake, without_record(whole_order()))) - {first, second}

    page = admin.read(HERE)
    found = admin.read(HERE, reason="not_json")

    assert re.findall(r"is not JSON\. <b>(\d+)</b>", page) == ["2"]
    assert [f"/desk/{number}" in found for number in (first, second, third)] == [True, True, False]


def test_a_letter_is_mended_tried_and_replayed(site: Site, intake: Intake, admin: Browser) -> None:
    good = whole_order()
    [number] = buried(intake, without_record(good))
    there = f"{HERE}/{number}"
    assert "data.order" in admin.read(there)

    refused = admin.post(f"{there}/edit", {"body": "{"})
    assert (refused.status_code, 'id="body-error"' in refused.text) == (422, True)
    assert admin.post(f"{there}/edit", {"body": orjson.dumps(good).decode()}).status_code == 303
    tried = admin.post(f"{there}/try").text

    assert "It would be accepted. SMS: planned: 1." in tried
    assert rows(site.pool, "SELECT * FROM notifications") == []
    assert "Accepted. SMS: planned: 1." in admin.read(admin.post(f"{there}/replay").headers["location"])
    assert rows(site.pool, "SELECT state FROM notifications") == [("planned",)]
    assert admin.post(f"{there}/replay").status_code == 409


def test_a_letter_is_closed_with_a_reason(site: Site, intake: Intake, admin: Browser) -> None:
    [number] = buried(intake, b"{")

    assert admin.post(f"{HERE}/{number}/drop", {"why": " "}).status_code == 422
    assert admin.post(f"{HERE}/{number}/drop", {"why": "ж" * 501}).status_code == 422
    assert "It is closed" in admin.read(admin.post(f"{HERE}/{number}/drop", {"why": "проба"}).headers["location"])

    assert rows(site.pool, "SELECT state, close_reason FROM dead_letters") == [("dropped", "проба")]
    assert f"/desk/{number}" not in admin.read(HERE)
    assert f"/desk/{number}" in admin.read(HERE, closed="on")
    assert "closed it already" in admin.read(admin.post(f"{HERE}/{number}/drop", {"why": "ще"}).headers["location"])


def test_another_accounts_letter_is_not_there(site: Site, intake: Intake, admin: Browser) -> None:
    add_account(site.pool, "beta")
    accept(intake, [delivery(b"(", key="beta.order.created")])
    [(number,)] = rows(site.pool, "SELECT id FROM dead_letters")

    ways = [
        admin.post(f"{HERE}/{number}/{act}", {"why": "x", "body": "{}"}) for act in ("edit", "try", "replay", "drop")
    ]

    assert [admin.get(f"{HERE}/{number}").status_code, *(way.status_code for way in ways)] == [404] * 5


def test_an_operator_sees_no_phone_and_spends_nothing(site: Site, intake: Intake) -> None:
    [number] = buried(intake, without_record(whole_order()))
    operator = site.sign_in(OPERATOR)

    page = operator.read(f"{HERE}/{number}")

    assert ("067 123 45 67" in page, "See what would become of it" in page, ">Replay<" in page) == (False, True, False)
    assert ("recipients" in page, "you have no right to see texts" in page) == (False, True)
    assert operator.post(f"{HERE}/{number}/replay").status_code == 403
    assert operator.post(f"{HERE}/{number}/edit", {"body": "{}"}).status_code == 404
    assert site.sign_in(AUDITOR).post(f"{HERE}/{number}/drop", {"why": "x"}).status_code == 403


def test_hostile_bodies_are_only_shown(intake: Intake, admin: Browser) -> None:
    numbers = buried(intake, b"<script>alert(1)</script>", "\u202e{".encode(), b"x" * (BODY_MAX + 1), b"\xff\xfe\x00")

    pages = [admin.read(f"{HERE}/{number}") for number in numbers]

    assert ["<script>alert" in page for page in pages] == [False] * 4


@pytest.mark.parametrize("query", ["reason=x", "since=x"])
def test_a_filter_that_cannot_be_is_refused(admin: Browser, query: str) -> None:
    assert admin.get(f"{HERE}?{query}").status_code == 422


def test_pages_follow_each_other(intake: Intake, admin: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "PER_PAGE", 2)
    numbers = buried(intake, b"{", b"[", b"(")
    page = admin.read(HERE)
    [older] = re.findall(r'href="(/a/acme/desk\?after=\d+)"', page)

    shown = [
        *re.findall(r'href="/a/acme/desk/(\d+)"', page),
        *re.findall(r'href="/a/acme/desk/(\d+)"', admin.read(older)),
    ]

    assert sorted(map(int, shown)) == numbers
