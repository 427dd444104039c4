"""What stands still is listed, stopped and let go on by a CRM: its own account, and no other."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.crm import add_account, delivery, event, execute, row, rows
from tests.web.api.conftest import Api
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.store.db.postgres import Pool

AUDIT = "SELECT done_by, action, account, subject FROM audit ORDER BY id"
OF_ITSELF = """
INSERT INTO pauses (account, scope, reason, since, paused_by) VALUES (%s, 'account', 'money', now(), 'worker')
"""
OF_ALL = """
INSERT INTO pauses (account, scope, reason, since, paused_by, note)
VALUES (NULL, 'hand/lane/bulk', 'by_hand', now(), 'anna', 'TurboSMS is repaired')
"""


def pause(api: Api, *, key: str = "acme", **fields: Any) -> Any:
    return api.ask("POST", "/pauses", key=key, json=fields)


def test_a_trigger_is_paused_until_it_is_resumed(api: Api, intake: Intake) -> None:
    response = pause(api, trigger="order_created", note="wrong price")
    [listed] = api.read("/pauses")["items"]

    assert (response.status_code, response.json()) == (201, {"pause": listed, "under_way": 0})
    assert (listed["id"], listed["is_by_hand"], listed["by"], listed["note"], listed["until"]) == (
        "hand/trigger/order_created",
        True,
        "key/1 CRM",
        "wrong price",
        None,
    )
    assert listed["reason"]["uk"] == "Надсилання призупинила людина."
    accept(intake, [delivery(event("order.created"))])
    execute(intake.pool, "UPDATE notifications SET due_at = due_at + interval '1 hour'")

    ended = api.ask("DELETE", "/pauses/hand/trigger/order_created")

    assert (ended.status_code, ended.json()) == (200, {"id": "hand/trigger/order_created", "due": 1})
    assert api.read("/pauses")["items"] == []
    assert rows(intake.pool, AUDIT) == [
        ("key/1 CRM", "pause", "acme", "trigger order_created"),
        ("key/1 CRM", "resume", "acme", "trigger order_created"),
    ]


def test_a_pause_that_is_changed_is_the_same_pause(api: Api) -> None:
    first = pause(api, lane="bulk")
    changed = pause(api, lane="bulk", note="until tomorrow")

    assert (first.status_code, changed.status_code) == (201, 200)
    assert changed.json()["pause"] == {**first.json()["pause"], "note": "until tomorrow"}
    assert api.read("/pauses")["items"] == [changed.json()["pause"]]


def test_everything_a_lane_or_a_channel_is_paused_until_a_moment(api: Api) -> None:
    until = datetime.now(UTC) + timedelta(hours=5)  # noqa: TID251 (a CRM has a clock of its own)
    made = [pause(api), pause(api, lane="bulk"), pause(api, channel="viber", until=until.isoformat())]

    ids = [answer.json()["pause"]["id"] for answer in made]
    assert ids == ["hand", "hand/lane/bulk", "hand/channel/viber"]
    assert datetime.fromisoformat(made[2].json()["pause"]["until"]) == until
    assert [api.ask("DELETE", f"/pauses/{id_}").status_code for id_ in ids] == [200] * 3


def test_what_is_paused_by_itself_is_listed_and_resumed(api: Api, acme_pool: Pool) -> None:
    execute(acme_pool, OF_ITSELF, "acme")
    [listed] = api.read("/pauses")["items"]

    assert (listed["id"], listed["is_by_hand"], listed["by"]) == ("account", False, None)
    assert (listed["reason"]["code"], listed["reason"]["en"]) == ("money", "TurboSMS wants money.")
    assert api.ask("DELETE", "/pauses/account").json() == {"id": "account", "due": 0}
    assert rows(acme_pool, AUDIT) == [("key/1 CRM", "resume", "acme", "account")]


def test_what_holds_every_account_is_shown_and_only_an_operator_ends_it(api: Api, acme_pool: Pool) -> None:
    execute(acme_pool, OF_ALL)
    [listed] = api.read("/pauses")["items"]

    assert (listed["is_of_everyone"], listed["by"], listed["note"]) == (True, None, None)
    assert api.ask("DELETE", "/pauses/hand/lane/bulk").status_code == 404
    assert row(acme_pool, "SELECT count(*) FROM pauses") == (1,)


def test_no_story_tells_who_paused_every_account_nor_their_note(api: Api, intake: Intake) -> None:
    accept(intake, [delivery(body := event("order.created"))])
    [text] = api.read("/notifications")["items"]
    execute(intake.pool, OF_ALL.replace("lane/bulk", "trigger/order_created"))

    for path in (f"/notifications/{text['id']}", f"/events/{body['id']}"):
        [held] = [moment for moment in api.read(path)["timeline"] if moment["code"] == "now.paused"]
        assert held["en"].endswith(": a person paused it.")
        assert "anna" not in str(held)
        assert "repaired" not in str(held)


def test_another_accounts_pause_is_as_none(api: Api, acme_pool: Pool) -> None:
    add_account(acme_pool, "beta")
    pause(api, key="beta")
    execute(acme_pool, OF_ITSELF, "beta")

    assert api.read("/pauses")["items"] == []
    assert [api.ask("DELETE", f"/pauses/{id_}").status_code for id_ in ("hand", "account")] == [404, 404]
    assert row(acme_pool, "SELECT count(*) FROM pauses") == (2,)


def test_a_wrong_field_is_named_and_nothing_is_paused(api: Api, acme_pool: Pool, subtests: pytest.Subtests) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"trigger": "order_craeted"}, "trigger"),
        ({"trigger": "order_created", "lane": "bulk"}, "lane"),
        ({"lane": "slow"}, "lane"),
        ({"until": "2020-01-01T00:00:00Z"}, "until"),
        ({"until": "9:00"}, "until"),
        ({"why": "x"}, "why"),
    ]
    for fields, named in wrong:
        with subtests.test(str(fields)):
            response = pause(api, **fields)
            assert (response.status_code, response.json()["errors"][0]["field"]) == (400, named)
    for id_ in ("hand/trigger", "hand/lane/bulk/x", "person/zz", "nothing"):
        with subtests.test(id_):
            assert api.ask("DELETE", f"/pauses/{id_}").status_code == 404
    assert rows(acme_pool, "SELECT * FROM pauses") == []


def test_a_key_without_the_scope_may_not(api: Api) -> None:
    for method, path in (("GET", "/pauses"), ("POST", "/pauses"), ("DELETE", "/pauses/hand")):
        assert api.ask(method, path, key="acme-none", json={}).status_code == 403
