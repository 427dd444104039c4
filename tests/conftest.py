import gc
import os
import signal
from collections.abc import Generator
from pathlib import Path
from urllib.parse import urlsplit

import hypothesis
import pika
import psycopg
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from deploy.services import local_services
from tests.support.broker import at_virtual_host, delete_everything, refuse_a_broker_in_use, turn_at
from tests.support.crm import add_account
from tests.support.databases import Databases, Reused
from tests.support.leaks import leaks, secret_in
from tests.support.simulated_provider import Provider, simulated_provider
from tests.support.tcp_proxy import Door, door
from tests.support.tries import tries
from worker.store.db.postgres import Pool
from worker.store.db.temporary_database import migrated_database, scratch_database

pytest_plugins = ["tests.support.suite_progress"]

hypothesis.settings.register_profile(
    "noisy machine",
    deadline=None,
    max_examples=tries(),
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("noisy machine")


# A shell that starts the suite in the background leaves SIGINT ignored, and nohup SIGHUP: every child would inherit it.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

#: Or statistics would come after a minute, and a test of plans would pass only where it is quicker.
NOT_BY_ITSELF = """
DO $$
DECLARE name text;
BEGIN
    FOR name IN SELECT format('%I', relname) FROM pg_class
                WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = off)', name);
    END LOOP;
END $$
"""
LEAKED_BY_TESTS: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    text = "the virtual host of RabbitMQ to test at; without one of that name, that of SMS_AMQP_URL, in turns"
    parser.addoption("--virtual-host", help=text)


def pytest_collection_finish() -> None:
    """What was imported and collected lives to the end: the collector has nothing to look for in it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """What the code under test logs in this process is searched as well; test_logs is about what may not pass."""
    if report.nodeid.startswith("tests/logs/test_logs.py"):
        return
    for name, text in report.sections:
        if "log" in name and (leaked := secret_in(text)):
            LEAKED_BY_TESTS.append(f"{report.nodeid}: {leaked}")


@pytest.fixture(scope="session")
def services() -> Generator[tuple[str, str]]:
    with local_services(for_tests=True) as result:
        yield result.amqp_url, result.database_url


@pytest.fixture(scope="session")
def broker_url(services: tuple[str, str], request: pytest.FixtureRequest) -> Generator[str]:
    """The virtual host of this session; who uses it takes a turn at it, and finds it empty."""
    name: str | None = request.config.getoption("virtual_host")
    url = at_virtual_host(services[0], name) if name else services[0]
    with turn_at(url):
        refuse_a_broker_in_use(url)
    yield url
    with turn_at(url):
        delete_everything(url)


@pytest.fixture(scope="session")
def template_database(services: tuple[str, str]) -> Generator[str]:
    with migrated_database(services[1], prefix="sms_test_template") as url:
        with psycopg.connect(url) as connection:
            connection.execute(NOT_BY_ITSELF)
        yield urlsplit(url).path.removeprefix("/")


@pytest.fixture
def empty_database_url(services: tuple[str, str]) -> Generator[str]:
    with scratch_database(services[1], prefix="sms_test") as url:
        yield url


@pytest.fixture(scope="session")
def databases(services: tuple[str, str], template_database: str) -> Generator[Databases]:
    result = Databases(services[1], template_database, prepare=add_account)
    yield result
    result.close()


@pytest.fixture
def database(databases: Databases, request: pytest.FixtureRequest) -> Generator[Reused]:
    with databases.lent(prepared="acme_pool" in request.fixturenames) as database:
        yield database


@pytest.fixture
def database_url(database: Reused) -> str:
    return database.url


@pytest.fixture
def pool(database: Reused) -> Pool:
    return database.pool()


@pytest.fixture
def acme_pool(pool: Pool) -> Pool:
    """The pool of a database that has had the account `acme` from the beginning."""
    return pool


@pytest.fixture(scope="session")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Generator[Path]:
    """Where every process of the suite writes; at the end nothing in it may be personal or secret."""
    folder = tmp_path_factory.mktemp("outputs")
    yield folder
    assert list(leaks(folder)) == []
    assert LEAKED_BY_TESTS == []


@pytest.fixture
def provider() -> Generator[Provider]:
    with simulated_provider() as result:
        yield result


@pytest.fixture
def amqp_url(broker_url: str) -> Generator[str]:
    with turn_at(broker_url):
        delete_everything(broker_url)
        yield broker_url


@pytest.fixture
def channel(amqp_url: str) -> Generator[BlockingChannel]:
    connection = pika.BlockingConnection(pika.URLParameters(amqp_url))
    yield connection.channel()
    connection.close()


@pytest.fixture
def rabbitmq(amqp_url: str) -> Generator[Door]:
    """A way to RabbitMQ that a test can cut."""
    with door(amqp_url) as result:
        result.open()
        yield result
