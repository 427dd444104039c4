"""Decides where RabbitMQ and PostgreSQL come from: the environment, Docker, or programs of this machine."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from deploy.services.containers import containers, docker_answers
from deploy.services.environment import Urls, check_urls, given_urls
from deploy.services.errors import say
from deploy.services.interrupts import ending_on_signals
from deploy.services.private import Pair, private_servers
from deploy.services.programs import THIS_MACHINE, needed_programs, programs_of
from deploy.services.server import Server


@dataclass(frozen=True, slots=True)
class Services:
    """Where RabbitMQ and PostgreSQL answer; for private ones also their folder and the servers, to kill and restart."""

    amqp_url: str
    database_url: str
    way: Literal["environment", "docker", "private"]
    rabbitmq: Server | None = None
    postgresql: Server | None = None
    folder: Path | None = None


@contextmanager
def local_services(*, durable: bool = False, for_tests: bool = False, tree: Path | None = None) -> Generator[Services]:
    """RabbitMQ and PostgreSQL for as long as the context lasts; what was started for it is gone afterwards.

    SMS_AMQP_URL and SMS_DATABASE_URL win; then Docker, if a daemon answers; then private instances of the
    installed programs, which are installed first where that is possible. `durable` makes PostgreSQL wait for
    the disk (fsync), as it does in production. A database URL from the environment is used as it is; `for_tests` asks
    whether its role has the rights that our tests need.
    Where the files of another system are given, as a `tree`, it is the programs in it that are started.

    Raises ServicesError with the remedy when none of these ways is open.
    """
    urls = given_urls(os.environ) if tree is None else None
    if urls:
        say(check_urls(urls, for_tests=for_tests))
        yield Services(urls.amqp, urls.database, "environment")
        return
    with ending_on_signals(), _started(durable=durable, tree=tree) as started:
        yield _services(started)


def _started(*, durable: bool, tree: Path | None) -> AbstractContextManager[Urls | Pair]:
    if tree is not None:
        return private_servers(programs_of(tree), durable=durable)
    if docker_answers():
        return containers(durable=durable)
    return private_servers(needed_programs(THIS_MACHINE), durable=durable)


def _services(started: Urls | Pair) -> Services:
    match started:
        case Urls(amqp, database):
            return Services(amqp, database, "docker")
        case Pair(rabbitmq, postgresql):
            return Services(started.amqp_url, started.database_url, "private", rabbitmq, postgresql, started.folder)
