"""RabbitMQ and PostgreSQL of a run: durable ones of its own, or, for a smoke test, those of the environment."""

import os
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass

import pika
import psycopg

from deploy.services.environment import given_urls
from deploy.services.local import private_servers
from deploy.services.programs import THIS_MACHINE, needed_programs
from deploy.services.server import Server
from worker.amqp.pika_internals import server_version


@dataclass(frozen=True, slots=True)
class Servers:
    """Both servers; `processes` holds them by name where they are ours."""

    amqp_url: str
    database_url: str
    processes: Mapping[str, Server]

    @property
    def pids(self) -> dict[str, int]:
        """Their main processes."""
        return {name: server.pid for name, server in self.processes.items()}

    def versions(self) -> dict[str, str]:
        """The versions that they report."""
        with closing(pika.BlockingConnection(pika.URLParameters(self.amqp_url))) as broker:
            rabbitmq = server_version(broker)
        with psycopg.connect(self.database_url) as connection:
            return {"rabbitmq": rabbitmq, "postgresql": connection.info.parameter_status("server_version") or ""}

    def watch_statements(self) -> None:
        """Let a PostgreSQL of ours count what each statement takes; it starts anew for that."""
        server = self.processes["postgresql"]
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
        server.stop()
        server.start()


@contextmanager
def servers(*, own: bool) -> Generator[Servers]:
    """Servers for a run; a smoke test takes those of the environment, if there are any."""
    given = None if own else given_urls(os.environ)
    if given:
        yield Servers(given.amqp_url, given.database_url, {})
        return
    with private_servers(needed_programs(THIS_MACHINE), durable=True) as pair:
        yield Servers(pair.amqp_url, pair.database_url, {"rabbitmq": pair.rabbitmq, "postgresql": pair.postgresql})
