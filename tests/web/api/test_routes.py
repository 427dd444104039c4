"""Whoever calls, and whatever is asked: one answer for each, in the form of RFC 9457 where it is refused."""

from typing import Any

import httpx
import pytest

from tests.support.crm import execute
from tests.web.api.conftest import Api
from worker.store.db.postgres import Pool


def refused(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"
    body: dict[str, Any] = response.json()
    assert body["status"] == response.status_code
    return response.status_code, body["type"].removeprefix("urn:perfectum-sms:problem:")


@pytest.mark.parametrize("key", [None, "", "nobody", "acme acme"])
def test_without_a_valid_key_there_is_one_answer(api: Api, key: str | None) -> None:
    response = api.get("/notifications", key=key, limit="x")

    assert refused(response) == (401, "unknown-key")
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.content == api.get("/notifications/2026-11/1", key="another").content


def test_a_key_without_the_scope_may_not_ask(api: Api) -> None:
    assert refused(response := api.get("/notifications", key="acme-none")) == (403, "not-allowed")
    assert response.json()["detail"] == "The key needs the scope read."


def test_a_key_that_calls_too_often_is_told_when_to_call_again(api: Api) -> None:
    api.waits = [2.3]

    assert refused(response := api.get("/notifications")) == (429, "too-often")
    assert response.headers["retry-after"] == "3"
    assert api.get("/notifications").status_code == 200


def test_wrong_parameters_are_named_with_the_fix_all_at_once(api: Api) -> None:
    wrong = {"limit": "1000", "person": "17", "since": "yesterday", "phone": "12", "phones": "yes", "acount": "acme"}

    response = api.get("/notifications", **wrong)

    assert refused(response) == (400, "invalid")
    assert {error["field"]: error["problem"] for error in response.json()["errors"]} == {
        "limit": "must be less than or equal to 200",
        "person": "17 is no kind and id: write it as contact:17",
        "since": "must be a string such as 2026-11-23T10:15:00+02:00",
        "phone": "no mobile number (bad_phone)",
        "phones": "must be true or false",
        "acount": "is not known here",
    }


def test_a_word_that_is_nearly_right_is_answered_with_the_right_one(api: Api) -> None:
    errors = api.get("/notifications", state="deliverd", trigger=["order_creatd", "order_created"]).json()["errors"]

    assert errors == [
        {"field": "trigger", "problem": "order_creatd is none: did you mean order_created?"},
        {"field": "state", "problem": "deliverd is none: did you mean delivered?"},
    ]


def test_a_parameter_that_may_come_once_is_not_guessed_at(api: Api) -> None:
    response = api.ask("GET", "/notifications?limit=1&limit=2")

    assert response.json()["errors"] == [{"field": "limit", "problem": "is given twice: give it once"}]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_a_wrong_method_is_answered_with_the_right_ones(api: Api, method: str) -> None:
    response = api.ask(method, "/notifications")

    assert refused(response) == (405, "wrong-method")
    assert response.headers["allow"] == "GET, HEAD"


def test_head_is_get_without_a_body(api: Api) -> None:
    response = api.ask("HEAD", "/notifications")

    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/", "/nothing", "/notifications/", "/notifications/2026-11"])
def test_another_path_is_no_page_and_asks_for_no_key(api: Api, path: str) -> None:
    assert refused(api.get(path, key=None)) == (404, "not-found")


def test_a_database_that_answers_nothing_is_503(api: Api, pool: Pool) -> None:
    execute(pool, "ALTER TABLE notifications RENAME TO away")

    response = api.get("/notifications")

    execute(pool, "ALTER TABLE away RENAME TO notifications")
    assert refused(response) == (503, "away")
    assert response.headers["retry-after"] == "1"
    assert api.get("/notifications").status_code == 200


def test_what_each_call_came_to_is_handed_on_by_name(api: Api) -> None:
    api.get("/notifications")
    api.get("/notifications/2026-11/1")

    assert api.answers == [("list_notifications", 200), ("show_notification", 404)]
