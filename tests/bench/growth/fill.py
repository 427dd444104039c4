"""A ledger and a list of accounts of any size, written by PostgreSQL itself out of a few rows that ours left."""

from collections.abc import Callable, Iterator

import psycopg

from tests.support.crm import SECRET
from worker.store.accounts.sealed_places import token_of
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import as_rows

#: Rows that wait for something are what the measurement makes; of these nothing more is to come, and every account has
#: sent before.
FINISH = """
UPDATE notifications SET state = 'delivered' WHERE state IN ('accepted', 'sent');
UPDATE provider_messages SET ask_at = NULL;
UPDATE search_progress
SET (month, notification) = (SELECT month, id FROM notifications ORDER BY month DESC, id DESC LIMIT 1);
INSERT INTO rate_limits (account) SELECT id FROM accounts ON CONFLICT DO NOTHING
"""
TABLES = """
SELECT coalesce(pg_partition_root(relid), relid)::regclass::text FROM pg_stat_user_tables
GROUP BY 1 ORDER BY 1
"""
#: What the clock reads, and what belongs to accounts, grows by itself.
NOT_LEDGER = frozenset({"calendar", "timers", "occurrences", "accounts", "triggers", "templates", "template_versions"})
COLUMNS = """
SELECT a.attname::text, format_type(a.atttypid, NULL), coalesce(a.attnum = ANY(i.indkey), FALSE)
FROM pg_attribute AS a
LEFT JOIN pg_index AS i ON i.indrelid = a.attrelid AND i.indisprimary
WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
ORDER BY a.attnum
"""
#: Of a copy: hashes are hashed again, names of things get a number, moments lie minutes before; ids move down, for new
#: ones are the highest.
HASH = "CASE octet_length({c}) WHEN 16 THEN substring(sha256({c} || int8send(k)) FOR 16) ELSE substring({c} FOR 64) END"
ID = "{c} - k * 10000000"
NAME = "CASE length({c}) WHEN 32 THEN md5({c} || k) ELSE {c} || '-' || k END"
MOMENT = "{c} - k * interval '20 seconds'"
#: Parts of a key that say what kind of thing it is, or whose.
KEPT = frozenset({"account", "kind", "channel", "trigger", "moment", "lane", "field", "scope", "version", "name"})
COPY = """
INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE
SELECT {values} FROM seeds_of_{table}, generate_series(%s::bigint, %s::bigint) AS k
"""
COPIES = 200
TIME = "timestamp with time zone"
SOME = 0.5
ACCOUNTS = """
INSERT INTO accounts ({columns})
SELECT {values} FROM accounts, generate_series(%s::integer, %s::integer) AS n WHERE id = 'bench-0'
"""
#: It would count up the rules of an account with each of its triggers, and one row with each of these.
UNCOUNTED = "ALTER TABLE triggers DISABLE TRIGGER triggers_bump_rules_at_both_ends"
COUNTED = "ALTER TABLE triggers ENABLE TRIGGER triggers_bump_rules_at_both_ends"
TOKENS = """
UPDATE accounts AS a SET token = decode(r.token, 'hex')
FROM json_to_recordset(%s::json) AS r(id text, token text) WHERE a.id = r.id
"""
TRIGGERS = """
INSERT INTO triggers (account, trigger, switched_on, channel, settings)
SELECT a.id, t.trigger, t.switched_on, t.channel, t.settings
FROM triggers AS t CROSS JOIN accounts AS a WHERE t.account = 'bench-0'
ON CONFLICT DO NOTHING
"""
TEMPLATES = """
INSERT INTO templates (account, trigger, locale, missing, viber)
SELECT a.id, t.trigger, t.locale, t.missing, t.viber
FROM templates AS t CROSS JOIN accounts AS a WHERE t.account = 'bench-0'
ON CONFLICT DO NOTHING
"""
VERSIONS = """
INSERT INTO template_versions (template, version, text, author, created_at)
SELECT t.id, v.version, v.text, v.author, v.created_at
FROM template_versions AS v
INNER JOIN templates AS o ON o.id = v.template AND o.account = 'bench-0'
INNER JOIN templates AS t ON t.trigger = o.trigger AND t.locale = o.locale
ON CONFLICT DO NOTHING
"""


