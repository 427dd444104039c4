"""Connecting to PostgreSQL: every session is set as our SQL needs it, whatever server, role and URL set; checked."""

import json
import re
from collections.abc import Mapping
from typing import Any, Self

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow

from worker.language import _, marked

CONNECT_TIMEOUT_S = 3
ENCODING = "UTF8"
#: What every session needs, in PostgreSQL's own spelling. Rows travel as UTF-8; moments are UTC's, where an hour is an
#: hour: Python counts in the zone that PostgreSQL answers in.
SPEECH: Mapping[str, str] = {
    "client_encoding": ENCODING,
    "TimeZone": "UTC",
    "DateStyle": "ISO, MDY",
    "IntervalStyle": "postgres",
    "default_transaction_isolation": "read committed",
}
#: No statement of ours needs longer; a lock or a slow disk must not hold a batch for ever.
STATEMENT_S = 15
WORK: Mapping[str, str] = {
    **SPEECH,
    "statement_timeout": f"{STATEMENT_S}s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "30s",
    "jit": "off",
}
#: For pools, whose hot statements look few rows up by key in tables that are empty when a month begins: PostgreSQL,
#: which does not know their size yet, would read all of them, and plan a statement of many partitions for longer than
#: it takes. Set by session: a plan that was prepared in one transaction serves all later ones, whatever they set.
LOOKUPS: Mapping[str, str] = {
    **WORK,
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "plan_cache_mode": "force_generic_plan",
}
#: What a connection is opened with unless the URL says otherwise.
DEFAULTS: Mapping[str, int] = {
    "connect_timeout": CONNECT_TIMEOUT_S,
    "keepalives_idle": 20,
    "tcp_user_timeout": 20_000,
}

SET = "SELECT set_config(name, value, FALSE) FROM json_each_text(%(settings)s::json) AS wanted (name, value)"
#: Asked in a transaction of its own, which a pooler may have given another server.
HELD = """
SELECT
    current_setting('server_encoding'), current_database(),
    ARRAY(
        SELECT name FROM json_each_text(%(settings)s::json) AS wanted (name, value)
        WHERE current_setting(name) <> value
    )
"""
POOLER = marked(
    "A pooler hands each transaction to another server: let it pool sessions (pgbouncer.ini: pool_mode = session)."
)


class UnfitError(psycopg.OperationalError):
    """PostgreSQL answers, but not as our SQL needs it; the text says what to do."""


class Session(psycopg.Connection[TupleRow]):
    asked_at = 0.0

    @classmethod
    def connect(  # pyright: ignore[reportIncompatibleMethodOverride] what psycopg takes, and more
        cls,
        conninfo: str = "",
        *,
        settings: Mapping[str, str] = WORK,
        **given: Any,  # noqa: ANN401 (whatever psycopg takes)
    ) -> Self:
        """Connect, and insist on these settings; time-outs, `options` and the like in the URL prevail.

        Raises:
            UnfitError: the database's encoding cannot hold our texts, or the settings do not hold.
            psycopg.OperationalError: nobody answers, or not to us.
        """
        in_url = conninfo_to_dict(conninfo)
        opening: dict[str, Any] = {name: value for name, value in {**DEFAULTS, **given}.items() if name not in in_url}
        opening["client_encoding"] = ENCODING
        connection = super().connect(conninfo, **opening)
        try:
            prepare(connection, settings)
        except BaseException:
            connection.close()
            raise
        return connection


def prepare(connection: psycopg.Connection[TupleRow], settings: Mapping[str, str]) -> None:
    """Set a session up, and verify it.

    Raises:
        UnfitError: the settings do not hold, or the database cannot hold our texts.
    """
    path = search_path_in(connection.info.options)
    wanted = {"settings": json.dumps({**settings, **({"search_path": path} if path else {})})}
    usual, connection.autocommit = connection.autocommit, True
    connection.execute(SET, wanted)
    for encoding, database, lost in connection.execute(HELD, wanted):
        if lost:
            raise UnfitError(_("{settings}: set and lost again. {pooler}", settings=", ".join(lost), pooler=_(POOLER)))
        if encoding != ENCODING:
            raise UnfitError(
                _(
                    "the database {database} has the encoding {encoding}, which cannot hold every sign of a text. "
                    "Make one that can: createdb --template=template0 --encoding={wanted} NAME",
                    database=database,
                    encoding=encoding,
                    wanted=ENCODING,
                )
            )
    connection.autocommit = usual


def search_path_in(options: str) -> str | None:
    """The search path among the options of a connection, which a pooler may ignore; the last one counts.

    https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-OPTIONS
    """
    arguments = [re.sub(r"\\(.)", r"\1", text) for text in re.findall(r"(?:\\.|[^\s\\])+", options)]
    joined = re.finditer(r"(?:^|\0)(?:-c\0?|--)search[_-]path=([^\0]*)", "\0".join(arguments), re.IGNORECASE)
    return next((match[1] for match in reversed(list(joined))), None)
