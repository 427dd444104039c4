"""What was sent in a span of days and what it cost, by TurboSMS's reports of each channel."""

from collections.abc import Iterator
from datetime import date, timedelta

from worker.core.spending.cost_report import Taken
from worker.store.db.postgres import Connection, query_row
from worker.store.db.session import SPEECH

#: No hot path: whole months are read, for which joins by hash are quicker than a million look-ups.
SESSION = {
    **SPEECH,
    "statement_timeout": "5min",
    "lock_timeout": "5s",
    "default_transaction_read_only": "on",
    "work_mem": "128MB",
}

#: What was cancelled costs nothing, whatever was reported before: its money came back.
#: Days are the account's, and the span is wide enough for every zone: messages lie in the order of their moments, and
#: the index over their blocks leaves the rest unread. Days too many are left out of the answer and not asked for in the
#: statement, where PostgreSQL would take them for next to none, and look up message by message.
TAKEN = """
SELECT
    m.account, m.day, n.trigger, n.channel, count(*),
    coalesce(sum(CASE WHEN n.channel <> 'viber' THEN coalesce(m.segments, n.segments) END), 0),
    coalesce(sum(m.known), 0), count(m.known),
    coalesce(sum(CASE WHEN m.known IS NULL AND n.channel <> 'viber' THEN coalesce(m.segments, n.segments) END), 0)
FROM (
    SELECT
        p.account, p.month, p.notification, (p.accepted_at AT TIME ZONE a.zone)::date AS day, s.segments,
        CASE
            WHEN num_nonnulls(s.message_id, v.message_id) > num_nonnulls(s.price, v.price) THEN NULL
            WHEN num_nonnulls(s.price, v.price) > 0
                THEN
                    CASE WHEN s.status = 'cancelled' THEN 0 ELSE coalesce(s.price, 0) END
                    + CASE WHEN v.status = 'cancelled' THEN 0 ELSE coalesce(v.price, 0) END
        END AS known
    FROM provider_messages AS p
    INNER JOIN accounts AS a ON p.account = a.id
    LEFT JOIN channel_statuses AS s ON p.account = s.account AND p.message_id = s.message_id AND s.channel = 'sms'
    LEFT JOIN channel_statuses AS v ON p.account = v.account AND p.message_id = v.message_id AND v.channel = 'viber'
    WHERE
        p.accepted_at >= %(from)s AND p.accepted_at < %(until)s
        AND (%(account)s::text IS NULL OR p.account = %(account)s)
) AS m
INNER JOIN notifications AS n ON m.month = n.month AND m.notification = n.id
GROUP BY m.account, m.day, n.trigger, n.channel
"""


#: East of Greenwich the day begins sooner.
TODAY = """
SELECT coalesce(max((clock_timestamp() AT TIME ZONE zone)::date), clock_timestamp()::date) FROM accounts
WHERE %(account)s::text IS NULL OR id = %(account)s
"""


def today(connection: Connection, *, account: str | None) -> date:
    """Return an account's day, or the newest of all."""
    return query_row(connection, TODAY, {"account": account})[0]


def taken(connection: Connection, *, account: str | None, since: date, to: date) -> Iterator[Taken]:
    """What TurboSMS charged from `since` to `to`, of one account or of all."""
    widest = timedelta(days=1)
    values = {"account": account, "from": since - widest, "until": to + 2 * widest}
    for row in connection.execute(TAKEN, values):
        own, day, trigger, channel, messages, segments, known, known_messages, open_segments = row
        if since <= day <= to:
            yield Taken(own, day, trigger, channel, messages, int(segments), known, known_messages, int(open_segments))
