from __future__ import annotations

import json
import logging
import os
import sys
import threading
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
import structlog
from typer.testing import CliRunner

from worker.cli import app
from worker.store.postgres import clock

SECRET_KEY = "a key that is long enough"
NOWHERE = "amqp://guest:guest@127.0.0.1:1/"


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


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("SMS_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def bare(unset: None, logging_as_before: None) -> Command:  # noqa: ARG001
    """The command where nothing is set."""
    return Command({})


@pytest.fixture
def run(bare: Command, database_url: str) -> Command:
    """The command with a migrated database of its own, and no RabbitMQ."""
    with psycopg.connect(database_url) as connection:
        database = connection.info
        url = f"postgresql://{database.user}:{database.password}@{database.host}:{database.port}/{database.dbname}"
        clock(connection)
    return Command({**bare.environ, "SMS_DATABASE_URL": url, "SMS_SECRET_KEY": SECRET_KEY, "SMS_AMQP_URL": NOWHERE})


@pytest.fixture
def logging_as_before() -> Generator[None]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level, logging.raiseExceptions, sys.excepthook, threading.excepthook)
    yield
    root.handlers[:], level, logging.raiseExceptions, sys.excepthook, threading.excepthook = before
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
