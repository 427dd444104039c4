"""A database for one run of a demo or a test, gone afterwards."""

from __future__ import annotations

import secrets
from collections.abc import Generator
from contextlib import contextmanager
from urllib.parse import urlsplit

from psycopg import sql

from worker.store import migrations, partitions
from worker.store.postgres import clock
from worker.store.session import SPEECH, Session


@contextmanager
def scratch_database(server: str, *, prefix: str, template: str = "template0") -> Generator[str]:
    """The URL of a new database on a server that lets us create one; it is dropped whatever happens."""
    name = f"{prefix}_{secrets.token_hex(6)}"
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
    drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
    # A connection of its own each time: fault runs kill the server in between.
    with Session.connect(server, settings=SPEECH, autocommit=True) as connection:
        connection.execute(create)
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        with Session.connect(server, settings=SPEECH, autocommit=True) as connection:
            connection.execute(drop)


@contextmanager
def migrated_database(server: str, *, prefix: str) -> Generator[str]:
    """The same with our schema in it."""
    with scratch_database(server, prefix=prefix) as url:
        with Session.connect(url, settings=SPEECH) as connection:
            migrations.migrate(connection)
            partitions.keep(connection, now=clock(connection))
        yield url
