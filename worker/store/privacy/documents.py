"""JSON of the CRM, in whichever table it lies: found by what is in it, and written again without a person."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from worker.store.db.postgres import Connection, as_rows
from worker.store.privacy.windows import Table, look_through


@dataclass(frozen=True, slots=True)
class Source:
    """A table that keeps JSON.

    Attributes:
        account: the column that names the account; a dead letter may lack it.
        kind: what the document itself is, where it is a record.
        document: the JSON as bytes.
        write: the statement that writes it again; %(content)s are its bytes.
    """

    table: Table
    document: LiteralString
    write: LiteralString
    account: LiteralString = "account"
    kind: LiteralString = "''"


EVENTS = Source(
    Table("events", ("month", "id"), ("date", "bigint")),
    "body",
    """
UPDATE events SET
    body = %(content)s,
    event_id = CASE WHEN %(plain)s <> '' AND event_id ~ %(plain)s THEN '' ELSE event_id END
WHERE month = %(key_0)s AND id = %(key_1)s AND body = %(before)s
""",
)
RECORDS = Source(
    Table("records", ("account", "kind", "id"), ("text", "text", "text")),
    "convert_to(facts::text, 'UTF8')",
    """
UPDATE records SET facts = convert_from(%(content)s, 'UTF8')::jsonb
WHERE
    account = %(key_0)s AND kind = %(key_1)s AND id = %(key_2)s
    AND facts = convert_from(%(before)s, 'UTF8')::jsonb
""",
    kind="kind",
)
#: Of a person's own entry, which is their birthday, nothing is left; its timers are computed anew: none.
CALENDAR = Source(
    Table("calendar", ("account", "record_kind", "record_id", "moment"), ("text", "text", "text", "text")),
    "convert_to(data::text, 'UTF8')",
    """
UPDATE calendar SET
    data = CASE WHEN %(is_own)s THEN '{}' ELSE convert_from(%(content)s, 'UTF8')::jsonb END,
    local_at = CASE WHEN %(is_own)s THEN NULL ELSE local_at END,
    cancelled = cancelled OR %(is_own)s,
    corrections = CASE WHEN %(is_own)s THEN '{}' ELSE corrections END,
    rules_version = -abs(rules_version)
WHERE
    account = %(key_0)s AND record_kind = %(key_1)s AND record_id = %(key_2)s AND moment = %(key_3)s
    AND data = convert_from(%(before)s, 'UTF8')::jsonb
""",
    kind="record_kind",
)
#: One that was leased may have been published, and may be published again: only the same bytes do nothing twice.
OCCURRENCES = Source(
    Table("occurrences", ("id",), ("bigint",)),
    "body",
    """
UPDATE occurrences SET
    body = %(content)s,
    state = CASE WHEN state = 'pending' AND %(is_alone)s THEN 'cancelled' ELSE state END,
    reason = CASE WHEN state = 'pending' AND %(is_alone)s THEN 'erased' ELSE reason END,
    settled_at = CASE WHEN state = 'pending' AND %(is_alone)s THEN %(now)s ELSE settled_at END
WHERE id = %(key_0)s AND body = %(before)s AND (state <> 'pending' OR leased_until = 'epoch')
""",
)
SOURCES = (EVENTS, RECORDS, CALENDAR, OCCURRENCES)


@dataclass(frozen=True, slots=True)
class Document:
    """Where a document lies, whose it is, what kind of record it is, and its bytes."""

    source: Source
    key: tuple[Any, ...]
    account: str
    kind: str
    content: bytes

    @property
    def record_id(self) -> str | None:
        """The id of the record that it is, if it is one."""
        return self.key[2] if self.source in (RECORDS, CALENDAR) else None


@dataclass(frozen=True, slots=True)
class Sought:
    """Documents of an account, or of all, whose bytes match the pattern or hold one of the needles."""

    account: str | None
    pattern: str
    needles: Sequence[bytes] = ()

    def values(self) -> Mapping[str, object]:
        return {"account": self.account, "pattern": self.pattern, "needles": list(self.needles)}


def holds(document: LiteralString) -> LiteralString:
    """The condition that bytes match the pattern or hold a needle."""
    return f"""
(
    (%(pattern)s::text <> '' AND encode({document}, 'escape') ~ %(pattern)s)
    OR EXISTS (SELECT FROM unnest(%(needles)s::bytea []) AS n(needle) WHERE position(n.needle IN {document}) > 0)
)
"""


def find(connection: Connection, source: Source, sought: Sought) -> Iterator[Document]:
    columns: LiteralString = f"{source.account}, {source.kind}, {source.document}, {source.table.columns}"
    condition: LiteralString = (
        f"(%(account)s::text IS NULL OR {source.account} = %(account)s) AND {holds(source.document)}"
    )
    for row in look_through(connection, source.table, columns, condition, sought.values()):
        yield Document(source, tuple(row[3:]), row[0], row[1], bytes(row[2]))


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A document's new bytes; `is_own`: it is the person's; `is_alone`: nobody else is a recipient of it."""

    document: Document
    content: bytes
    is_own: bool = False
    is_alone: bool = False


def write(connection: Connection, rewritten: Rewritten, *, plain: str, now: datetime) -> bool:
    """Write a document again, and no id that is the phone; False if somebody changed it meanwhile."""
    document = rewritten.document
    keys = {f"key_{nth}": value for nth, value in enumerate(document.key)}
    flags = {"is_own": rewritten.is_own, "is_alone": rewritten.is_alone, "plain": plain, "now": now}
    values = {**keys, **flags, "content": rewritten.content, "before": document.content}
    return connection.execute(document.source.write, values).rowcount == 1


OF_IDS: Mapping[LiteralString, LiteralString] = {
    "records": """
SELECT r.facts::text, r.account, r.kind, r.account, r.kind, r.id
FROM records AS r
INNER JOIN json_to_recordset(%(ids)s::json) AS p(account text, kind text, id text)
    ON r.account = p.account AND r.kind = p.kind AND r.id = p.id
""",
    "calendar": """
SELECT c.data::text, c.account, c.record_kind, c.account, c.record_kind, c.record_id, c.moment
FROM calendar AS c
INNER JOIN json_to_recordset(%(ids)s::json) AS p(account text, kind text, id text)
    ON c.account = p.account AND c.record_kind = p.kind AND c.record_id = p.id
""",
}


def of_ids(connection: Connection, ids: Collection[tuple[str, str, str]]) -> Iterator[Document]:
    """Yield these records, people among them, and their entries in the calendar: account, kind and id."""
    rows = as_rows({"account": account, "kind": kind, "id": id_} for account, kind, id_ in ids)
    for source in (RECORDS, CALENDAR):
        for row in connection.execute(OF_IDS[source.table.name], {"ids": rows}).fetchall():
            yield Document(source, tuple(row[3:]), row[1], row[2], row[0].encode())
