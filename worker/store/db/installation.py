"""Which installation a database is, and whether its role, its schema and its search path let us do our work."""

from dataclasses import dataclass

import psycopg

from worker.store.db.postgres import Connection
from worker.store.db.session import SPEECH, Session

#: No two installations were made in the same microsecond; a copy under another name is another one.
IDENTITY = """
SELECT
    left(encode(sha256(convert_to(concat_ws('/', min(applied_at), current_database(), current_schema()), 'UTF8')), 'hex'), 12),
    concat_ws('.', current_database(), current_schema())
FROM schema_migrations
"""  # noqa: E501 (one expression)

#: What is ours has the owner of ours; somebody else's tables may lie in the same schema. Partitions are reached by way
#: of their table, whose rights count.
SITE = r"""
SELECT
    current_setting('server_version'), current_user::text, current_database()::text,
    current_schema()::text, n.nspname::text,
    pg_has_role(c.relowner, 'USAGE'),
    coalesce(has_function_privilege(to_regprocedure('keep_partitions(text, timestamptz)'), 'EXECUTE'), FALSE),
    ARRAY(
        SELECT t.relname::text FROM pg_class AS t
        WHERE
            t.relnamespace = c.relnamespace AND t.relowner = c.relowner AND t.relkind IN ('r', 'p')
            AND NOT t.relispartition
            AND NOT (
                has_table_privilege(t.oid, 'SELECT')
                AND (starts_with(t.relname::text, 'schema_') OR has_table_privilege(t.oid, 'INSERT'))
                AND (
                    starts_with(t.relname::text, 'schema_') OR t.relname = 'audit'
                    OR (has_table_privilege(t.oid, 'UPDATE') AND has_table_privilege(t.oid, 'DELETE'))
                )
            )
        ORDER BY t.relname
    ),
    ARRAY(
        SELECT o.nspname::text FROM pg_class AS w INNER JOIN pg_namespace AS o ON w.relnamespace = o.oid
        WHERE w.relname = 'write_checks' AND w.relkind = 'r' AND w.relnamespace <> c.relnamespace
        ORDER BY o.nspname
    ),
    CASE
        WHEN current_setting('synchronous_standby_names') = '' THEN (
            SELECT count(*) FROM pg_stat_replication
            WHERE coalesce(application_name, '') NOT IN ('pg_basebackup', 'pg_receivewal')
        )
        ELSE 0
    END
FROM pg_class AS c INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid
WHERE c.oid = to_regclass('schema_migrations')
"""


@dataclass(frozen=True, slots=True)
class Installation:
    """A migrated database; `id` distinguishes it from every other one."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Site:
    """Where the tables are, and what our role may do.

    Attributes:
        schema: where new tables go; None where the search path names none that exists.
        lies_in: the schema of our tables.
        is_owner: whether the role owns the tables, and may do with them what it likes.
        may_keep_partitions: whether the role can create partitions.
        closed: our tables that it may not read or write.
        others: schemas of the same database with another installation.
        unawaited: standbys that no commit waits for.
    """

    version: str
    role: str
    database: str
    schema: str | None
    lies_in: str
    is_owner: bool
    may_keep_partitions: bool
    closed: tuple[str, ...]
    others: tuple[str, ...]
    unawaited: int = 0


def installation_of(connection: Connection) -> Installation:
    row = connection.execute(IDENTITY).fetchone() or ("", "")
    return Installation(*row)


def installation_at(url: str) -> Installation | None:
    """The installation behind a URL; None where PostgreSQL does not answer."""
    try:
        with Session.connect(url, settings={**SPEECH, "statement_timeout": "3s"}) as connection:
            return installation_of(connection)
    except psycopg.Error:
        return None


def site(connection: Connection) -> Site | None:
    row = connection.execute(SITE).fetchone()
    if row is None:
        return None
    version, role, database, schema, lies_in, is_owner, may_keep_partitions, closed, others, unawaited = row
    closed, others = tuple(closed), tuple(others)
    return Site(version, role, database, schema, lies_in, is_owner, may_keep_partitions, closed, others, unawaited)
