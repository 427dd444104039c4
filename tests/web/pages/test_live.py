"""A stream says when something changed, to who may look at the account, and ends when the server does."""

import threading
from collections.abc import Iterator

import httpx
import pytest

from tests.support.crm import add_account, delivery, event, person
from tests.web.pages.conftest import Browser, Site
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.web.connection_limits import EXCHANGE_S
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
        assert (response.headers["content-type"], next(lines)[:4]) == ("text/event-stream; charset=utf-8", "id: ")
        accept(intake, [delivery(event("order.created", recipients=[person("order")]))])

        assert {next(lines)[:4], next(lines), next(lines)} == {"id: ", "event: changed", "data: "}


def test_it_ends_in_good_order_before_it_is_cut_off(admin: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    assert live.LASTS_S < EXCHANGE_S
    monkeypatch.setattr(live, "LASTS_S", 0.2)

    with admin.client.stream("GET", HERE) as response:
        assert all(line[:4] in {"id: ", "even", "data"} for line in words(response))


def test_what_changed_between_two_streams_is_not_missed(intake: Intake, admin: Browser) -> None:
    before = {"Last-Event-ID": "1"}
    accept(intake, [delivery(event("order.created", recipients=[person("order")]))])

    with admin.client.stream("GET", HERE, headers=before) as response:
        lines = words(response)
        assert (next(lines), next(lines) != "id: 1", next(lines)) == ("id: 1", True, "event: changed")


@pytest.mark.parametrize("number", ["-1", "x", "9" * 30, "١"])
def test_a_number_that_nobody_gave_is_none(admin: Browser, number: str) -> None:
    with admin.client.stream("GET", HERE, headers={b"Last-Event-ID": number.encode()}) as response:
        assert next(words(response)) != f"id: {number}"


def test_it_ends_with_the_server(site: Site, admin: Browser) -> None:
    with admin.client.stream("GET", HERE) as response:
        lines = words(response)
        next(lines)
        ending = threading.Thread(target=site.end)
        ending.start()

        assert all(line[:4] in {"id: ", "even", "data"} for line in lines)
        ending.join()


def test_nobody_else_hears_it(site: Site, admin: Browser) -> None:
    add_account(site.pool, "beta")

    answers = [site.nobody().get(HERE), admin.get("/a/beta/live"), admin.get("/a/nothing/live"), admin.post(HERE)]

    assert [answer.status_code for answer in answers] == [404, 404, 404, 404]
