"""Дія з багатьма: named when it was found, tried, agreed to, and done part by part."""

from typing import Any

import orjson
import pytest

from tests.support.crm import add_account, delivery, event, execute, person, row, rows
from tests.support.waiting import wait_until
from tests.web.pages.conftest import AUDITOR, OPERATOR, Browser, Site
from worker.steps.hands.jobs import carry_on
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.web.pages.desk import jobs

HERE = "/a/acme/jobs"


NAMES = "SELECT to_char(month, 'YYYY-MM/') || id FROM notifications ORDER BY id"
DELIVERED = "UPDATE notifications SET state = 'delivered', due_at = NULL, attempt = 'x', attempt_month = month"


def planned(intake: Intake, count: int, account: str = "acme", first: int = 1) -> list[str]:
    """Texts of so many orders, as pages name them."""
    for number in range(first, first + count):
        order = {"id": str(number), "number": f"A-{number}", "version": 1}
        body = event("order.created", account=account, recipients=[person("order")], order=order)
        accept(intake, [delivery(body)])
    return [
        text for (text,) in rows(intake.pool, "SELECT to_char(month, 'YYYY-MM/') || id FROM notifications ORDER BY id")
    ]


def buried(intake: Intake, *bodies: Any) -> list[int]:
    accept(intake, [delivery(body, key="acme.order.created") for body in bodies])
    return [number for (number,) in rows(intake.pool, "SELECT id FROM dead_letters ORDER BY id")]


def proposed(browser: Browser, **form: Any) -> str:
    """The address of a proposal."""
    response = browser.post(HERE, form)
    assert response.status_code == 303, response.text
    return response.headers["location"]


def states(site: Site) -> list[str]:
    return [state for (state,) in rows(site.pool, "SELECT state FROM notifications ORDER BY id")]


def done(site: Site) -> bool:
    return rows(site.pool, "SELECT 1 FROM jobs WHERE state = 'running'") == []


def test_what_comes_after_it_was_found_is_not_touched(site: Site, intake: Intake, admin: Browser) -> None:
    planned(intake, 2)
    job = proposed(admin, action="cancel", which="all")
    planned(intake, 1, first=3)
    assert states(site) == ["planned"] * 3

    assert "It has begun" in admin.read(admin.post(f"{job}/begin").headers["location"])
    wait_until(lambda: done(site), "the job to end")

    page = admin.read(job)
    assert ("cancelled: 2" in page, "2 / 2 (100 %)" in page) == (True, True)
    assert states(site) == ["cancelled", "cancelled", "planned"]
    assert "Cancel SMS that wait" in admin.read(HERE)


def test_the_ticked_ones_are_sent_again_after_a_try(site: Site, intake: Intake, admin: Browser) -> None:
    texts = planned(intake, 3)
    execute(site.pool, "UPDATE notifications SET state = 'cancelled', reason = 'by_hand', due_at = NULL")

    job = proposed(admin, action="resend", which="ticked", text=texts[:2])

    assert "2 would go at once" in admin.read(job)
    assert len(states(site)) == 3
    admin.post(f"{job}/begin")
    wait_until(lambda: done(site), "the job to end")
    assert "sent again: 2" in admin.read(job)
    assert len(states(site)) == 5
    assert "has begun already" in admin.read(admin.post(f"{job}/begin").headers["location"])


def test_what_may_have_arrived_is_among_it_only_where_that_is_said(site: Site, intake: Intake, admin: Browser) -> None:
    texts = planned(intake, 1)
    execute(
        site.pool, "UPDATE notifications SET state = 'delivered', due_at = NULL, attempt = 'x', attempt_month = month"
    )

    assert admin.post(HERE, {"action": "resend", "which": "ticked", "text": texts}).status_code == 422
    assert "gets it twice" in admin.read(proposed(admin, action="resend", which="ticked", text=texts, twice="on"))


def test_letters_are_tried_and_replayed(site: Site, intake: Intake, admin: Browser) -> None:
    good = event("order.created", recipients=[person("order")], order={"id": "1", "number": "A-1", "version": 1})
    first, second = buried(intake, b"{", {**good, "type": "order.changed_somehow"})
    execute(site.pool, "UPDATE dead_letters SET body = %s WHERE id = %s", orjson.dumps(good), second)

    job = proposed(admin, action="replay", which="all")

    assert ("refused again: 1" in admin.read(job), "replayed: 1" in admin.read(job)) == (True, True)
    assert states(site) == []
    admin.post(f"{job}/begin")
    wait_until(lambda: done(site), "the job to end")
    assert dict(row(site.pool, "SELECT counts FROM jobs")[0]) == {"replayed": 1, "refused_again": 1}
    assert rows(site.pool, "SELECT id FROM dead_letters WHERE state = 'open'") == [(first,)]
    assert states(site) == ["planned"]


