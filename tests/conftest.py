from __future__ import annotations

import os
import secrets
from collections.abc import Generator

import hypothesis
import pika
import psycopg
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from psycopg.conninfo import make_conninfo

from deploy.services import local_services
from tests.amqp import delete_everything, refuse_a_broker_in_use
from worker.store.migrations import migrate
from worker.store.partitions import keep
from worker.store.postgres import Pool, clock, open_pool

hypothesis.settings.register_profile("noisy machine", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("noisy machine")

TEMPLATE = f"sms_test_template_{os.getpid()}"


@pytest.fixture(scope="session")
def services() -> Generator[tuple[str, str]]:
    with local_services() as found:
        refuse_a_broker_in_use(found.amqp_url)
        yield found.amqp_url, found.database_url


@pytest.fixture(scope="session")
def template_database(services: tuple[str, str]) -> Generator[str]:
    server = services[1]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {TEMPLATE}")  # pyright: ignore[reportArgumentType, reportCallIssue] a name of ours
    with psycopg.connect(make_conninfo(server, dbname=TEMPLATE)) as connection:
        migrate(connection)
        keep(connection, now=clock(connection))
    yield server
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {TEMPLATE} WITH (FORCE)")  # pyright: ignore[reportArgumentType, reportCallIssue] a name of ours


@pytest.fixture
def empty_database_url(services: tuple[str, str]) -> Generator[str]:
    yield from scratch(services[1], "template0")


@pytest.fixture
def database_url(template_database: str) -> Generator[str]:
    yield from scratch(template_database, TEMPLATE)


def scratch(server: str, template: str) -> Generator[str]:
    name = f"sms_test_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")  # pyright: ignore[reportArgumentType, reportCallIssue] names of ours
    yield make_conninfo(server, dbname=name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # pyright: ignore[reportArgumentType, reportCallIssue] a name of ours


@pytest.fixture
def pool(database_url: str) -> Generator[Pool]:
    with open_pool(database_url, size=8, name="test") as pool:
        yield pool


@pytest.fixture
def amqp_url(services: tuple[str, str]) -> Generator[str]:
    url = services[0]
    delete_everything(url)
    yield url
    delete_everything(url)


@pytest.fixture
def channel(amqp_url: str) -> Generator[BlockingChannel]:
    connection = pika.BlockingConnection(pika.URLParameters(amqp_url))
    yield connection.channel()
    connection.close()
