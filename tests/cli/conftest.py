import json
import os
from collections.abc import Generator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from tests.support.crm import SALT, SECRET, TOKEN, Json
from tests.support.logging_state import logging_as_before
from worker.cli import app
from worker.core.accounts.settings import AccountSettings
from worker.core.triggers.catalogue import TRIGGERS
from worker.steps.ingest.plan import Intake
from worker.store.accounts.accounts import add
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.sealed_places import token_of
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool, transaction

NOWHERE = "amqp://guest:guest@127.0.0.1:1/"
NO_PROVIDER = "http://127.0.0.1:1"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Command:
    """`perfectum-sms` in an environment."""

    environ: dict[str, str]

    def __call__(self, *args: str, given: str | bytes | None = None, **environ: str) -> Ran:
        result = CliRunner().invoke(app, args, input=given, env={**self.environ, **environ})
        return Ran(result.exit_code, result.stdout, result.stderr)


def outcomes(results: list[Json]) -> list[str]:
    return [result["outcome"] for result in results]


@pytest.fixture(scope="package", autouse=True)
def built_once() -> Generator[None]:
    """Typer's runner builds the whole tree of commands at every call, which takes longer than most commands."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.testing._get_command", cache(get_command))
        yield


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("SMS_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def bare(unset: None, logging_restored: None) -> Command:  # noqa: ARG001
    """The command where nothing is set."""
    return Command({"LC_ALL": "C.UTF-8"})


@pytest.fixture
def run(bare: Command, database_url: str) -> Command:
    """The command with a migrated database of its own, no RabbitMQ, and nobody where TurboSMS should be."""
    given = {"SMS_DATABASE_URL": database_url, "SMS_SECRET_KEY": SECRET, "SMS_AMQP_URL": NOWHERE}
    return Command({**bare.environ, **given, "SMS_TURBOSMS_URL": NO_PROVIDER})


@pytest.fixture
def shop(run: Command, acme_pool: Pool) -> Command:  # noqa: ARG001
    """The command where there is an account `acme`, as the CRM of the tests has it."""
    return run


@pytest.fixture
def acme(run: Command, pool: Pool) -> Command:
    """The command where there is an account `acme` with the defaults that `account add` gives it."""
    with transaction(pool) as connection:
        settings = AccountSettings(name="Акме", sms_sender="ACME")
        add(connection, "acme", Seal([SECRET]).close(TOKEN.encode(), token_of("acme")), settings, TRIGGERS)
    return run


@pytest.fixture
def intake(pool: Pool) -> Intake:
    return Intake(pool, ConfigurationCache(), SALT)


@pytest.fixture
def logging_restored() -> Generator[None]:
    with logging_as_before():
        yield
