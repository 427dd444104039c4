"""People by the newest records of them."""

from __future__ import annotations

from collections.abc import Collection

from worker.core.reminders.newest_phone import Person, Who
from worker.store.db.postgres import Connection, as_rows

PEOPLE = """
SELECT r.account, r.kind, r.id, r.facts ->> 'phonenumber', r.deleted, r.changed_at
FROM json_to_recordset(%(people)s::json) AS p(account text, kind text, id text)
INNER JOIN records AS r ON p.account = r.account AND p.kind = r.kind AND p.id = r.id
"""


def known(connection: Connection, wanted: Collection[Who]) -> dict[Who, Person]:
    """What is known of these people; of whom nothing is known, nothing."""
    if not wanted:
        return {}
    rows = as_rows({"account": account, "kind": kind, "id": id_} for account, kind, id_ in wanted)
    return {(row[0], row[1], row[2]): Person(*row[3:]) for row in connection.execute(PEOPLE, {"people": rows})}
