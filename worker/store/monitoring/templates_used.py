"""When custom templates were used last, and how many texts of them have gone lately."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from worker.core.sending.notification_states import WENT
from worker.store.db.postgres import Connection

#: So many of an account's newest texts are looked at: what was used before them was used long ago.
LOOKED_AT = 20_000

USES = """
WITH newest AS MATERIALIZED (
    SELECT template, state, created_at FROM notifications
    WHERE account = %(account)s
    ORDER BY month DESC, id DESC
    LIMIT %(looked_at)s
),

looked_at AS (
    SELECT CASE WHEN count(*) = %(looked_at)s AND min(created_at) > %(since)s THEN min(created_at) END AS since
    FROM newest
)

SELECT
    l.since,
    n.template,
    max(n.created_at),
    count(n.template) FILTER (WHERE n.state = ANY(%(went)s) AND n.created_at >= %(since)s)
FROM looked_at AS l
LEFT JOIN newest AS n ON n.template = ANY(%(templates)s)
GROUP BY l.since, n.template
"""


class Use(NamedTuple):
    """When a text of a template was last planned, and how many of its texts have gone since a moment."""

    last: datetime
    went: int


@dataclass(frozen=True, slots=True)
class Uses:
    """Uses by template; those that no text of lately is of are left out.

    Attributes:
        since: the first text that was looked at, where the account has had more since the moment that was asked for.
    """

    of: Mapping[int, Use]
    since: datetime | None


def uses_of(connection: Connection, account: str, templates: Sequence[int], *, since: datetime) -> Uses:
    if not templates:
        return Uses({}, None)
    values = {
        "account": account,
        "templates": list(templates),
        "looked_at": LOOKED_AT,
        "since": since,
        "went": list(WENT),
    }
    rows = connection.execute(USES, values).fetchall()
    return Uses({template: Use(last, went) for _since, template, last, went in rows if template}, rows[0][0])
