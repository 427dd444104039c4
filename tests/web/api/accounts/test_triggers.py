"""Triggers of the key's account: shown, switched and set, each change noted under the key's name."""

from typing import Any

import pytest

from tests.support.crm import add_account, execute, row, rows
from tests.web.api.conftest import Api
from worker.core.triggers.catalogue import TRIGGERS
from worker.store.db.postgres import Pool

PATH = "/triggers/order_created"
AUDIT = "SELECT done_by, action, account, subject, before, after FROM audit ORDER BY id"


def change(api: Api, path: str = PATH, *, key: str = "acme", etag: str | None = None, **fields: Any) -> Any:
    headers = {"If-Match": etag} if etag else {}
    return api.ask("PATCH", path, key=key, json=fields, headers=headers)


def test_every_trigger_is_listed_as_the_account_uses_it(api: Api) -> None:
    items = {item["id"]: item for item in api.read("/triggers")["items"]}

    assert list(items) == [trigger.id for trigger in TRIGGERS]
    shown = items["booking_reminder"]
    assert (shown["state"], shown["channel"], shown["lane"], shown["event"]) == (
        "on",
        "sms",
        "urgent",
        "booking.reminder_due",
    )
    assert shown["schedule"] == "24h and 2h before the start"
    assert shown["texts"]["uk"].startswith("Чекаємо вас")
    assert api.read("/triggers/booking_reminder") == shown


def test_words_are_ukrainian_where_the_client_asks(api: Api) -> None:
    def said(path: str, name: str) -> Any:
        return api.ask("GET", path, headers={"Accept-Language": "uk-UA,uk;q=0.9,en;q=0.5"}).json()[name]

    assert said("/triggers/booking_reminder", "schedule") == "за 24 год і 2 год до початку"
    assert said("/triggers/order_craeted", "detail") == "В обліковому записі такого немає: тригер order_craeted."
    assert said("/stats/texts?since=x", "errors")[0]["problem"] == "має бути днем, наприклад 2026-11-28"


def test_a_trigger_is_switched_and_noted_under_the_keys_name(api: Api, acme_pool: Pool) -> None:
    off = change(api, enabled=False)

    assert (off.status_code, off.json()["state"], off.json()["enabled"]) == (200, "off", False)
    assert rows(acme_pool, AUDIT) == [
        ("key/1 CRM", "trigger", "acme", "order_created", {"switched_on": True}, {"switched_on": False})
    ]


def test_a_trigger_without_a_text_gets_the_default_one(api: Api, acme_pool: Pool) -> None:
    execute(acme_pool, "DELETE FROM templates WHERE trigger = 'order_created'")
    blank = api.read(PATH)["state"]

    on = change(api, enabled=True).json()

    assert (blank, on["state"]) == ("blank", "on")
    assert on["texts"]["uk"].startswith("Замовлення №")
    assert row(acme_pool, "SELECT author FROM template_versions WHERE text = %s", on["texts"]["uk"]) == ("key/1 CRM",)


def test_what_is_given_is_set_and_the_rest_stays(api: Api, acme_pool: Pool) -> None:
    execute(acme_pool, "UPDATE accounts SET segment_price = 0.95")
    path, whatever = "/triggers/booking_reminder", "*"
    change(api, path, etag=whatever, settings={"before": ["3h"]}, daily_budget="100.50", over_budget="alert")
    again = change(api, path, etag=whatever, channel="viber_then_sms").json()
    back = change(api, path, etag=whatever, settings={"before": None}, daily_budget=None).json()

    assert (again["settings"], again["schedule"]) == ({"before": ["3h"]}, "3h before the start")
    assert (again["daily_budget"], again["over_budget"], again["channel"]) == ("100.50", "alert", "viber_then_sms")
    assert (back["settings"], back["daily_budget"], back["channel"]) == ({}, None, "viber_then_sms")


def test_nobody_sets_a_trigger_without_having_read_it(api: Api, acme_pool: Pool) -> None:
    blind = change(api, channel="viber"), change(api, enabled=False, channel="viber")

    assert [answer.status_code for answer in blind] == [428, 428]
    assert (rows(acme_pool, AUDIT), change(api, enabled=False).status_code) == ([], 200)


def test_the_second_of_two_who_change_a_trigger_is_told(api: Api) -> None:
    read = api.get(PATH)
    first = change(api, etag=read.headers["etag"], channel="viber")
    second = change(api, etag=read.headers["etag"], channel="both")

    assert (first.status_code, second.status_code) == (200, 412)
    assert second.json()["type"] == "urn:perfectum-sms:problem:changed"
    assert second.headers["etag"] == first.headers["etag"] == api.get(PATH).headers["etag"]
    assert api.read(PATH)["channel"] == "viber"
    assert api.ask("GET", PATH, headers={"If-None-Match": first.headers["etag"]}).status_code == 304


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"chanel": "sms"}, "chanel", ""),
    ({"channel": "fax"}, "channel", "viber_then_sms"),
    ({"enabled": "yes"}, "enabled", "true"),
    ({"settings": {"befor": "3h"}}, "settings.befor", "did you mean before?"),
    ({"settings": {"before": "tomorrow"}}, "settings.before.0", "such as 24h"),
    ({"daily_budget": 5}, "daily_budget", '"500.00"'),
    ({"daily_budget": "-5"}, "daily_budget", "hryvnias"),
    ({"daily_budget": "5"}, "daily_budget", "daily_segments"),
    ({"daily_segments": 0}, "daily_segments", "1"),
]


def test_a_wrong_field_is_named_with_its_fix_and_nothing_changes(
    api: Api, acme_pool: Pool, subtests: pytest.Subtests
) -> None:
    for fields, named, fix in WRONG:
        with subtests.test(str(fields)):
            response = change(api, "/triggers/booking_reminder", etag="*", **fields, if_unconfirmed="resend")
            [wrong] = response.json()["errors"]

            assert (response.status_code, wrong["field"], fix in wrong["problem"]) == (400, named, True), wrong
    assert (rows(acme_pool, AUDIT), api.read("/triggers/booking_reminder")["if_unconfirmed"]) == ([], "keep")


def test_each_account_has_its_own_triggers(api: Api, acme_pool: Pool) -> None:
    add_account(acme_pool, "beta")
    change(api, key="beta", etag="*", channel="viber")

    assert (api.read(PATH)["channel"], api.read(PATH, key="beta")["channel"]) == ("sms", "viber")
    assert rows(acme_pool, "SELECT account FROM triggers WHERE channel <> 'sms'") == [("beta",)]


def test_a_trigger_that_there_is_not_is_told(api: Api) -> None:
    answers = api.get("/triggers/order_craeted"), change(api, "/triggers/order_craeted", enabled=True)

    assert [answer.status_code for answer in answers] == [404, 404]


def test_a_key_without_the_scope_may_not(api: Api) -> None:
    assert {api.ask(method, PATH, key="acme-none", json={}).status_code for method in ("GET", "PATCH")} == {403}
