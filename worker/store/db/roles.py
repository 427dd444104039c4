"""Three roles of PostgreSQL: the owner migrates, workers work, the console takes receipts. Only the owner rewrites."""

from dataclasses import dataclass

from psycopg.sql import SQL, Identifier, Literal

from worker.store.db.postgres import Connection

DATABASE = """
SELECT current_database()::text, n.nspname::text, pg_get_userbyid(c.relowner)::text
FROM pg_class AS c INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid
WHERE c.oid = to_regclass('schema_migrations')
"""

#: The console deletes what a person takes back, and never what happened.
GRANTS = """\
-- {owner} owns the tables, and alone runs perfectum-sms migrate. Workers, schedulers and commands connect as {worker},
-- the console as {web}: they can do all their work, and nothing that was noted in the audit can be changed by them.
-- Run it as a superuser, or as {owner} where that may create roles. To run it again does no harm.
BEGIN;
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {worker_name}) THEN CREATE ROLE {worker} LOGIN; END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {web_name}) THEN CREATE ROLE {web} LOGIN; END IF;
END $$;
GRANT CONNECT ON DATABASE {database} TO {worker}, {web};
GRANT USAGE ON SCHEMA {schema} TO {worker}, {web};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {worker};
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA {schema} TO {web};
GRANT DELETE ON {schema}.pauses, {schema}.suppressions, {schema}.templates TO {web};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {worker}, {web};
GRANT EXECUTE ON FUNCTION {schema}.keep_partitions(text, timestamptz) TO {worker};
GRANT EXECUTE ON FUNCTION {schema}.drop_month(text, date) TO {worker};
GRANT EXECUTE ON FUNCTION {schema}.purge_audit(timestamptz, integer) TO {worker};
REVOKE UPDATE, DELETE ON {schema}.audit FROM {worker}, {web};
REVOKE INSERT, UPDATE, DELETE ON
    {schema}.schema_migrations, {schema}.schema_requires, {schema}.schema_steps FROM {worker}, {web};
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {schema}
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {worker};
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE ON TABLES TO {web};
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {schema} GRANT USAGE ON SEQUENCES TO {worker}, {web};
COMMIT;
-- Give them passwords in psql: \\password {worker}, \\password {web}
"""


@dataclass(frozen=True, slots=True)
class Database:
    """Where the tables are, and whose they are."""

    database: str
    schema: str
    owner: str


def database(connection: Connection) -> Database | None:
    """None where nothing was migrated."""
    row = connection.execute(DATABASE).fetchone()
    return None if row is None else Database(*row)


def grants(at: Database, *, worker: str, web: str) -> str:
    names = {"owner": at.owner, "schema": at.schema, "database": at.database, "worker": worker, "web": web}
    values = {name: Identifier(text) for name, text in names.items()}
    return SQL(GRANTS).format(**values, worker_name=Literal(worker), web_name=Literal(web)).as_string()
