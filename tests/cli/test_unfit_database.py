"""Every process and command refuses a PostgreSQL that is not as our SQL needs it, by name and at once."""

import signal
from collections.abc import Generator

import pytest

from tests.cli.conftest import Command
from tests.support.databases import encoded_database
from tests.support.pgbouncer import pgbouncer

EVERYBODY = pytest.mark.parametrize("command", ["worker", "scheduler", "console", "migrate", "history", "up"])


@pytest.fixture(autouse=True)
def signals_restored() -> Generator[None]:
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest.fixture(scope="module")
def by_transaction(services: tuple[str, str]) -> Generator[str]:
    with pgbouncer(services[1], pool_mode="transaction") as url:
        yield url


@pytest.fixture(scope="module")
def in_cyrillic(services: tuple[str, str]) -> Generator[str]:
    with encoded_database(services[1], "WIN1251") as url:
        yield url


@EVERYBODY
def test_a_pooler_of_transactions(run: Command, by_transaction: str, command: str) -> None:
    result = run(command, SMS_DATABASE_URL=by_transaction, SMS_LISTEN="off")

    assert (result.code, "pool_mode = session" in result.err) == (1, True), result.err


@EVERYBODY
def test_a_database_that_cannot_hold_every_text(run: Command, in_cyrillic: str, command: str) -> None:
    result = run(command, SMS_DATABASE_URL=in_cyrillic, SMS_LISTEN="off")

    assert (result.code, "has the encoding WIN1251" in result.err) == (1, True), result.err


def test_check_reports_a_transaction_pooler_and_a_wrong_encoding(
    run: Command, by_transaction: str, in_cyrillic: str
) -> None:
    pooled = run("check", SMS_DATABASE_URL=by_transaction, SMS_TURBOSMS_URL="http://127.0.0.1:1")
    cyrillic = run("check", SMS_DATABASE_URL=in_cyrillic, SMS_TURBOSMS_URL="http://127.0.0.1:1")

    assert "pool_mode = session" in " ".join(pooled.out.split())
    assert "has the encoding WIN1251" in " ".join(cyrillic.out.split())
