"""Private instances of both servers in one temporary folder, started side by side."""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.services.errors import say
from deploy.services.interrupts import undisturbed
from deploy.services.postgresql import create_database, private_postgresql
from deploy.services.programs import Programs
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
        pair = _started(folder, programs, endings, durable=durable)
        say(f"{versions} in {folder} (ready in {time.monotonic() - began:.1f} s)")
        yield pair
    finally:
        if os.getpid() == owner:  # a forked child that unwinds must not end its parent's servers
            with undisturbed():
                endings.close()


def _started(folder: Path, programs: Programs, endings: ExitStack, *, durable: bool) -> Pair:
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