def add_accounts(url: str, first: int, count: int) -> None:
    """Accounts like the first, up to so many in all."""
    if count <= first:
        return
    with psycopg.connect(url) as connection:
        names = [name for name, _, _ in columns_of(connection, "accounts")]
        values = ["'bench-' || n" if name == "id" else f"accounts.{name}" for name in names]
        statement = ACCOUNTS.format(columns=", ".join(names), values=", ".join(values))
        connection.execute(statement.encode(), (first, count - 1))
        seal = Seal([SECRET])
        connection.execute(TOKENS, (as_rows(with_token(seal, number) for number in range(first, count)),))
        connection.execute(UNCOUNTED)
        for statement in (TRIGGERS, TEMPLATES, VERSIONS):
            connection.execute(statement)
        connection.execute(COUNTED)


def with_token(seal: Seal, number: int) -> dict[str, object]:
    """A token opens in the row that it was sealed for, and in no copy of it."""
    account = f"bench-{number}"
    return {"id": account, "token": seal.close(f"token-of-{account}".encode(), token_of(account)).hex()}


def multiply(url: str, notifications: int, echo: Callable[[str], None]) -> None:
    """Let the ledger hold so many notifications, each with all its rows, as long finished ones; then vacuum."""
    with psycopg.connect(url, autocommit=True) as connection:
        seeds = count_of(connection, "notifications")
        connection.execute("SET synchronous_commit = off")
        connection.execute(FINISH)
        times = notifications // seeds - 1
        for table in list(ledger_tables(connection, seeds)):
            statement = copies_of(connection, table)
            for first in range(1, times + 1, COPIES):
                connection.execute(statement, (first, min(first + COPIES - 1, times)))
            echo(f"growth: {table} has {count_of(connection, table)} rows")
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")


def ledger_tables(connection: psycopg.Connection[tuple[object, ...]], seeds: int) -> Iterator[str]:
    """Tables that get rows with every notification; what is counted by account, day or hour is none of them."""
    for row in connection.execute(TABLES).fetchall():
        table = str(row[0])
        keys = [(name, type_) for name, type_, is_key in columns_of(connection, table) if is_key]
        is_own = any(type_ != TIME and copied(name, type_, is_key=True) != f'"{name}"' for name, type_ in keys)
        if is_own and table not in NOT_LEDGER and count_of(connection, table) >= SOME * seeds:
            yield table


def copies_of(connection: psycopg.Connection[tuple[object, ...]], table: str) -> bytes:
    """The statement that copies the first rows of a table under numbers from and to."""
    connection.execute(f"CREATE TEMPORARY TABLE seeds_of_{table} AS SELECT * FROM {table}".encode())  # noqa: S608 (ours)
    columns = columns_of(connection, table)
    names = ", ".join(name for name, _, _ in columns)
    values = ", ".join(copied(name, type_, is_key=is_key) for name, type_, is_key in columns)
    return COPY.format(table=table, names=names, values=values).encode()


def copied(name: str, type_: str, *, is_key: bool) -> str:
    """What a column of a copy holds, as SQL."""
    column = f'"{name}"'
    is_name = is_key or name.endswith("_id") or name == "attempt"
    match type_:
        case "bytea":
            return HASH.format(c=column)
        case "bigint" if name not in KEPT and not name.endswith("version"):
            return ID.format(c=column)
        case "text" if is_name and name not in KEPT and not name.endswith("_kind"):
            return NAME.format(c=column)
        case "timestamp with time zone":
            return MOMENT.format(c=column)
        case _:
            return column


def columns_of(connection: psycopg.Connection[tuple[object, ...]], table: str) -> list[tuple[str, str, bool]]:
    """Name, type, and whether it is part of the primary key."""
    return [(str(name), str(type_), bool(is_key)) for name, type_, is_key in connection.execute(COLUMNS, (table,))]


def count_of(connection: psycopg.Connection[tuple[object, ...]], table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()  # noqa: S608 (a table of ours)
    assert row
    return int(str(row[0]))
