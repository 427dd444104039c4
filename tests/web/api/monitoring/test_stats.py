"""Figures of the key's account alone: what waits for what, what became of texts, and what they cost."""

from datetime import date, timedelta

import pytest

from tests.support.crm import add_account, delivery, event, execute, row
from tests.web.api.conftest import Api
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake

PAUSE = "INSERT INTO pauses (account, scope, reason, since, paused_by) VALUES (%s, 'account', 'money', now(), 'worker')"
TAKEN = """
INSERT INTO provider_messages (account, message_id, month, notification, attempt, accepted_at)
SELECT account, 'm-' || id, month, id, 'a', now() FROM notifications
"""


def today(intake: Intake) -> date:
    return row(intake.pool, "SELECT (now() AT TIME ZONE 'Europe/Kyiv')::date")[0]


def test_one_look_shows_what_waits_for_what(api: Api, intake: Intake) -> None:
    add_account(intake.pool, "beta")
    accept(intake, [delivery(event("order.created")), delivery(event("order.created", account="beta"))])
    execute(intake.pool, "UPDATE accounts SET daily_budget = 100, daily_segments = 50 WHERE id = 'acme'")
    before = api.read("/stats")
    execute(intake.pool, PAUSE, "acme")
    execute(intake.pool, PAUSE, "beta")
    after = api.read("/stats")

    assert [(wait["reason"], wait["texts"]) for wait in before["waits"]] == [(None, 1)]
    [wait] = after["waits"]
    assert (wait["reason"]["code"], wait["texts"], wait["first_goes_at"]) == ("money", 1, None)
    assert (before["paused"], after["paused"], after["balance"]) == ([], ["account"], None)
    assert after["spent_today"] == [
        {"trigger": None, "hryvnias": "0.00", "segments": 0, "hryvnias_max": "100.00", "segments_max": 50}
    ]


def test_texts_are_added_up_of_one_account(api: Api, intake: Intake) -> None:
    add_account(intake.pool, "beta")
    events = [*[event("order.created")] * 2, event("invoice.overdue"), event("order.created", account="beta")]
    accept(intake, [delivery({**body, "id": str(nth)}) for nth, body in enumerate(events)])
    body = api.read("/stats/texts", by=["trigger", "day"])

    day = today(intake)
    assert (body["since"], body["until"]) == (str(day - timedelta(days=6)), str(day))
    assert [(item["of"]["trigger"], item["of"]["day"], item["of"]["channel"]) for item in body["items"]] == [
        ("invoice_overdue_notice", str(day), None),
        ("order_created", str(day), None),
    ]
    texts = sum(item["texts"] for item in api.read("/stats/texts")["items"])
    assert texts == len(api.read("/notifications")["items"])
    assert api.read("/stats/texts", until="2020-01-31", since="2020-01-01")["items"] == []


def test_costs_are_known_or_estimated(api: Api, intake: Intake) -> None:
    execute(intake.pool, "UPDATE accounts SET segment_price = 0.95")
    accept(intake, [delivery(event("order.created"))])
    execute(intake.pool, TAKEN)
    [item] = api.read("/stats/costs")["items"]

    assert (item["of"]["trigger"], item["messages"], item["hryvnias"], item["hryvnias_known"]) == (
        "order_created",
        1,
        "0.9500",
        "0.0000",
    )
    assert item["messages_estimated"] == 1


def test_a_wrong_parameter_is_named(api: Api, subtests: pytest.Subtests) -> None:
    for path in ("/stats/texts", "/stats/costs"):
        for name, value in (
            ("by", "account"),
            ("by", "hour"),
            ("since", "yesterday"),
            ("since", "2100-01-01"),
            ("until", "2026-13-01"),
            ("untill", "2026-11-01"),
        ):
            with subtests.test(path, name=name, value=value):
                response = api.get(path, **{name: value})
                assert response.status_code == 400, response.text
                assert response.json()["errors"][0]["field"].split(".")[0] == name


def test_a_span_of_more_than_a_quarter_is_refused(api: Api) -> None:
    for path in ("/stats/texts", "/stats/costs"):
        assert api.get(path, since="2026-01-01", until="2026-04-02").status_code == 200
        response = api.get(path, since="2026-01-01", until="2026-04-03")
        assert (response.status_code, response.json()["errors"]) == (
            400,
            [{"field": "since", "problem": "is too early: ask for at most 92 days at a time"}],
        )


def test_a_key_without_the_scope_may_not(api: Api) -> None:
    for path in ("/stats", "/stats/texts", "/stats/costs"):
        assert api.get(path, key="acme-none").status_code == 403
