"""Roles of PostgreSQL: the owner migrates, workers work, the console serves, and its door takes callbacks alone."""

from dataclasses import dataclass

from psycopg.sql import SQL, Identifier, Literal

from worker.store.db.postgres import Connection

DATABASE = """
SELECT current_database()::text, n.nspname::text, pg_get_userbyid(c.relowner)::text
FROM pg_class AS c INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid
WHERE c.oid = to_regclass('schema_migrations')
"""

#: The console makes no key and gives none more to do; it notes that one was used.
#: It deletes what a person takes back, and never what happened: of whoever is let go on the day counts anew.
GRANTS = """\
-- {owner} owns the tables, and alone runs perfectum-sms migrate. Workers, schedulers and commands connect as {worker},
-- the console as {web}: they can do all their work, and nothing that was noted in the audit can be changed by them.
-- A console that takes callbacks alone connects as {door}, which reads no token, no text, no phone and no name.
-- Run it as a superuser, or as {owner} where that may create roles. To run it again does no harm.
BEGIN;
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {worker_name}) THEN CREATE ROLE {worker} LOGIN; END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {web_name}) THEN CREATE ROLE {web} LOGIN; END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {door_name}) THEN CREATE ROLE {door} LOGIN; END IF;
END $$;
GRANT CONNECT ON DATABASE {database} TO {worker}, {web}, {door};
GRANT USAGE ON SCHEMA {schema} TO {worker}, {web}, {door};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {worker};
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA {schema} TO {web};
GRANT DELETE ON {schema}.pauses, {schema}.suppressions, {schema}.templates, {schema}.contact_log TO {web};
GRANT DELETE ON {schema}.sessions, {schema}.users TO {web};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {worker}, {web};
GRANT EXECUTE ON FUNCTION {schema}.keep_partitions(text, timestamptz) TO {worker};
GRANT EXECUTE ON FUNCTION {schema}.drop_month(text, date) TO {worker};
GRANT EXECUTE ON FUNCTION {schema}.purge_audit(timestamptz, integer) TO {worker};
REVOKE UPDATE, DELETE ON {schema}.audit FROM {worker}, {web};
REVOKE INSERT, UPDATE ON {schema}.api_keys FROM {web};
GRANT UPDATE (last_used_at) ON {schema}.api_keys TO {web};
REVOKE INSERT, UPDATE, DELETE ON
    {schema}.schema_migrations, {schema}.schema_requires, {schema}.schema_steps FROM {worker}, {web};
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {schema}
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {worker};
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE ON TABLES TO {web};
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {schema} GRANT USAGE ON SEQUENCES TO {worker}, {web};
-- Which account a callback is of, and its key, sealed.
GRANT SELECT (id, callback_secret) ON {schema}.accounts TO {door};
-- What becomes of the text that it reports on.
GRANT SELECT (
    month, id, account, state, reason, channel, lane, trigger, recipient_key, event_month, event, due_at, nudges, tries,
    attempt_month, attempt
) ON {schema}.notifications TO {door};
GRANT UPDATE (state, reason, due_at, nudges, tries, attempt_month, attempt) ON {schema}.notifications TO {door};
GRANT SELECT (month, id, event_id) ON {schema}.events TO {door};
GRANT SELECT, INSERT ON {schema}.transitions TO {door};
GRANT SELECT, UPDATE (ask_at) ON {schema}.provider_messages TO {door};
GRANT SELECT, INSERT, UPDATE ON {schema}.callbacks, {schema}.channel_statuses, {schema}.write_checks TO {door};
GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.viber_reach TO {door};
GRANT SELECT ON {schema}.configuration, {schema}.schema_migrations, {schema}.schema_requires TO {door};
GRANT USAGE ON SEQUENCE {schema}.transition_ids TO {door};
COMMIT;
-- Give them passwords in psql: \\password {worker}, \\password {web}, \\password {door}
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


def grants(at: Database, *, worker: str, web: str, door: str) -> str:
    roles = {"worker": worker, "web": web, "door": door}
    names = {"owner": at.owner, "schema": at.schema, "database": at.database, **roles}
    values = {name: Identifier(text) for name, text in names.items()}
    literals = {f"{role}_name": Literal(name) for role, name in roles.items()}
    return SQL(GRANTS).format(**values, **literals).as_string()
