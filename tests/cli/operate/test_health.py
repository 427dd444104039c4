import os
import socket
import time
from collections.abc import Generator
from urllib.parse import urlsplit

import pytest
import structlog

from tests.cli.conftest import Command
from tests.support.pgbouncer import pgbouncer
from tests.support.simulated_provider import Provider
from worker.health.assessment import CheckFacts, Work
from worker.health.status import Health
from worker.settings.environment import Address
from worker.store.db.installation import installation_at
from worker.store.db.session import Session
from worker.store.db.temporary_database import scratch_database
from worker.web.probes import probed

FREE = Address("127.0.0.1", 0)


@pytest.fixture
def health() -> Health:
    return Health("worker")


@pytest.fixture
def door(health: Health) -> Generator[str]:
    with structlog.testing.capture_logs() as log_entries, probed(FREE, FREE, health):
        yield str(log_entries[0]["at"])


def test_a_ready_process_is_exit_code_0(bare: Command, health: Health, door: str) -> None:
    health.runs(Work)

    result = bare("health", "--url", door)

    who = f"pid {os.getpid()} on {socket.gethostname()}"
    assert (result.code, result.out, result.err) == (0, "", f"The worker at {door} ({who}) is ready.\n")


def test_a_process_that_is_not_ready_is_exit_code_1_with_a_reason(bare: Command, health: Health, door: str) -> None:
    health.runs(lambda: Work(checks=[CheckFacts("PostgreSQL", "read-only", time.monotonic())]))

    result = bare("health", "--url", door)

    assert result.code == 1
    assert result.err.endswith(" is not ready:\n- PostgreSQL: read-only\n")


def test_json_has_stable_keys(bare: Command, door: str) -> None:
    result = bare("health", "--url", door, "--json")

    assert (result.code, result.err) == (1, "")
    names = {"ok", "role", "version", "pid", "host", "installation", "database", "faults", "doubt"}
    assert result.json.keys() == names
    assert result.json["faults"] == ["starting"]


def test_a_process_of_our_database_is_shown_with_its_name(
    bare: Command, health: Health, door: str, database_url: str
) -> None:
    health.belongs_to(installation_at(database_url))
    health.runs(Work)

    result = bare("health", "--url", door, SMS_DATABASE_URL=database_url)

    name = f"{urlsplit(database_url).path.removeprefix('/')}.public"
    assert (result.code, f", database {name}) is ready." in result.err) == (0, True)
    assert database_url not in result.err


def test_another_installations_worker_is_doubted(
    bare: Command, health: Health, door: str, services: tuple[str, str], template_database: str, database_url: str
) -> None:
    with scratch_database(services[1], prefix="sms_test", template=template_database) as theirs:
        health.belongs_to(installation_at(theirs))
    health.runs(Work)

    result = bare("health", "--url", door, SMS_DATABASE_URL=database_url)
    json = bare("health", "--url", door, "--json", SMS_DATABASE_URL=database_url)
    away = bare("health", "--url", door, SMS_DATABASE_URL="postgresql://127.0.0.1:1/sms")

    assert (result.code, "It is another installation's" in result.err) == (1, True)
    assert (json.code, "ours is" in json.json["doubt"]) == (1, True)
    assert away.code == 0


def test_a_pooler_that_lets_us_wait_keeps_no_answer_back(
    bare: Command, health: Health, door: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.cli.operate.health.COMPARE_S", 0.2)
    health.belongs_to(installation_at(database_url))
    health.runs(Work)
    with (
        pgbouncer(database_url, pool_mode="session", default_pool_size=1, query_wait_timeout=0) as pooled,
        Session.connect(pooled),
    ):
        result = bare("health", "--url", door, SMS_DATABASE_URL=pooled)

    assert result.code == 0


def test_the_address_to_probe_comes_from_the_settings(bare: Command, health: Health, door: str) -> None:
    health.runs(Work)
    port = door.rpartition(":")[2]

    assert bare("health", SMS_LISTEN=f"127.0.0.1:{port}").code == 0
    assert bare("health", SMS_LISTEN=f"0.0.0.0:{port}").code == 0


@pytest.mark.parametrize(
    ("listen", "code", "text"),
    [
        ("off", 1, "SMS_LISTEN is off"),
        ("127.0.0.1:0", 2, "--url"),
        ("9464", 1, "SMS_LISTEN is not host:port"),
        ("127.0.0.1:1", 4, "Nothing answers at http://127.0.0.1:1"),
    ],
)
def test_an_address_that_cannot_be_probed_has_a_reason(bare: Command, listen: str, code: int, text: str) -> None:
    result = bare("health", SMS_LISTEN=listen)

    assert (result.code, text in result.err) == (code, True), result.err


def test_a_stranger_is_no_worker_of_ours(bare: Command, provider: Provider) -> None:
    result = bare("health", "--url", provider.url)

    assert (result.code, "no worker, scheduler or console" in result.err) == (4, True)