def test_letters_are_closed_with_a_reason(site: Site, intake: Intake, admin: Browser) -> None:
    add_account(site.pool, "beta")
    numbers = buried(intake, b"{", b"[")
    accept(intake, [delivery(b"(", key="beta.order.created")])
    of_beta = row(site.pool, "SELECT max(id) FROM dead_letters")[0]

    assert admin.post(HERE, {"action": "drop", "which": "all"}).status_code == 422
    job = proposed(admin, action="drop", which="ticked", why="проба", letter=[*numbers, of_beta, "x", "9" * 30])
    admin.post(f"{job}/begin")
    wait_until(lambda: done(site), "the job to end")

    assert "проба" in admin.read(job)
    closed = rows(site.pool, "SELECT id, close_reason FROM dead_letters WHERE state = 'dropped' ORDER BY id")
    assert closed == [(number, "проба") for number in numbers]


def test_above_a_hundred_the_number_is_typed(site: Site, intake: Intake, admin: Browser, monkeypatch: Any) -> None:
    monkeypatch.setattr(jobs, "TYPED_ABOVE", 1)
    planned(intake, 2)
    job = proposed(admin, action="cancel", which="all")

    refused = admin.post(f"{job}/begin", {"count": "3"})

    assert (refused.status_code, 'id="count-error"' in refused.text) == (422, True)
    assert admin.post(f"{job}/begin", {"count": "2"}).status_code == 303
    wait_until(lambda: done(site), "the job to end")
    assert states(site) == ["cancelled"] * 2


def test_too_many_are_left_to_the_terminal(intake: Intake, admin: Browser, monkeypatch: Any) -> None:
    monkeypatch.setattr(jobs, "ITEMS_MAX", 1)
    planned(intake, 2)
    buried(intake, b"{", b"[")

    for form in ({"action": "cancel"}, {"action": "drop", "why": "x"}):
        response = admin.post(HERE, {**form, "which": "all"})
        assert (response.status_code, "in a terminal" in response.text) == (422, True)


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"action": "erase"},
        {"action": "cancel"},
        {"action": "cancel", "which": "all"},
        {"action": "cancel", "text": ["2026-13/1", "<script>", "2026-11/7"]},
        {"action": "cancel", "which": "all", "since": "yesterday"},
        {"action": "replay", "which": "all", "reason": "nothing"},
        {"action": "drop", "which": "all", "why": "н" * 501},
    ],
)
def test_what_cannot_be_done_says_why(site: Site, admin: Browser, form: dict[str, Any]) -> None:
    assert admin.post(HERE, form).status_code == 422
    assert rows(site.pool, "SELECT * FROM jobs") == []


def test_each_needs_its_right(site: Site, intake: Intake, admin: Browser) -> None:
    planned(intake, 1)
    operator, auditor = site.sign_in(OPERATOR), site.sign_in(AUDITOR)

    assert [operator.post(HERE, {"action": act, "which": "all"}).status_code for act in ("resend", "replay")] == [
        403,
        403,
    ]
    assert auditor.post(HERE, {"action": "cancel", "which": "all"}).status_code == 403
    job = proposed(admin, action="cancel", which="all")
    assert [browser.get(job).status_code for browser in (operator, auditor)] == [404, 404]
    assert operator.post(f"{job}/begin").status_code == 404
    assert states(site) == ["planned"]


def test_another_accounts_texts_are_not_among_it(site: Site, intake: Intake, admin: Browser) -> None:
    add_account(site.pool, "beta")
    texts = planned(intake, 1, "beta")

    assert admin.post(HERE, {"action": "cancel", "text": texts}).status_code == 422
    job = proposed(site.sign_in(OPERATOR), action="cancel", which="all") if planned(intake, 1, first=9) else ""
    assert row(site.pool, "SELECT items FROM jobs") == ([text for text in planned(intake, 0) if text not in texts],)
    assert admin.get(job.replace("acme", "beta")).status_code == 404


def test_a_job_that_is_stopped_leaves_the_rest(site: Site, intake: Intake, admin: Browser) -> None:
    planned(intake, 2)
    job = proposed(admin, action="cancel", which="all")
    assert "has ended already" in admin.read(admin.post(f"{job}/stop").headers["location"])
    number = job.rpartition("/")[2]
    execute(site.pool, "UPDATE jobs SET state = 'stopped', settled_at = now() WHERE id = %s", number)

    assert not carry_on(intake)
    assert states(site) == ["planned"] * 2
    assert "stopped" in admin.read(job)


@pytest.mark.parametrize("number", ["0", "x", "9" * 30, "7"])
def test_what_is_no_job_is_not_there(admin: Browser, number: str) -> None:
    assert [admin.get(f"{HERE}/{number}").status_code, admin.post(f"{HERE}/{number}/stop").status_code] == [404, 404]


def test_its_progress_is_a_part_of_the_page(intake: Intake, admin: Browser) -> None:
    planned(intake, 1)
    job = proposed(admin, action="cancel", which="all")
    admin.post(f"{job}/begin")

    part = admin.get(job, headers={"HX-Request": "true"}).text

    assert ("<progress" in part, "<html" in part) == (True, False)
