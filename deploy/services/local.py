"""Decides where RabbitMQ and PostgreSQL come from: the environment, Docker, or programs of this machine."""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from deploy.services.containers import containers, docker_answers
from deploy.services.environment import Urls, check_urls, given_urls
from deploy.services.errors import say
from deploy.services.interrupts import ending_on_signals, undisturbed
from deploy.services.postgresql import create_database, private_postgresql
from deploy.services.programs import THIS_MACHINE, Programs, needed_programs, programs_of
from deploy.services.rabbitmq import private_rabbitmq
from deploy.services.run_folder import new_folder, remove_folder, remove_leftovers
from deploy.services.server import Server


@dataclass(frozen=True, slots=True)
class Pair:
    """Both servers, ready, and their folder."""

    rabbitmq: Server
    postgresql: Server
    amqp_url: str
    database_url: str
    folder: Path


@contextmanager
def private_servers(programs: Programs, *, durable: bool) -> Generator[Pair]:
    """Both servers for as long as the context lasts; then they and their folder are gone.

    What earlier runs left when they were killed goes first.
    """
    remove_leftovers()
    owner, began = os.getpid(), time.monotonic()
    versions = f"private RabbitMQ {programs.rabbitmq.version} and PostgreSQL {programs.postgresql.version}"
    say(f"starting {versions} (up to 8 s)")
    endings = ExitStack()
    try:
        folder = new_folder(durable=durable)
        endings.callback(remove_folder, folder)
        pair = _start_pair(folder, programs, endings, durable=durable)
        say(f"{versions} in {folder} (ready in {time.monotonic() - began:.1f} s)")
        yield pair
    finally:
        if os.getpid() == owner:  # a forked child that unwinds must not end its parent's servers
            with undisturbed():
                endings.close()


def _start_pair(folder: Path, programs: Programs, endings: ExitStack, *, durable: bool) -> Pair:
    rabbitmq = private_rabbitmq(folder, programs.rabbitmq)
    endings.callback(rabbitmq.port_mapper.kill)
    endings.callback(rabbitmq.broker.kill)
    rabbitmq.port_mapper.start()
    rabbitmq.broker.begin()
    # RabbitMQ needs seconds of its own; PostgreSQL is ready long before it.
    postgresql = private_postgresql(folder, programs.postgresql, durable=durable)
    endings.callback(postgresql.server.kill)
    postgresql.server.start()
    create_database(postgresql)
    rabbitmq.broker.await_ready()
    return Pair(rabbitmq.broker, postgresql.server, rabbitmq.url, postgresql.url, folder)


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
