"""Sessions of processes that froze in the middle of a transaction, with locks that others need.

PostgreSQL ends a session that is idle in a transaction, but not every one: whoever leaves a pipeline flushes once more
after its last Sync, and that disarms `idle_in_transaction_session_timeout` (15.18, psycopg 3.3). One that waits for the
rest of a message, or for somebody to take its answer, is at work for PostgreSQL, and `statement_timeout` counts for
nothing until the message is whole.
"""

from datetime import timedelta

from worker.store.db.postgres import Connection, query_row

#: Those who only look, or are asked by a person, keep nothing from others.
END = """
WITH frozen AS (
    SELECT pid FROM pg_stat_activity
    WHERE
        datname = current_database() AND usename = current_user AND wait_event_type = 'Client'
        AND application_name IN ('perfectum-sms worker', 'perfectum-sms scheduler', 'perfectum-sms console')
        AND xact_start < clock_timestamp() - %(patience)s::interval
        AND (state = 'active' OR state_change < clock_timestamp() - %(patience)s::interval)
)
SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM frozen
"""


def end_frozen(connection: Connection, patience: timedelta) -> int:
    """Terminate sessions that wait for their process for longer, and count them; it finds them closed."""
    return query_row(connection, END, {"patience": patience})[0]
