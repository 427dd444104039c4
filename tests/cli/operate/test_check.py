import socket
from collections.abc import Generator

import psycopg
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from tests.cli.conftest import Command, Ran
from tests.support.crm import SALT, SECRET, TOKEN, add_account, delivery, event, rows
from tests.support.simulated_provider import Provider
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.db.postgres import Pool


@pytest.fixture
def ready(run: Command, amqp_url: str, provider: Provider) -> Command:
    return Command({**run.environ, "SMS_AMQP_URL": amqp_url, "SMS_TURBOSMS_URL": provider.url})


@pytest.fixture
def deaf_port() -> Generator[int]:
    """A port that nobody answers at."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def states(result: Ran) -> dict[str, str]:
    return {item["what"]: item["state"] for item in reversed(result.json)}


def test_a_complete_installation_is_exit_code_0(ready: Command, pool: Pool) -> None:
    add_account(pool)

    result = ready("check", "--json")

    assert result.code == 0, result.out
    assert states(result) == {
        "RabbitMQ": "ok",
        "workers": "note",
        "PostgreSQL": "ok",
        "SMS_SECRET_KEY": "ok",
        "schedulers": "note",
        "TurboSMS": "note",
        "token of acme": "ok",
    }


def test_a_check_changes_nothing_that_is_sealed(ready: Command, pool: Pool) -> None:
    ready("check")

    assert rows(pool, "SELECT name FROM secrets") == []


def test_a_wrong_key_is_named_with_every_token_it_does_not_open(ready: Command, pool: Pool) -> None:
    add_account(pool)

    result = ready("check", "--json", SMS_SECRET_KEY="a key of another world")

    assert result.code == 1
    assert states(result)["token of acme"] == "wrong"


def test_a_token_that_turbosms_refuses_is_wrong(ready: Command, pool: Pool) -> None:
    add_account(pool, token="hunter2-unknown")

    result = ready("check", "--json")

    assert (result.code, states(result)["token of acme"]) == (1, "wrong")
    assert "hunter2" not in result.out


def test_an_unreachable_server_is_exit_code_4_and_the_rest_is_tested(ready: Command, deaf_port: int) -> None:
    result = ready("check", "--json", SMS_AMQP_URL=f"amqp://user:hunter2@127.0.0.1:{deaf_port}/")

    assert result.code == 4
    assert (states(result)["RabbitMQ"], states(result)["PostgreSQL"]) == ("away", "ok")
    assert "hunter2" not in result.out + result.err


@pytest.mark.parametrize(
    ("name", "url", "what"),
    [
        ("SMS_DATABASE_URL", "postgresql://user:hunter2@127.0.0.1:{}/sms", "PostgreSQL"),
        ("SMS_TURBOSMS_URL", "http://user:hunter2@127.0.0.1:{}", "TurboSMS"),
    ],
)
def test_an_unreachable_dependency_is_named(ready: Command, deaf_port: int, name: str, url: str, what: str) -> None:
    result = ready("check", "--json", **{name: url.format(deaf_port)})

    assert (result.code, states(result)[what]) == (4, "away")
    assert "hunter2" not in result.out + result.err


def test_a_schema_that_is_not_migrated_is_wrong_with_a_fix(ready: Command, empty_database_url: str) -> None:
    result = ready("check", SMS_DATABASE_URL=empty_database_url)

    assert (result.code, "perfectum-sms migrate" in result.out) == (1, True)


def test_all_faults_of_the_settings_are_reported_at_once(bare: Command) -> None:
    result = bare("check", SMS_LOG_LEVL="INFO", SMS_SECRET_KEY="short")

    assert result.code == 1
    names = ("SMS_AMQP_URL", "SMS_DATABASE_URL", "SMS_SECRET_KEY", "SMS_LOG_LEVL")
    assert [name in result.err for name in names] == [True] * 4


def test_no_secret_is_ever_shown(ready: Command, pool: Pool) -> None:
    add_account(pool)

    result = ready("check")

    assert not any(secret in result.out + result.err for secret in (SECRET, TOKEN, ready.environ["SMS_AMQP_URL"]))


def test_a_queue_with_other_arguments_is_named(ready: Command, channel: BlockingChannel) -> None:
    channel.queue_declare("sms.bulk", durable=True)

    result = ready("check", "--json")

    [text] = [item["detail"] for item in result.json if item["what"] == "RabbitMQ"]
    assert (result.code, states(result)["RabbitMQ"]) == (1, "wrong")
    assert "PRECONDITION_FAILED" in text
    assert "queue 'sms.bulk'" in text


def test_unreadable_fields_of_events_are_noted_by_account(ready: Command, pool: Pool) -> None:
    add_account(pool)
    statuses = ["оплачено наполовину", "paid", 7]
    odd = [event("invoice.saved", invoice={"id": str(nth), "status": status}) for nth, status in enumerate(statuses)]
    birth = event("contact.saved", contact={"id": "1", "birthday": "1970-01-01", "locale": "марсіанська"})
    accept(Intake(pool, ConfigurationCache(), SALT), [delivery(item) for item in (*odd, birth)])

    result = ready("check", "--json")

    body = [item["detail"] for item in result.json if item["what"] == "events of acme"]
    assert result.code == 0
    assert [text.partition(",")[0] for text in body] == [
        "data.contact.birthday",
        "data.contact.locale",
        "data.invoice.status",
    ]
    assert [text in item for text, item in zip(["1970-01-01", "done without", "2 times"], body, strict=True)] == [
        True
    ] * 3


def test_an_asynchronous_standby_is_a_note(ready: Command, database_url: str) -> None:
    def notes() -> list[str]:
        body = [item["detail"] for item in ready("check", "--json").json if item["state"] == "note"]
        return [text for text in body if "synchronous_standby_names" in text]

    assert notes() == []
    with psycopg.connect(database_url, replication="database", autocommit=True):
        assert len(notes()) == 1
