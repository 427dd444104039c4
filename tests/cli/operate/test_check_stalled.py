"""`check` reports what is stalled, and exits with 1 then."""

import re
from collections.abc import Generator
from datetime import timedelta
from urllib.parse import urlsplit

import pika
import psycopg
import pytest
from psycopg import sql

from tests.cli.conftest import Command, Ran
from tests.steps.ledger import planned
from tests.support.crm import delivery, event, execute
from tests.support.databases import own_roles
from tests.support.simulated_provider import Provider
from worker.amqp.topology import OTHER_EVENTS
from worker.cli.operate.check_probes import Finding, consumers
from worker.core.sending.pause import ACCOUNT, Stop
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.store.db.postgres import Pool, clock, transaction
from worker.store.sending.pauses import pause


@pytest.fixture
def ready(shop: Command, amqp_url: str, provider: Provider) -> Command:
    return Command({**shop.environ, "SMS_AMQP_URL": amqp_url, "SMS_TURBOSMS_URL": provider.url})


def finding(result: Ran, what: str, state: str) -> str:
    return " | ".join(item["detail"] for item in result.json if (item["what"], item["state"]) == (what, state))


def test_an_account_that_waits_for_money(ready: Command, pool: Pool) -> None:
    with transaction(pool) as connection:
        pause(connection, "acme", Stop(ACCOUNT, "money", "send", 203), now=clock(connection))

    result = ready("check", "--json")

    assert result.code == 1
    assert "all texts: paused since" in finding(result, "account acme", "wrong")
    assert "TurboSMS wants money" in finding(result, "account acme", "wrong")
    assert "perfectum-sms account resume acme" in finding(result, "account acme", "wrong")


def test_an_account_whose_budget_is_spent(ready: Command, pool: Pool, intake: Intake) -> None:
    planned(intake, event("order.created"))
    execute(pool, "UPDATE notifications SET state = 'postponed', reason = 'budget_spent', due_at = now() + '1 h'")

    result = ready("check", "--json")

    assert (result.code, "1 text waits until" in finding(result, "account acme", "wrong")) == (1, True)


def test_a_crm_that_does_not_hear(ready: Command, pool: Pool) -> None:
    execute(
        pool,
        "INSERT INTO outcomes (account, type, at, facts)"
        " VALUES ('acme', 'account.paused', now() - interval '6 minutes', '{}')",
    )

    result = ready("check", "--json")

    assert (result.code, "has not heard for 6 min" in finding(result, "account acme", "wrong")) == (1, True)


def test_a_pause_of_every_account_by_hand(ready: Command) -> None:
    ready("pause", "--trigger", "contact_birthday")

    result = ready("check", "--json")

    assert result.code == 1
    assert "trigger contact_birthday: paused since" in finding(result, "every account", "wrong")
    assert "perfectum-sms resume --trigger contact_birthday" in finding(result, "every account", "wrong")


def test_texts_that_nothing_holds_and_nobody_sends(ready: Command, pool: Pool, intake: Intake) -> None:
    planned(intake, event("order.created"))
    execute(pool, "UPDATE transitions SET at = now() - interval '6 minutes'")

    result = ready("check", "--json")

    assert (result.code, "texts wait for 6 min" in finding(result, "lane urgent", "wrong")) == (1, True)


def test_dead_letters_are_a_note(ready: Command, intake: Intake) -> None:
    accept(intake, [delivery(b"{")])

    result = ready("check", "--json")

    assert (result.code, "waiting for a person: 1," in finding(result, "dead letters", "note")) == (0, True)


def test_due_rows_without_a_scheduler_are_wrong_with_a_fix(ready: Command, pool: Pool, intake: Intake) -> None:
    planned(intake, event("order.created"))
    execute(pool, "UPDATE notifications SET due_at = now() - %s::interval", timedelta(minutes=5))

    result = ready("check", "--json")

    assert (result.code, "start perfectum-sms scheduler" in finding(result, "schedulers", "wrong")) == (1, True)


