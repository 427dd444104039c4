"""Texts of the key's account and no other: found by every filter, page by page, and told one by one."""

from urllib.parse import quote

import pytest

from tests.support.crm import add_account, delivery, event, execute, person, row, rows
from tests.web.api.conftest import Api
from worker.core.contract.inbound_message import Delivery
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.steps.upkeep.fill_search_index import fill_search_index
from worker.store.db.postgres import Pool


def ordered(account: str = "acme", *, name: str = "Олена", **data: object) -> Delivery:
    return delivery(event("order.created", account=account, recipients=[person("order", firstname=name)], **data))


def id_of(pool: Pool, account: str = "acme") -> str:
    return row(pool, "SELECT to_char(month, 'YYYY-MM/') || id FROM notifications WHERE account = %s", account)[0]


def test_a_text_is_answered_with_what_became_of_it(api: Api, intake: Intake) -> None:
    accept(intake, [delivery(body := event("order.created", order={"id": "77", "number": "A-77", "version": 1}))])

    [item] = api.read("/notifications")["items"]

    assert item["id"] == id_of(intake.pool)
    assert (item["trigger"], item["channel"], item["segments"]) == ("order_created", "sms", 1)
    assert (item["state"], item["reason"], item["price"], item["channels"]) == ("planned", None, None, [])
    assert item["event"] == {"id": body["id"], "type": "order.created"}
    assert item["record"] == {"kind": "order", "id": "77"}
    assert item["recipient"] == {"kind": "order", "id": "17"}
    assert "A-77" in item["text"]
    assert item["created_at"].endswith("Z")


def test_a_text_that_does_not_go_says_why_in_both_languages(api: Api, intake: Intake) -> None:
    accept(intake, [delivery(event("order.created", recipients=[person("order", phone="044 123 45 67")]))])

    [item] = api.read("/notifications")["items"]

    assert (item["state"], item["phone"]) == ("skipped", None)
    assert item["reason"] == {
        "code": "landline",
        "en": "Not sent: a landline or service number takes no SMS.",
        "uk": "Не надіслано: це міський або службовий номер, він не приймає SMS.",
    }


def test_a_phone_is_masked_unless_the_key_may_see_it_and_asks(api: Api, intake: Intake) -> None:
    accept(intake, [ordered()])
    path = f"/notifications/{id_of(intake.pool)}"

    def shown(key: str, **asked: str) -> tuple[str, str]:
        page = api.read("/notifications", key=key, **asked)["items"]
        return page[0]["phone"], api.read(path, key=key, **asked)["notification"]["phone"]

    assert shown("acme") == ("+38067***4567",) * 2
    assert shown("acme-phones") == ("+38067***4567",) * 2
    assert rows(intake.pool, "SELECT subject FROM audit") == []
    assert shown("acme-phones", phones="true") == ("+380671234567",) * 2
    assert rows(intake.pool, "SELECT done_by, action, account, subject FROM audit ORDER BY id") == [
        ("key/2 CRM", "phones_seen", "acme", "history"),
        ("key/2 CRM", "phones_seen", "acme", f"history {id_of(intake.pool)}"),
    ]


def test_masked_phones_are_not_completed_by_a_search(api: Api, intake: Intake) -> None:
    accept(intake, [ordered()])

    def found(key: str, search: str) -> int:
        return len(api.read("/notifications", key=key, search=search)["items"])

    for _ in range(2):
        digits = ("671", "0671234567", "+380671234567")
        assert [found("acme-phones", search) for search in digits] == [1, 1, 1]
        assert [found("acme", search) for search in digits] == [0, 0, 0]
        assert found("acme", "Олена") == 1
        execute(intake.pool, "UPDATE notifications SET created_at = created_at - interval '1 hour'")
        fill_search_index(intake.pool)
    assert rows(intake.pool, "SELECT * FROM audit") == []


def test_a_phone_that_a_key_asks_for_but_may_not_see_is_noted(api: Api, intake: Intake) -> None:
    accept(intake, [ordered()])

    for key in ("acme", "acme-phones"):
        assert len(api.read("/notifications", key=key, phone="0671234567")["items"]) == 1

    assert rows(intake.pool, "SELECT done_by, action, subject, after FROM audit") == [
        ("key/1 CRM", "phones_seen", "history", {"by_phone": True})
    ]


@pytest.mark.parametrize("path", ["/notifications", "/notifications/2026-11/1"])
def test_a_key_that_may_see_no_phones_is_told_so(api: Api, path: str) -> None:
    response = api.get(path, phones="true")

    assert (response.status_code, response.json()["type"]) == (403, "urn:perfectum-sms:problem:not-allowed")


