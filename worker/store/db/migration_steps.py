"""Runs a file of sql/ one statement a transaction: it never holds one table while it waits for another.

Whoever needs a table queues behind a lock that is waited for. So no wait is longer than LOCK_WAIT, and between two of
them the others go on; a dump that reads everything for an hour delays the migration and nobody else. Who holds the lock
is named.
"""

import hashlib
import re
from collections.abc import Callable, Collection
from functools import partial
from itertools import pairwise

import psycopg
from psycopg.errors import DeadlockDetected, LockNotAvailable
from tenacity import RetryCallState, RetryError, Retrying, retry_if_exception_type, stop_after_delay
from tenacity.wait import wait_exponential_jitter

from worker.store.db.concurrent_indexes import build, index_of
from worker.store.db.postgres import Connection

OLDEST = """
SELECT c.relname, a.pid, coalesce(nullif(a.application_name, ''), a.usename, 'a session'), a.xact_start
FROM pg_locks AS l
INNER JOIN pg_class AS c ON l.relation = c.oid
INNER JOIN pg_database AS d ON l.database = d.oid
INNER JOIN pg_stat_activity AS a ON l.pid = a.pid
WHERE
    l.locktype = 'relation' AND l.granted AND l.pid <> pg_backend_pid()
    AND d.datname = current_database() AND c.relname = ANY(%(tables)s)
ORDER BY a.xact_start
LIMIT 1
"""
WORD = re.compile(r"\w+")


def holder(connection: Connection, tables: Collection[str]) -> str | None:
    row = connection.execute(OLDEST, {"tables": list(tables)}).fetchone()
    if row is None:
        return None
    table, pid, name, since = row
    began = f", in one transaction since {since:%H:%M:%S} UTC" if since else ""
    return f"{table} is in use by {name} (process {pid} of PostgreSQL{began})"


#: Longer than deadlock_timeout, after which PostgreSQL sends an autovacuum away.
LOCK_WAIT = "1200ms"
PATIENCE_S = 900.0
#: Between two waits.
PAUSE_S, PAUSE_MAX_S = 0.5, 8.0

CREATE = """
CREATE TABLE IF NOT EXISTS schema_steps (
    file text NOT NULL,
    step integer NOT NULL,
    checksum text NOT NULL,
    PRIMARY KEY (file, step)
)
"""
# A commit that a crash takes back takes the statement along; the last one, which waits for the disk, keeps all.
BRIEF = f"SET LOCAL lock_timeout = '{LOCK_WAIT}'; SET LOCAL synchronous_commit = off"
DONE = "SELECT checksum FROM schema_steps WHERE file = %(file)s ORDER BY step"
ADD = "INSERT INTO schema_steps (file, step, checksum) VALUES (%(file)s, %(step)s, %(checksum)s)"
CLEAR = "DELETE FROM schema_steps WHERE file = %(file)s"
REMEMBER = "INSERT INTO schema_migrations (file, checksum) VALUES (%(file)s, %(checksum)s)"

#: What a semicolon may be in without ending a statement, and one that ends it.
TOKEN = re.compile(
    r"""--[^\n]*|/\*.*?\*/|\b[eE]'(?:\\.|''|[^'\\])*'|'(?:''|[^'])*'|"[^"]*"|(?P<tag>\$\w*\$).*?(?P=tag)|;""", re.DOTALL
)
COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)

#: What a statement is guilty of by itself; whatever else happens is the server's.
REFUSED = (psycopg.ProgrammingError, psycopg.DataError, psycopg.IntegrityError, psycopg.NotSupportedError)

Report = Callable[[str], object]


class MigrationError(Exception):
    """Files and database disagree, or a file has to wait; the message names where and what to do."""


def run(connection: Connection, file: str, sql: bytes, *, report: Report) -> None:
    """Run what is left of a file, and remember it once it is whole; the connection commits by itself.

    Raises:
        MigrationError: the file was begun with other statements, PostgreSQL refused one, or a lock was not to be had
            for PATIENCE_S.
        psycopg.OperationalError: PostgreSQL is away, or its disk is full.
    """
    statements = split(sql.decode())
    begun = [row[0] for row in connection.execute(DONE, {"file": file})]
    if begun != [checksum(statement.encode()) for statement in statements][: len(begun)]:
        raise MigrationError(f"{file} was changed after its first {len(begun)} statements were run: restore it.")
    for step, statement in enumerate(statements[len(begun) :], len(begun)):
        act = partial(run_step, connection, file, step, statement)
        try:
            # The tables that it locks are among its words.
            patiently(act, connection, set(WORD.findall(statement)), file=file, report=report)
        except REFUSED as error:
            raise MigrationError(
                f"{file}, statement {step + 1} of {len(statements)}: PostgreSQL refused it: "
                f"{error.diag.message_primary} ({error.sqlstate}). Those before it are done and are not run again."
            ) from error
    patiently(partial(remember, connection, file, sql), connection, {"schema_migrations"}, file=file, report=report)


def split(sql: str) -> list[str]:
    ends = [token.end() for token in TOKEN.finditer(sql) if token[0] == ";"]
    pieces = [sql[begin:end].strip() for begin, end in pairwise([0, *ends, len(sql)])]
    return [piece for piece in pieces if COMMENT.sub("", piece).strip("; \n\t")]


def run_step(connection: Connection, file: str, step: int, statement: str) -> None:
    """Run one statement and note it, both or neither; an index that is built beside the work is whole before."""
    index = index_of(COMMENT.sub("", statement).strip())
    if index:
        build(connection, index)
    with connection.transaction():
        connection.execute(BRIEF)
        if not index:
            connection.execute(statement.encode())
        connection.execute(ADD, {"file": file, "step": step, "checksum": checksum(statement.encode())})


def remember(connection: Connection, file: str, sql: bytes) -> None:
    with connection.transaction():
        connection.execute(BRIEF)
        connection.execute("SET LOCAL synchronous_commit = on")
        connection.execute(REMEMBER, {"file": file, "checksum": checksum(sql)})
        connection.execute(CLEAR, {"file": file})


def patiently(act: Callable[[], None], connection: Connection, tables: set[str], *, file: str, report: Report) -> None:
    """Retry while somebody holds a table that is needed; report once who does."""
    notes: list[str] = []

    def before_sleep(_: RetryCallState) -> None:
        sentence = holder(connection, tables) or "somebody held what it needs"
        if sentence not in notes:
            notes.append(sentence)
            report(f"{file} waits: {sentence}. Trying again; nobody else waits for long.")

    attempts = Retrying(
        retry=retry_if_exception_type((LockNotAvailable, DeadlockDetected)),
        wait=wait_exponential_jitter(multiplier=PAUSE_S, max=PAUSE_MAX_S),
        stop=stop_after_delay(PATIENCE_S),
        before_sleep=before_sleep,
    )
    try:
        attempts(act)
    except RetryError as error:
        last = error.last_attempt.exception()
        text = "a deadlock (40P01)" if isinstance(last, DeadlockDetected) else "no lock within its time (55P03)"
        raise MigrationError(
            f"{file} met {text} for {PATIENCE_S / 60:g} minutes: {notes[-1]}. "
            "What it did stays done. Wait for that session or end it, then run perfectum-sms migrate again."
        ) from None


def checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
