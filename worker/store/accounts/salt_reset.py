"""A new salt: what can be keyed anew by the phones in it, and how much cannot."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from worker.core.lanes import LANES
from worker.store.db.postgres import NONE, Connection, as_rows, query_row
from worker.store.transitions import TO_SEND

#: A database role sees what its own sessions are; another's name is hidden from it, but not that they are there.
RUNNING = """
SELECT application_name, count(*)
FROM pg_stat_activity
WHERE
    datname = current_database() AND pid <> pg_backend_pid()
    AND application_name IN ('perfectum-sms worker', 'perfectum-sms scheduler', 'perfectum-sms console')
GROUP BY 1
ORDER BY 1
"""

#: Everything is counted, which takes its time; and until the commit nobody keys anything by the old salt.
PATIENT = "SET LOCAL statement_timeout = 0"
HOLD = "LOCK TABLE suppressions, notifications, viber_reach, contact_log IN SHARE ROW EXCLUSIVE MODE"

LOST = f"""
SELECT
    (SELECT count(*) FROM suppressions WHERE phone IS NULL),
    (SELECT count(*) FROM suppressions WHERE phone IS NOT NULL),
    (SELECT count(*) FROM viber_reach), (SELECT count(*) FROM notification_keys),
    (SELECT count(*) FROM pauses WHERE scope LIKE 'person/%%'), (SELECT count(DISTINCT recipient_key) FROM contact_log),
    (
        SELECT count(*) FROM notifications
        WHERE lane = ANY(%(lanes)s) AND state IN ({TO_SEND})
    )
"""

PHONES = "SELECT DISTINCT phone FROM suppressions WHERE phone IS NOT NULL"

REKEY_STOPPED = """
UPDATE suppressions AS s SET recipient_key = decode(r.key, 'hex')
FROM json_to_recordset(%(rows)s::json) AS r(phone text, key text)
WHERE s.phone = r.phone
"""

WAITING = f"""
SELECT month, id, account, trigger, dedupe_key, channel, recipient_key, phone
FROM notifications
WHERE lane = ANY(%(lanes)s) AND state IN ({TO_SEND})
"""

#: Their own keys too, for what waits must not be planned once more.
REKEY_WAITING = """
WITH renamed AS (
    SELECT
        r.month, r.id, decode(r.person, 'hex') AS person, decode(r.before, 'hex') AS before,
        decode(r.after, 'hex') AS after
    FROM json_to_recordset(%(rows)s::json) AS r(month date, id bigint, person text, before text, after text)
),
keyed AS (
    UPDATE notification_keys AS k SET key = renamed.after FROM renamed WHERE k.key = renamed.before
)
UPDATE notifications AS n SET recipient_key = renamed.person
FROM renamed
WHERE n.month = renamed.month AND n.id = renamed.id
"""

PURGE = (
    "DELETE FROM suppressions WHERE phone IS NULL",
    "DELETE FROM viber_reach",
    "DELETE FROM contact_log",
    "DELETE FROM pauses WHERE scope LIKE 'person/%%'",
)


@dataclass(frozen=True, slots=True)
class Lost:
    """Counts of what depends on the salt or the key.

    Attributes:
        stops_erased: entries of stop-lists without a phone; nobody can key them anew.
        unreached: phones that Viber is known not to reach.
        known_texts: texts whose repeats would no longer be recognised.
        person_stops: people paused for running away.
        persons: people whose limits and habits are counted anew.
    """

    stops_erased: int
    stops: int
    unreached: int
    known_texts: int
    person_stops: int
    persons: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Waiting:
    month: object
    id: int
    account: str
    trigger: str
    dedupe_key: str
    channel: str
    recipient_key: bytes
    phone: str


def running(connection: Connection) -> Mapping[str, int]:
    return dict(connection.execute(RUNNING).fetchall())


def lost(connection: Connection) -> Lost:
    return Lost(*query_row(connection, LOST, {"lanes": list(LANES)}))


def hold(connection: Connection) -> None:
    connection.execute(PATIENT)
    connection.execute(HOLD)


def stopped_phones(connection: Connection) -> list[str]:
    return [phone for (phone,) in connection.execute(PHONES)]


def rekey_stopped(connection: Connection, keys: Mapping[str, bytes]) -> None:
    rows = as_rows({"phone": phone, "key": key} for phone, key in keys.items())
    if rows != NONE:
        connection.execute(REKEY_STOPPED, {"rows": rows})


def waiting(connection: Connection) -> list[Waiting]:
    return [Waiting(*row) for row in connection.execute(WAITING, {"lanes": list(LANES)})]


def rekey_waiting(connection: Connection, rows: Iterable[Mapping[str, object]]) -> None:
    wanted = as_rows(rows)
    if wanted != NONE:
        connection.execute(REKEY_WAITING, {"rows": wanted})


def purge(connection: Connection) -> None:
    """Delete what only the old salt identifies."""
    for statement in PURGE:
        connection.execute(statement, {})
