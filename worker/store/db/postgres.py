"""The way to PostgreSQL: the pool, rows as one JSON parameter, and whose fault an error is."""

import select
import struct
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter
from typing import Any, LiteralString, TypeVar

import orjson
import psycopg
from psycopg import sql
from psycopg.adapt import Dumper
from psycopg.pq import Format, TransactionStatus
from psycopg.rows import TupleRow
from psycopg.types.json import set_json_loads
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout
from tenacity import Retrying, retry_if_exception, stop_after_attempt

from worker.core.sending.nudge import NotificationId
from worker.store.db.session import LOOKUPS, STATEMENT_S, Session

T = TypeVar("T")
U = TypeVar("U")
Connection = psycopg.Connection[TupleRow]
Pool = ConnectionPool[Any]
#: The only row that answers the question which a transaction began with.
Asked = TupleRow

POOL_TIMEOUT_S = 5.0
#: A statement that a session executes a second time is prepared, for to plan it takes longer than to execute it.
PREPARED_AFTER = 1
#: A connection that was asked so lately is believed to live: asking costs as much as a small statement.
FRESH_S = 1.0
CONFLICTS = frozenset({"40001", "40P01"})
CONFLICT_TRIES = 5

NOW = "SELECT clock_timestamp()"
WRITES = "SELECT pg_current_xact_id_if_assigned() IS NOT NULL"
#: Of two states of a record: by the CRM's version where both have one, else by the event's time.
NEWER_WINS = """
WHERE
    CASE
        WHEN known.version IS NOT NULL AND excluded.version IS NOT NULL THEN excluded.version > known.version
        ELSE excluded.changed_at > known.changed_at
    END
"""
LOCK_PATIENCE = "SELECT set_config('lock_timeout', %(milliseconds)s, TRUE)"
PATIENCE = "SELECT set_config('idle_in_transaction_session_timeout', %(milliseconds)s, TRUE)"


BYTEA = psycopg.adapters.types["bytea"]
set_json_loads(orjson.loads)


class Rows(bytes):
    """Rows as one JSON parameter, which is UTF-8 already: psycopg sends it as it is."""


class Bodies(bytes):
    """An array of bytes in PostgreSQL's binary form: a text would be escaped here and read letter by letter there."""


class RowsDumper(Dumper):
    """https://www.psycopg.org/psycopg3/docs/advanced/adapt.html."""

    oid = psycopg.adapters.types["json"].oid

    def dump(self, obj: bytes) -> bytes:
        return obj


class BodiesDumper(RowsDumper):
    format = Format.BINARY
    oid = BYTEA.array_oid


psycopg.adapters.register_dumper(Rows, RowsDumper)
psycopg.adapters.register_dumper(Bodies, BodiesDumper)
#: What as_rows makes of no rows: nothing to execute.
NONE = Rows(b"[]")


def open_pool(url: str, *, size: int, name: str, idle_s: float = 600, settings: Mapping[str, str] = LOOKUPS) -> Pool:
    """Open a pool that connects lazily, checks connections, and closes those idle for `idle_s` but for the last."""
    return ConnectionPool(
        url,
        connection_class=Session,
        min_size=1,
        max_size=size,
        max_idle=idle_s,
        timeout=POOL_TIMEOUT_S,
        open=True,
        name=name,
        check=check,
        reconnect_timeout=2.0,
        kwargs={"application_name": name, "settings": settings, "prepare_threshold": PREPARED_AFTER},
    )


def check(connection: Session) -> None:
    """Check that a connection lives, unless it was asked a moment ago and has sent nothing since.

    Raises:
        psycopg.OperationalError: it does not.
    """
    now = time.monotonic()
    if now - connection.asked_at > FRESH_S or has_spoken(connection):
        ConnectionPool.check_connection(connection)
        connection.asked_at = now


def has_spoken(connection: Connection) -> bool:
    """Whether something came unasked, as the last words of a server that goes, and the end of its stream."""
    poller = select.poll()
    poller.register(connection.fileno(), select.POLLIN)
    return bool(poller.poll(0))


@contextmanager
def transaction(pool: Pool) -> Generator[Connection]:
    with pool.connection() as connection:
        try:
            with connection.transaction():
                yield connection
        except psycopg.errors.ReadOnlySqlTransaction:
            # Opened to a server that only read then: it reads for ever, even when new ones may write again.
            connection.close()
            raise


@contextmanager
def each_alone(pool: Pool) -> Generator[Connection]:
    """Make each statement its own transaction: one way to PostgreSQL and back, not three."""
    with pool.connection() as connection:
        connection.autocommit = True
        try:
            yield connection
        except psycopg.errors.ReadOnlySqlTransaction:
            # As in a transaction.
            connection.close()
            raise
        finally:
            if not connection.closed:
                connection.autocommit = False


def committed(pool: Pool, act: Callable[[Connection], T]) -> T:
    """Run `act` in one transaction, and again where that met another; `act` must do nothing else."""

    def once() -> T:
        with transaction(pool) as connection:
            return act(connection)

    return rerun(once)


def tried(pool: Pool, act: Callable[[Connection], T], *, keeps: Callable[[T], bool]) -> T:
    """Run `act` as `committed`, and keep what it did only where its outcome is to be kept."""

    def once() -> T:
        with pool.connection() as connection:
            outcome = act(connection)
            if not keeps(outcome):
                connection.rollback()
            return outcome

    return rerun(once)


