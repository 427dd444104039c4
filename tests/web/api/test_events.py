"""Events of the key's account, and what came of each."""

from urllib.parse import quote

import orjson
import pytest

from tests.support.crm import add_account, delivery, event, person
from tests.web.api.conftest import Api
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.store.history import event_page, notification_facts
from worker.web.api import events

LOOKED_THROUGH = 3


def test_events_are_listed_with_what_came_of_each(api: Api, intake: Intake) -> None:
    add_account(intake.pool, "beta")
    planned, other = event("order.created"), event("order.created", account="beta")
    nobody = event("order.created", recipients=[person("staff")])
    for body in (planned, other, nobody):
        accept(intake, [delivery(body)])

    items = api.read("/events")["items"]

    assert [(item["id"], item["type"], item["outcome"]["code"]) for item in items] == [
        (nobody["id"], "order.created", "no_recipient"),
        (planned["id"], "order.created", "planned"),
    ]
    assert items[0]["outcome"]["en"] == "The event names nobody of a kind that its triggers write to."
    assert [item["id"] for item in api.read("/events", outcome="planned")["items"]] == [planned["id"]]
    assert api.read("/events", type="invoice.overdue")["items"] == []
    assert api.read("/events", until="2020-01-01T00:00:00Z") == {"items": [], "next": None}


def pages_of(api: Api, **asked: str | int) -> list[list[str]]:
    pages, cursor = list[list[str]](), dict[str, str]()
    while True:
        page = api.read("/events", **asked, **cursor)
        pages.append([item["id"] for item in page["items"]])
        if page["next"] is None:
            return pages
        cursor = {"cursor": page["next"]}


def test_pages_of_events_are_full_whatever_others_send(
    api: Api, intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_page, "LOOKED_THROUGH", LOOKED_THROUGH)
    add_account(intake.pool, "beta")
    bodies = [event("order.created", account=account) for account in ("acme", *["beta"] * 7, "acme", "acme")]
    for body in bodies:
        accept(intake, [delivery(body)])

    assert pages_of(api, limit=1) == [[bodies[9]["id"]], [bodies[8]["id"]], [bodies[0]["id"]]]


def test_pages_of_few_events_go_on_until_all_were_looked_through(
    api: Api, intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_page, "LOOKED_THROUGH", LOOKED_THROUGH)
    bodies = [event("order.created"), *[event("order.created", recipients=[person("staff")]) for _ in range(7)]]
    for body in bodies:
        accept(intake, [delivery(body)])

    assert pages_of(api, limit=1, outcome="planned") == [[], [], [bodies[0]["id"]]]


def test_wrong_filters_of_events_are_named_with_the_fix(api: Api) -> None:
    wrong = {"type": "order.create", "outcome": "sent", "cursor": "x", "since": "2026-11-02T00:00:00Z"}

    errors = api.get("/events", **wrong, until="2026-11-01T00:00:00Z").json()["errors"]

    assert {error["field"]: error["problem"].partition(",")[0] for error in errors} == {
        "type": "order.create is none: did you mean order.created?",
        "outcome": "sent is none: use planned",
        "until": "is not after since: nothing lies between them",
        "cursor": "is none of ours: begin without one",
    }


@pytest.mark.parametrize("id_", ["simple", "order/77/created", "а b?c#d%e", "..", "x//y/"])
def test_an_event_is_told_with_its_texts_whatever_its_id(api: Api, intake: Intake, id_: str) -> None:
    accept(intake, [delivery({**event("order.created"), "id": id_})])

    story = api.read(f"/events/{quote(id_, safe='').replace('.', '%2E')}")

    assert (story["id"], story["accepted"]["outcome"]["code"]) == (id_, "planned")
    assert [text["event"]["id"] for text in story["notifications"]] == [id_]
    assert story["notifications"][0]["phone"] == "+38067***4567"
    assert [moment["code"] for moment in story["timeline"]][:3] == ["event.received", "event.trigger", "event.planned"]


def test_an_events_story_is_of_the_texts_that_it_lists(
    api: Api, intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notification_facts, "SHOWN_MAX", 2)
    monkeypatch.setattr(events, "SHOWN_MAX", 2)
    people = [{**person("order", phone=f"+38067123456{nth}"), "id": str(nth)} for nth in range(4)]
    accept(intake, [delivery(body := event("order.created", recipients=people))])

    story = api.read(f"/events/{body['id']}")

    listed = [text["recipient"]["id"] for text in story["notifications"]]
    addressed = [each["en"] for each in story["timeline"] if each["code"] == "text.addressed"]
    assert len(listed) == 2
    assert [f" {id_} (" in said for id_, said in zip(reversed(listed), addressed, strict=True)] == [True, True]


def test_a_refused_event_is_told_with_its_reason_and_what_to_do(api: Api, intake: Intake) -> None:
    body = {**event("order.created"), "time": "yesterday"}
    accept(intake, [delivery(body)])

    story = api.read(f"/events/{body['id']}")

    assert (story["accepted"], story["notifications"]) == (None, [])
    assert [moment["code"] for moment in story["timeline"]] == ["dead_letter.schema"]
    assert "time: must be a string such as" in story["timeline"][0]["en"]
    assert story["remedies"][0]["uk"].startswith("Виправте її")


def test_an_event_of_another_account_or_of_nobody_is_none(api: Api, intake: Intake) -> None:
    add_account(intake.pool, "beta")
    theirs = event("order.created", account="beta")
    nobodys = {**event("order.created"), "source": 7}
    accept(intake, [delivery(theirs), delivery(orjson.dumps(nobodys), key="nobody.order.created")])

    answers = [api.get(f"/events/{id_}") for id_ in (theirs["id"], nobodys["id"], "never")]

    assert {(each.status_code, each.text) for each in answers} == {(404, answers[0].text)}
    assert api.read(f"/events/{theirs['id']}", key="beta")["accepted"]["id"] == theirs["id"]


def test_phones_of_an_events_texts_are_whole_for_who_may_see_them(api: Api, intake: Intake) -> None:
    accept(intake, [delivery(body := event("order.created"))])

    story = api.read(f"/events/{body['id']}", key="acme-phones", phones="true")

    assert story["notifications"][0]["phone"] == "+380671234567"
    assert api.get(f"/events/{body['id']}", phones="true").status_code == 403
