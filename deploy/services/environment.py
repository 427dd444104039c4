"""URLs that are set: complete, well-formed and answering, or an error that names the wrong one."""

import logging
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import pika
import psycopg

from deploy.services.errors import ServicesError
from worker.amqp import connection as amqp_connection
from worker.settings.database_url import insist_on_database
from worker.settings.environment import AMQP, DATABASE
from worker.store.db import error_messages, temporary_database
from worker.store.db.session import SPEECH, Session, UnfitError

PATIENCE = 5


@dataclass(frozen=True, slots=True)
class Services:
    """Where RabbitMQ and PostgreSQL answer; the URLs have passwords."""

    amqp_url: str
    database_url: str


def given_urls(environment: Mapping[str, str]) -> Services | None:
    """The URLs of the environment; None when neither is set. An empty value counts as not set.

    Raises ServicesError when only one of them is set.
    """
    amqp, database = environment.get(AMQP, ""), environment.get(DATABASE, "")
    if not amqp and not database:
        return None
    if amqp and database:
        return Services(amqp, database)
    present, missing = (AMQP, DATABASE) if amqp else (DATABASE, AMQP)
    raise ServicesError(f"{present} is set, {missing} is not. Set both, or neither to have services started for you.")


def check_urls(urls: Services, *, for_tests: bool = False) -> str:
    """Connect to both; the answer is where they are. `for_tests` asks for the rights that our tests need.

    Raises ServicesError when one is malformed, does not answer or lacks a right; never with a password in it.
    """
    broker = _location(AMQP, urls.amqp_url, ("amqp", "amqps"))
    database = _location(DATABASE, urls.database_url, ("postgresql", "postgres"))
    _check_amqp(urls.amqp_url, broker)
    _check_database(urls.database_url, database)
    if for_tests and (missing := temporary_database.lacking(urls.database_url)):
        raise ServicesError(f"{DATABASE}: {missing}. Or unset {AMQP} and {DATABASE}.")
    return f"RabbitMQ at {broker} and PostgreSQL at {database}, from the environment"


def _location(name: str, url: str, schemes: tuple[str, ...]) -> str:
    # Libraries quote what they cannot read, and an unescaped password reads as a host or a port.
    pattern = rf"(?:{'|'.join(schemes)})://(?:[^@/?#]*@)?(?P<location>[\w.:,\[\]-]*)(?:[/?][^@#]*)?"
    match = re.fullmatch(pattern, url)
    if match is None:
        raise ServicesError(
            f"{name} is not a URL of the form {schemes[0]}://user:password@host:port/name. "
            "Signs such as @ / ? # in the password must be percent-encoded.",
        )
    return match["location"] or "localhost"


def _check_amqp(url: str, address: str) -> None:
    try:
        parameters = amqp_connection.parameters(url, name="services", blocked_after_s=PATIENCE)
    except ValueError as error:
        raise ServicesError(f"{AMQP} {error}.") from None
    with _quiet("pika"):
        try:
            pika.BlockingConnection(parameters).close()
        except amqp_connection.CONNECTION_ERRORS as error:
            raise _silent(
                AMQP, "RabbitMQ", address, f"{amqp_connection.describe(error)}. {amqp_connection.fix(error)}"
            ) from None


def _check_database(url: str, address: str) -> None:
    try:
        insist_on_database(url)
        Session.connect(url, settings=SPEECH, application_name="services").close()
    except ValueError as error:
        raise ServicesError(f"{DATABASE} {error}.") from None
    except UnfitError as error:
        raise ServicesError(f"{DATABASE}: {error}.") from None
    except psycopg.Error as error:
        raise _silent(DATABASE, "PostgreSQL", address, error_messages.explain(error)) from None


def _silent(name: str, server: str, address: str, reason: str) -> ServicesError:
    return ServicesError(f"{name}: {server} at {address} does not let us in: {reason} Or unset {name}.")


@contextmanager
def _quiet(logger_name: str) -> Generator[None]:
    """Silence a library that logs each failed connection with its parameters."""
    logger = logging.getLogger(logger_name)
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)