def committed_after(pool: Pool, question: sql.Composable, act: Callable[[Asked, Connection], T]) -> T:
    """As `committed`, for a transaction that begins with a question whose only row `act` gets.

    Both go in one way to PostgreSQL and back, which a short transaction feels.
    """
    opening = sql.SQL("BEGIN; {}").format(question)

    def asked(connection: Connection) -> Asked:
        cursor = connection.execute(opening)
        cursor.nextset()
        return only(cursor)

    return rerun(partial(opened_by, pool, asked, act))


def committed_ahead(pool: Pool, ask: Callable[[Connection], U], act: Callable[[U, Connection], T]) -> T:
    """As `committed_after`, for questions that need no answers in between and are prepared; `act` reads the answers."""

    def asked(connection: Connection) -> U:
        with connection.pipeline():
            connection.execute("BEGIN")
            return ask(connection)

    return rerun(partial(opened_by, pool, asked, act))


def opened_by(pool: Pool, asked: Callable[[Connection], U], act: Callable[[U, Connection], T]) -> T:
    with each_alone(pool) as connection:
        try:
            answer = act(asked(connection), connection)
        except BaseException:
            if not connection.closed:
                connection.rollback()
            raise
        connection.commit()
        return answer


def rerun(once: Callable[[], T]) -> T:
    """Run a transaction; only one that met another pays for being tried again."""
    try:
        return once()
    except psycopg.Error as error:
        if not is_conflict(error):
            raise
    return again(once)


def clock(connection: Connection) -> datetime:
    """The database's time: the only clock."""
    return query_row(connection, NOW)[0]


def be_brief(connection: Connection, span: timedelta) -> None:
    """Let PostgreSQL end this transaction once it idles for so long: who is frozen keeps nothing from others."""
    connection.execute(PATIENCE, {"milliseconds": str(int(span.total_seconds() * 1000))})


def wait_briefly(connection: Connection, span: timedelta) -> None:
    """Let this transaction wait for each lock no longer than that; what is raised then `is_lock_held`."""
    connection.execute(LOCK_PATIENCE, {"milliseconds": str(int(span.total_seconds() * 1000))})


def is_writing(connection: Connection) -> bool:
    """Whether the end of the transaction that is open will change anything."""
    return connection.info.transaction_status == TransactionStatus.INTRANS and query_row(connection, WRITES)[0]


def query_row(
    connection: Connection, statement: LiteralString, parameters: Mapping[str, object] | None = None
) -> TupleRow:
    return only(connection.execute(statement, parameters))


def only(cursor: psycopg.Cursor[TupleRow]) -> TupleRow:
    row = cursor.fetchone()
    if row is None:
        raise LookupError("a query that always answers gave no row")
    return row


def as_rows(rows: Iterable[Mapping[str, Any]]) -> Rows:
    """Rows as one JSON parameter for json_to_recordset; bytes travel as hex."""
    return Rows(orjson.dumps(list(rows), default=bytes.hex))


def as_bodies(bodies: Iterable[bytes]) -> Bodies:
    """Bodies in the binary form of `bytea []`, for unnest beside their rows.

    It is what `array_recv` of PostgreSQL's arrayfuncs.c reads: how many dimensions, whether there are nulls, the type,
    the number and the first index of the elements; then each of them after its length.
    """
    elements = list(bodies)
    head = struct.pack("!5i", 1, 0, BYTEA.oid, len(elements), 1)
    return Bodies(head + b"".join(len(body).to_bytes(4, "big") + body for body in elements))


def columns_of(*same: str, **others: str) -> Callable[[Any], dict[str, Any]]:
    """Read attributes as columns: of their own names, or of others as `column="path.to.it"`.

    Not for what each event or text writes: a literal is read in half of the time.
    """
    names, read = (*same, *others), attrgetter(*same, *others.values())
    return lambda value: dict(zip(names, read(value), strict=True))


def is_conflict(error: BaseException) -> bool:
    """A serialisation failure or a deadlock: the same transaction may succeed at once."""
    return isinstance(error, psycopg.Error) and error.sqlstate in CONFLICTS


again = Retrying(retry=retry_if_exception(is_conflict), stop=stop_after_attempt(CONFLICT_TRIES - 1), reraise=True)


def is_over(error: BaseException) -> bool:
    """The pool is closed: this process ends."""
    return isinstance(error, PoolClosed)


def is_caused_by_input(error: BaseException) -> bool:
    """Whether the rows themselves cause the error (SQLSTATE classes 22 and 23, or a bug in the core).

    Every other error of PostgreSQL (away, full, read-only, locked, not migrated) is no event's fault.
    """
    if isinstance(error, psycopg.Error):
        return error.sqlstate[:2] in {"22", "23"} if error.sqlstate else isinstance(error, psycopg.DataError)
    return isinstance(error, Exception) and not isinstance(error, PoolTimeout | OSError | MemoryError)


def is_lock_held(error: BaseException) -> bool:
    """Whether somebody else kept a lock for longer than was waited for it."""
    return isinstance(error, psycopg.errors.LockNotAvailable)


def is_timeout(error: BaseException, *, took_s: float) -> bool:
    """Whether a statement or a transaction took longer than it may; one that somebody cancelled did not.

    PostgreSQL names which of both it was only in its message, in its own language: in a foreign one the time decides.
    """
    if isinstance(error, psycopg.errors.QueryCanceled):
        return "timeout" in (error.diag.message_primary or "") or took_s >= STATEMENT_S
    return isinstance(error, psycopg.errors.IdleInTransactionSessionTimeout)


def as_notification_ids(notification_ids: Iterable[NotificationId]) -> Rows:
    return as_rows({"month": month, "id": number} for month, number in notification_ids)
