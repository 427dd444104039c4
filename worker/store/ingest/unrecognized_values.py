"""Values in accounts' recent events that no rule recognised: a row for each field."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from worker.core.authoring.unrecognized_values import Misread
from worker.store.db.postgres import NONE, Connection, as_rows

COUNT = """
INSERT INTO unrecognized_values AS known (account, field, last_value, events, last_at)
SELECT r.account, r.field, r.last_value, r.events, %(now)s
FROM json_to_recordset(%(misreadings)s::json) AS r(account text, field text, last_value text, events bigint)
ORDER BY 1, 2
ON CONFLICT (account, field) DO UPDATE SET
    last_value = excluded.last_value, events = known.events + excluded.events, last_at = excluded.last_at
"""

RECENT = """
SELECT account, field, last_value, events
FROM unrecognized_values
WHERE last_at > now() - interval '168 hours'
ORDER BY account, field
LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class MisreadField:
    account: str
    field: str
    last_value: str
    events: int


def count(connection: Connection, misreadings: Iterable[tuple[str, Misread]], *, now: datetime) -> None:
    times, values = Counter[tuple[str, str]](), dict[tuple[str, str], str]()
    for account, misread in misreadings:
        times[account, misread.field] += 1
        values[account, misread.field] = misread.value
    rows = as_rows(
        {"account": account, "field": field, "last_value": values[account, field], "events": events}
        for (account, field), events in times.items()
    )
    if rows != NONE:
        connection.execute(COUNT, {"misreadings": rows, "now": now})


def recent(connection: Connection, *, limit: int) -> list[MisreadField]:
    return [MisreadField(*row) for row in connection.execute(RECENT, {"limit": limit})]