def test_every_filter_finds_its_own_and_nothing_of_another_account(api: Api, intake: Intake) -> None:
    add_account(intake.pool, "beta")
    order, others = {"id": "77", "number": "A-77", "version": 1}, ordered("beta")
    accept(intake, [ordered(order=order), ordered(name="Ярослав", client={"id": "5"}), others])
    execute(intake.pool, "UPDATE notifications SET client_id = '5' WHERE text LIKE '%%Ярослав%%' OR account = 'beta'")
    of_77 = "SELECT event_id FROM events WHERE account = 'acme' AND body LIKE '%%A-77%%'::bytea"
    assert len(api.read("/notifications")["items"]) == 2

    def found(**asked: str) -> int:
        return len(api.read("/notifications", **asked)["items"])

    assert found(record="order:77") == 1
    assert found(event=row(intake.pool, of_77)[0]) == 1
    assert found(client="5") == 1
    assert (found(person="order:17"), found(phone="067 123-45-67"), found(phone="+380501112233")) == (2, 2, 0)
    assert (found(trigger="order_created"), found(trigger="order_approved"), found(channel="viber")) == (2, 0, 0)
    assert (found(state="planned"), found(state="delivered")) == (2, 0)
    assert (found(since="2020-01-01T00:00:00Z"), found(until="2020-01-01T00:00:00Z")) == (2, 0)
    assert (found(search="Ярослав"), found(search="жодного")) == (1, 0)


def test_pages_go_on_where_they_ended_whatever_comes_meanwhile(api: Api, intake: Intake) -> None:
    accept(intake, [ordered(order={"id": str(nth), "number": f"A-{nth}", "version": 1}) for nth in range(5)])
    whole = [item["id"] for item in api.read("/notifications")["items"]]

    first = api.read("/notifications", limit=2)
    accept(intake, [ordered()])
    second = api.read("/notifications", limit=2, cursor=first["next"])
    third = api.read("/notifications", limit=2, cursor=second["next"])

    assert [item["id"] for page in (first, second, third) for item in page["items"]] == whole
    assert third["next"] is None


def test_a_cursor_of_another_account_or_filter_opens_nothing(api: Api, intake: Intake) -> None:
    add_account(intake.pool, "beta")
    accept(intake, [ordered(), ordered(), ordered("beta"), ordered("beta")])
    theirs = api.read("/notifications", key="beta", limit=1)["next"]
    ours = api.read("/notifications", limit=1)["next"]

    answers = [
        api.get("/notifications", cursor=theirs),
        api.get("/notifications", cursor=ours, client="5"),
        api.get("/notifications", cursor="AAAA"),
    ]

    assert [(each.status_code, each.json()["errors"]) for each in answers] == [
        (400, [{"field": "cursor", "problem": "belongs to another account or filter: begin without one"}]),
        (400, [{"field": "cursor", "problem": "belongs to another account or filter: begin without one"}]),
        (400, [{"field": "cursor", "problem": "is none of ours: begin without one"}]),
    ]


def test_the_text_of_another_account_is_as_one_that_never_was(api: Api, intake: Intake) -> None:
    add_account(intake.pool, "beta")
    accept(intake, [ordered("beta")])
    theirs = id_of(intake.pool, "beta")

    answer, never = api.get(f"/notifications/{theirs}"), api.get("/notifications/2026-11/987654321")

    assert answer.status_code == never.status_code == 404
    assert answer.text.replace(theirs, "…") == never.text.replace("2026-11/987654321", "…")
    assert api.read(f"/notifications/{theirs}", key="beta")["notification"]["id"] == theirs


def test_one_text_is_told_from_its_event_to_what_it_waits_for(api: Api, intake: Intake) -> None:
    accept(intake, [ordered()])

    story = api.read(f"/notifications/{id_of(intake.pool)}")

    assert story["notification"]["state"] == "planned"
    assert [moment["code"] for moment in story["timeline"]] == [
        *("event.received", "event.trigger", "event.planned", "text.addressed", "text.planned", "now.planned"),
    ]
    assert story["timeline"][1]["uk"].endswith("(order_created) був увімкнений.")
    assert "+380671234567" not in str(story)


@pytest.mark.parametrize(
    ("id_", "part"),
    [
        ("2026-13/1", "month"),
        ("1/1", "month"),
        ("2026-11/0", "number"),
        ("2026-11/x", "number"),
        ("2026-11/9999999999999999999", "number"),
    ],
)
def test_an_id_that_can_be_none_names_its_part(api: Api, id_: str, part: str) -> None:
    response = api.get(f"/notifications/{quote(id_)}")

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [part]