def test_events_that_nobody_consumes(ready: Command) -> None:
    assert ready("check", "--json").code == 0  # declares the queues
    with pika.BlockingConnection(pika.URLParameters(ready.environ["SMS_AMQP_URL"])) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.basic_publish("", OTHER_EVENTS, b"{}")

    result = ready("check", "--json")

    assert (result.code, finding(result, "workers", "wrong")) == (
        1,
        "nobody consumes crm.events (1): start perfectum-sms worker",
    )


def test_queues_are_judged_by_what_lies_there_and_who_consumes() -> None:
    assert consumers({"a": (5, 1), "b": (0, 2)}).state == "ok"
    assert consumers({"a": (5, 1), "b": (0, 0)}) == Finding("workers", "note", "nobody consumes b; nothing lies there")
    assert consumers({"a": (0, 0), "b": (0, 0)}).detail == "none runs; nothing waits for one"
    assert consumers({"a": (5, 0), "b": (0, 0)}).state == "wrong"


def test_the_money_behind_a_token_is_shown(ready: Command) -> None:
    assert "UAH left" in finding(ready("check", "--json"), "token of acme", "ok")


def test_a_variable_of_another_program_is_a_note(ready: Command) -> None:
    result = ready("check", "--json", SMS_GATEWAY="x", SMS_CONSOLE_SERVICE_HOST="10.0.0.5")

    assert result.code == 0
    assert [item["what"] for item in result.json if "ignored" in item["detail"]] == ["SMS_GATEWAY"]


def test_the_database_is_shown_with_schema_and_role(ready: Command, database_url: str) -> None:
    text = finding(ready("check", "--json"), "PostgreSQL", "ok")

    assert f"database {urlsplit(database_url).path[1:]} in UTF8, schema public, role " in text


@pytest.fixture
def role(database_url: str) -> Generator[str]:
    """The URL for somebody who may look at our tables, and no more."""
    name = urlsplit(database_url).path[1:] + "_role"
    with psycopg.connect(database_url, autocommit=True) as connection:
        made = sql.Identifier(name)
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'hunter2'").format(made))
        connection.execute(sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {}").format(made))
        address = urlsplit(database_url).netloc.rpartition("@")[2]
        yield urlsplit(database_url)._replace(netloc=f"{name}:hunter2@{address}").geturl()
        connection.execute(sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(made))
        connection.execute(sql.SQL("DROP ROLE {}").format(made))


def test_a_role_without_rights(ready: Command, role: str) -> None:
    result = ready("check", "--json", SMS_DATABASE_URL=role)

    assert result.code == 1
    assert re.search(r"may not read and write (\w+, )*accounts, .* more: ", finding(result, "PostgreSQL", "wrong"))
    assert not re.search(r"_20\d\d_", finding(result, "PostgreSQL", "wrong"))
    assert "perfectum-sms migrate --grants" in finding(result, "PostgreSQL", "wrong")
    assert "cannot make the partitions" in finding(result, "PostgreSQL", "note")


@pytest.mark.parametrize(
    ("path", "text"), [("nowhere", "run perfectum-sms migrate"), ("other,public", "would go to other")]
)
def test_a_search_path_that_leads_elsewhere(
    ready: Command, database_url: str, pool: Pool, path: str, text: str
) -> None:
    execute(pool, "CREATE SCHEMA other")

    result = ready("check", "--json", SMS_DATABASE_URL=f"{database_url}?options=-csearch_path%3D{path}")

    assert (result.code, text in finding(result, "PostgreSQL", "wrong")) == (1, True)


def test_one_role_that_serves_all_is_said_and_no_fault(ready: Command, database_url: str, pool: Pool) -> None:  # noqa: ARG001
    alone = ready("check", "--json")
    with own_roles(database_url) as urls:
        apart = ready("check", "--json", SMS_DATABASE_URL=urls.worker)

    assert (alone.code, apart.code) == (0, 0)
    assert "perfectum-sms migrate --grants" in finding(alone, "PostgreSQL", "note")
    assert [item["state"] for item in apart.json if item["what"] == "PostgreSQL"] == ["ok"]
