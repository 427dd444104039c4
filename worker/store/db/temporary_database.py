"""A database for one run of a demo or a test, dropped afterwards; or a schema, where that is all we may make."""

import secrets
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from psycopg import sql

from worker.store.db import migrations, partitions
from worker.store.db.postgres import clock, query_row
from worker.store.db.session import SPEECH, Session

MAY = """
SELECT
    current_user::text, current_database()::text, rolsuper OR rolcreatedb, rolsuper OR rolcreaterole,
    has_database_privilege(current_database(), 'CREATE')
FROM pg_roles WHERE rolname = current_user
"""


class ScratchError(Exception):
    """The role may create neither a database nor a schema; the text says what it needs."""


def lacking(server: str) -> str | None:
    """What the role of this URL lacks for the tests, which create databases and roles; None where nothing."""
    with Session.connect(server, settings=SPEECH) as connection:
        role, _, makes_databases, makes_roles, _ = query_row(connection, MAY)
    if makes_databases and makes_roles:
        return None
    return f"the tests make databases and roles, which {role} may not: ALTER ROLE {role} CREATEDB CREATEROLE"


@contextmanager
def scratch_database(server: str, *, prefix: str, template: str = "template0") -> Generator[str]:
    """Create a database, yield its URL, and drop it whatever happens."""
    name = f"{prefix}_{secrets.token_hex(6)}"
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
    drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
    # A connection of its own each time: fault runs kill the server in between.
    with made(server, create, drop):
        yield urlsplit(server)._replace(path=f"/{name}").geturl()


@contextmanager
def scratch_schema(server: str, *, prefix: str) -> Generator[str]:
    name = f"{prefix}_{secrets.token_hex(6)}"
    create = sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name))
    drop = sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(name))
    with made(server, create, drop):
        yield with_search_path(server, name)


@contextmanager
def made(server: str, create: sql.Composed, drop: sql.Composed) -> Generator[None]:
    with Session.connect(server, settings=SPEECH, autocommit=True) as connection:
        connection.execute(create)
    try:
        yield
    finally:
        with Session.connect(server, settings=SPEECH, autocommit=True) as connection:
            connection.execute(drop)


def with_search_path(url: str, schema: str) -> str:
    parts = urlsplit(url)
    fields = dict(parse_qsl(parts.query))
    fields["options"] = f"{fields.get('options', '')} -csearch_path={schema}".strip()
    return parts._replace(query=urlencode(fields, quote_via=quote)).geturl()


def scratch(server: str, *, prefix: str) -> AbstractContextManager[str]:
    """A database of its own, or else a schema.

    Raises:
        ScratchError: the role may create neither.
    """
    with Session.connect(server, settings=SPEECH) as connection:
        role, database, makes_databases, _, makes_schemas = query_row(connection, MAY)
    if makes_databases:
        return scratch_database(server, prefix=prefix)
    if makes_schemas:
        return scratch_schema(server, prefix=prefix)
    raise ScratchError(
        f"The role {role} may make neither a database nor a schema in {database}: ALTER ROLE {role} CREATEDB, "
        f"or GRANT CREATE ON DATABASE {database} TO {role}."
    )


@contextmanager
def migrated_database(server: str, *, prefix: str) -> Generator[str]:
    """A scratch database with our tables.

    Raises:
        ScratchError: the role may create neither a database nor a schema.
    """
    with scratch(server, prefix=prefix) as url:
        with Session.connect(url, settings=SPEECH) as connection:
            migrations.migrate(connection)
            partitions.keep(connection, now=clock(connection))
        yield url
