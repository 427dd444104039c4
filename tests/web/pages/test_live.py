"""A stream says when something changed, to who may look at the account, and ends when the server does."""

import threading
from collections.abc import Iterator

import httpx
import pytest

from tests.support.crm import add_account, delivery, event, person
from tests.web.pages.conftest import Browser, Site
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.web.pages import live

HERE = "/a/acme/live"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LOOK_S", 0.05)


def words(response: httpx.Response) -> Iterator[str]:
    return (line for line in response.iter_lines() if line)


def test_a_change_is_told_and_no_more_than_that(intake: Intake, admin: Browser) -> None:
    with admin.client.stream("GET", HERE) as response:
        lines = words(response)
        assert (response.headers["content-type"], next(lines)) == ("text/event-stream; charset=utf-8", ": here")
        accept(intake, [delivery(event("order.created", recipients=[person("order")]))])

        assert [next(lines), next(lines)] == ["event: changed", "data: "]


def test_without_a_change_it_gives_signs_of_life(admin: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "PING_S", 0.05)
    with admin.client.stream("GET", HERE) as response:
        lines = (line for line in words(response) if line.startswith(":"))

        assert [next(lines), next(lines)] == [": here", ": here"]


def test_it_ends_with_the_server(site: Site, admin: Browser) -> None:
    with admin.client.stream("GET", HERE) as response:
        lines = words(response)
        assert next(lines) == ": here"
        ending = threading.Thread(target=site.end)
        ending.start()

        assert set(lines) <= {": here"}
        ending.join()


def test_nobody_else_hears_it(site: Site, admin: Browser) -> None:
    add_account(site.pool, "beta")

    answers = [site.nobody().get(HERE), admin.get("/a/beta/live"), admin.get("/a/nothing/live"), admin.post(HERE)]

    assert [answer.status_code for answer in answers] == [404, 404, 404, 404]
