import codecs
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from tests.cli.conftest import Command
from tests.support.crm import SALT, event
from worker.amqp.topology import EVENT_QUEUES
from worker.core.accounts.account import Account, Switch, Text
from worker.core.clock.quiet_hours import Window
from worker.core.contract.event import Event, read
from worker.core.planning.draft import drafts
from worker.core.triggers.catalogue import BY_EVENT, TRIGGERS, TYPES


def published(channel: BlockingChannel) -> list[tuple[str, bytes, Any]]:
    """Everything in the event queues: routing key, body, properties."""
    rows: list[tuple[str, bytes, Any]] = []
    for queue in EVENT_QUEUES:
        while True:
            method, properties, body = channel.basic_get(queue, auto_ack=True)
            if method is None or body is None:
                break
            rows.append((method.routing_key, body, properties))
    return rows


def everything_on() -> Account:
    switches = {
        trigger.id: Switch("sms", {locale: Text(1, 1, text) for locale, text in trigger.texts.items()})
        for trigger in TRIGGERS
    }
    return Account(id="demo", name="Demo", sms_sender="DemoShop", window=Window(0, 1440), switches=switches)


@pytest.mark.parametrize("name", list(TYPES))
def test_every_example_with_a_trigger_plans_a_notification(bare: Command, name: str) -> None:
    result = bare("event", "example", name)

    now = datetime.fromisoformat(result.json["time"])
    parsed = read(result.out.encode(), routing_key=f"demo.{name}", now=now)
    assert isinstance(parsed, Event)
    planned = [draft for draft in drafts(parsed, everything_on(), salt=SALT, now=now) if draft.state == "planned"]
    assert [(draft.phone, "{" in draft.text) for draft in planned] == [("+380671234567", False)] * len(
        BY_EVENT[name][:1]
    )


def test_two_examples_are_two_facts(bare: Command) -> None:
    first, second = (bare("event", "example", "order.created", "--account", "acme").json for _ in range(2))

    assert first["source"] == "/accounts/acme"
    assert first["id"] != second["id"]
    assert first["data"]["order"]["id"] != second["data"]["order"]["id"]


def test_an_example_can_be_published_as_it_is(run: Command, channel: BlockingChannel, amqp_url: str) -> None:
    example = run("event", "example", "order.created").out

    result = run("event", "publish", "-", given=example, SMS_AMQP_URL=amqp_url)

    assert result.code == 0, result.err
    [(key, body, properties)] = published(channel)
    assert (key, body) == ("demo.order.created", example.encode())
    assert (properties.delivery_mode, properties.content_type) == (2, "application/cloudevents+json")


def test_an_array_is_published_event_by_event(
    run: Command, channel: BlockingChannel, amqp_url: str, tmp_path: Path
) -> None:
    events = [event("invoice.overdue") for _ in range(3)]
    file = tmp_path / "events.json"
    file.write_bytes(orjson.dumps(events))

    result = run("event", "publish", str(file), "--json", SMS_AMQP_URL=amqp_url)

    assert result.code == 0, result.err
    assert [orjson.loads(body) for _, body, _ in published(channel)] == events
    assert [item["id"] for item in result.json] == [item["id"] for item in events]


def test_an_event_that_the_schema_refuses_is_refused_with_the_field(run: Command) -> None:
    wrong = event("invoice.overdue", invoice={"total": {"amount": "1,5", "currency": "UAH"}})

    result = run("event", "publish", "-", given=json.dumps(wrong))

    assert result.code == 1
    assert "data.invoice.total.amount" in result.err


def test_hints_are_shown_before_publishing_too(run: Command, channel: BlockingChannel, amqp_url: str) -> None:
    odd = event("order.created", order={"id": "1", "version": 1, "numbr": "5"})
    wrong = {**event("invoice.overdue", invoice={"id": "1", "duedate": "25.11.2026"}), "time": "now"}

    result = run("event", "publish", "-", given=json.dumps(odd), SMS_AMQP_URL=amqp_url)
    refused = run("event", "publish", "-", given=json.dumps([odd, wrong]), SMS_AMQP_URL=amqp_url)

    assert (result.code, refused.code, len(published(channel))) == (0, 1, 1)
    for item in (result, refused):
        assert "hint: data.order.numbr is kept, but nothing reads it; did you mean number?" in item.err
    assert "-[1]: error: time must be a string" in refused.err
    assert "data.invoice.duedate" in refused.err
    assert 'write it as "2026-11-25"' in refused.err


def test_a_byte_order_mark_is_named_with_the_fix(run: Command, tmp_path: Path) -> None:
    marked = tmp_path / "event.json"
    marked.write_bytes(codecs.BOM_UTF8 + b"{}")

    result = run("event", "validate", str(marked))

    assert (result.code, "without BOM" in result.err) == (2, True)


def test_one_refused_event_holds_back_the_others(run: Command, channel: BlockingChannel, amqp_url: str) -> None:
    right, wrong = event("order.created"), event("order.created", order={})

    result = run("event", "publish", "-", given=json.dumps([right, wrong]), SMS_AMQP_URL=amqp_url)
    run("event", "publish", "-", given=json.dumps(right), SMS_AMQP_URL=amqp_url)

    assert (result.code, "-[1]: schema: data.order.id" in result.err) == (1, True), result.err
    assert len(published(channel)) == 1


def test_force_publishes_what_would_be_refused(run: Command, channel: BlockingChannel, amqp_url: str) -> None:
    key = ("--routing-key", "acme.order.created")

    result = run("event", "publish", "-", "--force", *key, given=b"\xff{", SMS_AMQP_URL=amqp_url)

    assert result.code == 0, result.err
    assert [(name, body) for name, body, _ in published(channel)] == [("acme.order.created", b"\xff{")]


def test_another_accounts_event_is_refused_on_demand(run: Command) -> None:
    result = run("event", "publish", "-", "--account", "other", given=json.dumps(event("order.created")))

    assert (result.code, "other_account" in result.err) == (1, True)


def test_rabbitmq_away_is_exit_code_4_and_shows_no_password(run: Command) -> None:
    url = "amqp://user:hunter2@127.0.0.1:1/"

    result = run("event", "publish", "-", given=json.dumps(event("order.created")), SMS_AMQP_URL=url)

    assert result.code == 4
    assert "hunter2" not in result.out + result.err


@pytest.mark.parametrize(
    "args", [("example", "order.eaten"), ("publish", "/nowhere/at/all"), ("publish", "-", "--routing-key", "a.b")]
)
def test_wrong_usage_is_exit_code_2(run: Command, args: tuple[str, ...]) -> None:
    assert run("event", *args, given="{}").code == 2


def test_types_are_those_of_the_contract(bare: Command) -> None:
    assert {item["type"] for item in bare("event", "types", "--json").json} == set(TYPES)
