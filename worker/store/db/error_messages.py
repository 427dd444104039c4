"""PostgreSQL's own words when it refused a session or a statement, and the fix."""

import re

import psycopg

from worker.language import _, marked
from worker.store.db.session import UnfitError

URL = "SMS_DATABASE_URL"
#: SQLSTATE classes whose sentences quote values, or the message of somebody's trigger.
PRIVATE = frozenset({"22", "23", "P0"})
LONGEST = 400

#: The fix by the message of libpq, PostgreSQL or PgBouncer; a message in another language gets the last one.
FIXES = (
    (r"password authentication failed|no password supplied", marked("Fix the user or the password in {variable}.")),
    (
        r'database "[^"]*" does not exist',
        marked("Make it: createdb --template=template0 --encoding=UTF8 NAME, or fix {variable}."),
    ),
    (r'role "[^"]*" does not exist', marked("Make the role: createuser NAME, or fix the user in {variable}.")),
    (r"pg_hba\.conf|not allowed to connect", marked("Let the server's pg_hba.conf admit this host and user.")),
    (r"permission denied for database", marked("GRANT CONNECT ON DATABASE … to the user.")),
    (r"unsupported startup parameter", marked("Write ignore_startup_parameters = options to pgbouncer.ini.")),
    (
        r"SSL|certificate|sslrootcert",
        marked("Fix sslmode, sslrootcert or the like in {variable}, or the server's certificate."),
    ),
    (r"too many (clients|connections)|connection slots", marked("Raise max_connections, or run fewer processes.")),
    (
        r"schema .* does not exist|no schema has been selected",
        marked("Make that schema, or fix the search_path in {variable}."),
    ),
    (r"starting up|shutting down|recovery mode", marked("Wait until it is up.")),
    (
        r"read-only transaction",
        marked("Let {variable} name the server that takes writes: target_session_attrs=read-write."),
    ),
    (r"No space left|disk full", marked("Make room on PostgreSQL's disk.")),
    (
        r"statement timeout|lock timeout",
        marked("Another session holds what it needs, see pg_stat_activity. Try again."),
    ),
    (
        r"permission denied",
        marked("GRANT that right to the user of {variable}; perfectum-sms check names all it lacks."),
    ),
)
#: For who is not let in at all.
OTHERWISE = marked("Start it, or fix {variable}.")


def describe(error: psycopg.Error) -> str:
    """PostgreSQL's own sentence in one line, where it quotes no value of a row."""
    if isinstance(error, UnfitError):
        return str(error)
    state = error.sqlstate
    name = type(error).__name__
    if state and state[:2] in PRIVATE:
        return f"{name} ({state})"
    text = (error.diag.message_primary or str(error)).partition("Multiple connection attempts failed")[0]
    text = re.sub(r"\s+", " ", text).removeprefix("connection failed: ").removeprefix("connection is bad: ").strip()
    return f"{text[:LONGEST] or name} ({state})" if state else text[:LONGEST] or name


def fix(error: psycopg.Error) -> str:
    if isinstance(error, UnfitError):
        return ""
    text = describe(error)
    otherwise = "" if error.sqlstate else OTHERWISE
    hint = next((hint for pattern, hint in FIXES if re.search(pattern, text)), otherwise)
    return _(hint, variable=URL)


def explain(error: psycopg.Error) -> str:
    return f"{describe(error).rstrip('.')}. {fix(error)}".strip()


def reason(error: BaseException) -> str:
    return describe(error) if isinstance(error, psycopg.Error) else type(error).__name__
