"""Sessions of processes that froze in the middle of a message, with locks that others need.

PostgreSQL ends a session that is idle in a transaction. One that waits for the rest of a message, or for somebody to
take its answer, is at work for it, and `statement_timeout` counts for nothing until the message is whole.
"""

from datetime import timedelta

from worker.store.db.postgres import Connection, query_row

#: Those who only look, or are asked by a person, keep nothing from others.
END = """
WITH frozen AS (
    SELECT pid FROM pg_stat_activity
    WHERE
        datname = current_database() AND usename = current_user AND state = 'active' AND wait_event_type = 'Client'
        AND application_name IN ('perfectum-sms worker', 'perfectum-sms scheduler', 'perfectum-sms console')
        AND xact_start < clock_timestamp() - %(patience)s::interval
)
SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM frozen
"""


def end_frozen(connection: Connection, patience: timedelta) -> int:
    """Terminate sessions whose transaction is older, and count them; their processes find them closed."""
    return query_row(connection, END, {"patience": patience})[0]
