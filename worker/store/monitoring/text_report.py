"""What became of the texts that were planned in a span of days."""

from collections.abc import Iterator
from datetime import date, timedelta

from worker.core.monitoring.text_report import Counted
from worker.store.db.postgres import Connection

#: Whole months are read, and within them the days of every zone; days are the account's, and others are left out of
#: the answer, as in the report of costs.
COUNTED = """
SELECT
    n.account, (n.created_at AT TIME ZONE a.zone)::date, n.trigger, n.channel, n.state, count(*), sum(n.segments)
FROM notifications AS n
INNER JOIN accounts AS a ON n.account = a.id
WHERE
    n.month >= date_trunc('month', %(from)s::date) AND n.month < %(until)s
    AND n.created_at >= %(from)s AND n.created_at < %(until)s
    AND (%(account)s::text IS NULL OR n.account = %(account)s)
GROUP BY 1, 2, 3, 4, 5
"""


def counted(connection: Connection, *, account: str | None, since: date, to: date) -> Iterator[Counted]:
    """Texts planned from `since` to `to`, of one account or of all."""
    widest = timedelta(days=1)
    values = {"account": account, "from": since - widest, "until": to + 2 * widest}
    for own, day, trigger, channel, state, texts, segments in connection.execute(COUNTED, values):
        if since <= day <= to:
            yield Counted(own, day, trigger, channel, state, texts, int(segments))
