"""Each person's newest consent to advertising, with its proof."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import TupleRow

from worker.core.planning.consent import Statement, newest
from worker.core.planning.recipient_checks import Known
from worker.core.triggers.match import RecordRef
from worker.store.db.postgres import NEWER_WINS, Connection

#: The newest consent given stays known when it is withdrawn.
UPSERT = (
    """
INSERT INTO consents AS known (
    account, kind, id, given, version, changed_at, event_id, agreed_at, agreed_event_id
)
SELECT
    r.account, r.kind, r.id, r.given, r.version, r.changed_at, r.event_id,
    r.agreed_at, r.agreed_event_id
FROM json_to_recordset(%(consents)s::json) AS r(
    account text, kind text, id text, given boolean, version bigint, changed_at timestamptz, event_id text,
    agreed_at timestamptz, agreed_event_id text
)
ORDER BY 1, 2, 3
ON CONFLICT (account, kind, id) DO UPDATE SET
    given = excluded.given,
    version = excluded.version,
    changed_at = excluded.changed_at,
    event_id = excluded.event_id,
    agreed_at = coalesce(excluded.agreed_at, known.agreed_at),
    agreed_event_id = coalesce(excluded.agreed_event_id, known.agreed_event_id)
"""
    + NEWER_WINS
)

#: What is known of the people of `wanted` (account, person, by_viber, kind, id), as `known_of` reads it.
OF_PEOPLE = """
(
SELECT 'stopped', w.person, NULL::bigint, w.account, to_jsonb(s.scope)
FROM wanted AS w
INNER JOIN suppressions AS s ON w.account = s.account AND w.person = s.recipient_key
UNION ALL
SELECT 'unreached', w.person, NULL, w.account, to_jsonb(v.refused_at)
FROM wanted AS w
INNER JOIN viber_reach AS v ON w.account = v.account AND w.person = v.recipient_key
WHERE w.by_viber
UNION ALL
SELECT 'consent', NULL, NULL, w.account, to_jsonb(c)
FROM wanted AS w
INNER JOIN consents AS c ON w.account = c.account AND w.kind = c.kind AND w.id = c.id
WHERE w.id IS NOT NULL
)
"""

LIST = """
SELECT kind, id, given, version, changed_at, event_id, agreed_at, agreed_event_id
FROM consents
WHERE account = %(account)s AND (%(id)s::text IS NULL OR id = %(id)s)
ORDER BY changed_at DESC, kind, id
LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class ConsentSummary:
    """A person's consent; `given` is None where the person was deleted."""

    kind: str
    id: str
    given: bool | None
    version: int | None
    changed_at: datetime
    event_id: str
    agreed_at: datetime | None
    agreed_event_id: str | None


def kept(statements: Iterable[Statement]) -> Iterator[dict[str, object]]:
    every = list(statements)
    given = newest(statement for statement in every if statement.given)
    return (columns(statement, given.get(identity)) for identity, statement in newest(every).items())


def columns(statement: Statement, agreed: Statement | None) -> dict[str, object]:
    return {
        "account": statement.account,
        "kind": statement.person.record_kind,
        "id": statement.person.id,
        "given": statement.given,
        "version": statement.person.version,
        "changed_at": statement.person.changed_at,
        "event_id": statement.event_id,
        "agreed_at": agreed and agreed.person.changed_at,
        "agreed_event_id": agreed and agreed.event_id,
    }


def list_consents(
    connection: Connection, account: str, *, person: str | None = None, limit: int
) -> list[ConsentSummary]:
    return [
        ConsentSummary(*row) for row in connection.execute(LIST, {"account": account, "id": person, "limit": limit})
    ]


def known_of(rows: Iterable[TupleRow]) -> Known:
    known = Known()
    for what, key, _, account, about in rows:
        match what:
            case "stopped":
                known.stopped[account, key] = about
            case "unreached":
                known.unreached[account, key] = datetime.fromisoformat(about)
            case _:
                known.consents[account, about["kind"], about["id"]] = statement_of(about)
    return known


def statement_of(kept: Mapping[str, Any]) -> Statement:
    changed_at = datetime.fromisoformat(kept["changed_at"])
    person = RecordRef(kept["kind"], kept["id"], kept["version"], changed_at)
    return Statement(kept["account"], person, kept["given"], kept["event_id"])
