"""Alerts about an account: the last of each name, when it was raised, and what became of its SMS."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import orjson

from worker.core.spending.alert import SILENCE, AccountAlert
from worker.store.db.postgres import NONE, Connection, as_rows

#: Whoever comes second, in whatever process, finds the row there: it is no news then.
RING = """
INSERT INTO alerts AS known (account, name, subject, at, facts)
SELECT r.account, r.name, r.subject, %(now)s, r.facts
FROM json_to_recordset(%(alerts)s::json) AS r(account text, name text, subject text, facts jsonb)
ORDER BY r.account, r.name
ON CONFLICT (account, name) DO UPDATE
SET subject = excluded.subject, at = excluded.at, facts = excluded.facts, sms = NULL
WHERE known.subject <> excluded.subject AND known.at <= %(since)s
RETURNING account, name
"""

#: The last subject of each alert of an account `w`: read by each claim, so that no alert is raised again in vain.
LAST_SUBJECTS = "(SELECT json_object_agg(name, subject) FROM alerts WHERE account = w.account)"

#: Alerts whose SMS is not planned yet, each for one process; the account with its newest settings.
UNSENT = """
SELECT
    m.account, m.name, m.subject, m.facts, m.at, a.name, a.locale, a.zone, a.sms_sender, a.alert_phone,
    EXISTS (SELECT FROM pauses AS p WHERE p.account = m.account AND p.scope = 'account')
FROM alerts AS m
INNER JOIN accounts AS a ON m.account = a.id
WHERE m.sms IS NULL
ORDER BY m.at
LIMIT 100
FOR UPDATE OF m SKIP LOCKED
"""

SAVE_SMS_OUTCOME = "UPDATE alerts SET sms = %(sms)s WHERE account = %(account)s AND name = %(name)s"


@dataclass(frozen=True, slots=True)
class UnsentAlert:
    """An alert whose SMS is not decided yet.

    Attributes:
        phone: in E.164; None is nobody.
        is_paused: whether the account cannot send anything, for want of money, token or sender.
    """

    alert: AccountAlert
    at: datetime
    account_name: str
    locale: str
    zone: str
    sender: str
    phone: str | None
    is_paused: bool


def ring(connection: Connection, alerts: Iterable[AccountAlert], *, now: datetime) -> set[tuple[str, str]]:
    rows = as_rows(map(columns, alerts))
    if rows == NONE:
        return set()
    values = {"alerts": rows, "now": now, "since": now - SILENCE}
    return {(account, name) for account, name in connection.execute(RING, values)}


def columns(alert: AccountAlert) -> dict[str, object]:
    facts = orjson.loads(orjson.dumps(dict(alert.facts), default=str))
    return {"account": alert.account, "name": alert.name, "subject": alert.subject, "facts": facts}


def unsent_alerts(connection: Connection) -> list[UnsentAlert]:
    """Lock alerts whose SMS is not decided yet."""
    return [UnsentAlert(AccountAlert(*row[:4]), *row[4:]) for row in connection.execute(UNSENT).fetchall()]


def save_sms_outcome(connection: Connection, alert: AccountAlert, sms: str) -> None:
    connection.execute(SAVE_SMS_OUTCOME, {"account": alert.account, "name": alert.name, "sms": sms})
