"""Phones that an account does not write to: put there and taken off by a CRM, each time noted."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.crm import add_account, delivery, event, execute, person, row, rows
from tests.web.api.conftest import Api
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.store.db.postgres import Pool

PHONE = "/stop-list/067 123 45 67"


def stop(api: Api, path: str = PHONE, *, key: str = "acme", **fields: Any) -> Any:
    return api.ask("PUT", path, key=key, json=fields)


def test_a_phone_is_stopped_and_what_waits_for_it_is_taken_back(api: Api, intake: Intake) -> None:
    accept(intake, [delivery(event("order.created", recipients=[person("order")]))])
    response = stop(api, scope="all", reason="asked by phone")

    assert (response.status_code, response.json()["cancelled"], response.json()["on_the_way"]) == (201, 1, 0)
    entry = response.json()["entry"]
    assert (entry["phone"], entry["scope"], entry["reason"], entry["source"], entry["added_by"]) == (
        "+38067***4567",
        "all",
        "asked by phone",
        "operator",
        "key/1 CRM",
    )
    assert row(intake.pool, "SELECT state, reason FROM notifications") == ("cancelled", "suppressed")
    assert row(intake.pool, "SELECT done_by, action, account, after FROM audit") == (
        "key/1 CRM",
        "suppression",
        "acme",
        {"scope": "all", "source": "operator"},
    )
    assert api.read(PHONE) == entry
    assert stop(api, scope="all").status_code == 200


def test_a_scope_is_widened_and_never_narrowed(api: Api) -> None:
    assert stop(api, scope="marketing").json()["entry"]["scope"] == "marketing"
    assert stop(api).json()["entry"]["scope"] == "all"
    narrowed = stop(api, scope="marketing")
    assert (narrowed.status_code, "take it off first" in narrowed.json()["detail"]) == (409, True)


def test_what_is_stopped_already_keeps_its_reason_and_is_noted_once(api: Api, acme_pool: Pool) -> None:
    first = stop(api, reason="asked by phone")
    again = stop(api, reason="a complaint")
    narrowed = stop(api, scope="marketing", reason="a complaint")

    assert [answer.status_code for answer in (first, again, narrowed)] == [201, 200, 409]
    assert again.json()["entry"] == first.json()["entry"] == api.read(PHONE)
    assert row(acme_pool, "SELECT count(*) FROM audit") == (1,)


def test_of_two_who_stop_a_phone_at_once_the_narrower_is_refused(api: Api) -> None:
    for nth in range(4):
        path = f"/stop-list/+38067000000{nth}"
        with ThreadPoolExecutor(2) as threads:
            stopping = [threads.submit(stop, api, path, scope=scope) for scope in ("all", "marketing")]
            whole, advertising = (each.result() for each in stopping)

        assert api.read(path)["scope"] == "all"
        assert (whole.status_code, advertising.status_code) in {(201, 409), (200, 201)}


def test_a_phone_is_taken_off(api: Api, acme_pool: Pool) -> None:
    stop(api)
    answers = [api.ask("DELETE", PHONE) for _ in range(2)]

    assert [(answer.status_code, len(answer.content) > 0) for answer in answers] == [(204, False), (404, True)]
    assert api.read("/stop-list")["items"] == []
    assert rows(acme_pool, "SELECT after FROM audit ORDER BY id")[1:] == [({"phone": "removed"},)]


def test_the_list_is_read_page_by_page_the_newest_first(api: Api, acme_pool: Pool) -> None:
    for nth in range(5):
        stop(api, f"/stop-list/+38067000000{nth}")
    execute(acme_pool, "UPDATE suppressions SET since = '2026-11-01' WHERE phone < '+380670000003'")
    whole = [item["phone"] for item in api.read("/stop-list")["items"]]

    first = api.read("/stop-list", limit=2)
    second = api.read("/stop-list", limit=2, cursor=first["next"])
    third = api.read("/stop-list", limit=2, cursor=second["next"])

    assert sorted(whole[:2]) == ["+38067***0003", "+38067***0004"]
    assert [item["phone"] for page in (first, second, third) for item in page["items"]] == whole
    assert third["next"] is None


def test_phones_are_whole_for_a_key_that_may_see_them_and_asks(api: Api, acme_pool: Pool) -> None:
    stop(api)

    assert api.read("/stop-list", key="acme-phones")["items"][0]["phone"] == "+38067***4567"
    assert api.get("/stop-list", phones="true").status_code == 403
    assert api.read("/stop-list", key="acme-phones", phones="true")["items"][0]["phone"] == "+380671234567"
    assert rows(acme_pool, "SELECT done_by, subject, after FROM audit WHERE action = 'phones_seen'") == [
        ("key/2 CRM", "stop-list", {"phones": 1})
    ]


def test_another_accounts_list_is_its_own(api: Api, acme_pool: Pool) -> None:
    add_account(acme_pool, "beta")
    for nth in range(3):
        stop(api, f"/stop-list/+38067000000{nth}", key="beta")
    cursor = api.read("/stop-list", key="beta", limit=1)["next"]

    assert api.read("/stop-list")["items"] == []
    path = "/stop-list/+380670000001"
    assert [api.get(path).status_code, api.ask("DELETE", path).status_code] == [404, 404]
    assert api.get("/stop-list", cursor=cursor).json()["errors"][0]["field"] == "cursor"
    assert len(api.read("/stop-list", key="beta")["items"]) == 3


def test_a_wrong_field_is_named(api: Api, acme_pool: Pool, subtests: pytest.Subtests) -> None:
    wrong: list[tuple[Any, str]] = [
        (stop(api, scope="everything"), "scope"),
        (stop(api, reason=""), "reason"),
        (stop(api, why="x"), "why"),
        (stop(api, "/stop-list/12"), "phone"),
        (api.get("/stop-list/12"), "phone"),
        (api.get("/stop-list", limit="0"), "limit"),
        (api.get("/stop-list", cursor="AAAA"), "cursor"),
        (api.get("/stop-list", cursor="ключ"), "cursor"),
    ]
    for response, named in wrong:
        with subtests.test(str(response.request.url), named=named):
            assert (response.status_code, response.json()["errors"][0]["field"]) == (400, named)
    assert rows(acme_pool, "SELECT * FROM suppressions") == []


def test_a_key_without_the_scope_may_not(api: Api) -> None:
    for method, path in (("GET", "/stop-list"), ("GET", PHONE), ("PUT", PHONE), ("DELETE", PHONE)):
        assert api.ask(method, path, key="acme-none", json={}).status_code == 403
