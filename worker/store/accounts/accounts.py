"""Accounts as admins keep them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from worker.core.accounts.settings import AccountSettings
from worker.store.accounts.account_settings import COLUMNS, VALUES, fields_of, values_of
from worker.store.db.postgres import Connection, as_rows, query_row
from worker.store.sending.pauses import lasts

if TYPE_CHECKING:
    from worker.core.triggers.trigger import Trigger

SEALED_TOKENS = "SELECT id, token FROM accounts ORDER BY id"

REPLACE = "UPDATE accounts SET token = %(token)s WHERE id = %(account)s"

ANY = "SELECT EXISTS (SELECT FROM accounts)"

ADD = f"""
INSERT INTO accounts (id, token, created_at, {COLUMNS})
VALUES (%(account)s, %(token)s, clock_timestamp(), {VALUES})
ON CONFLICT (id) DO NOTHING
"""

SWITCH_ON = """
INSERT INTO triggers (account, trigger, switched_on)
SELECT %(account)s, r.trigger, TRUE FROM json_to_recordset(%(rows)s::json) AS r(trigger text)
"""

WRITE_TEXTS = """
WITH texts AS (
    SELECT * FROM json_to_recordset(%(rows)s::json) AS r(trigger text, text text)
),
added AS (
    INSERT INTO templates (account, trigger, locale)
    SELECT %(account)s, trigger, %(locale)s FROM texts
    RETURNING id, trigger
)
INSERT INTO template_versions (template, version, text, author, created_at)
SELECT added.id, 1, texts.text, 'perfectum-sms', clock_timestamp()
FROM added
INNER JOIN texts USING (trigger)
"""

LIST = f"""
SELECT {COLUMNS}, id, created_at, (SELECT count(*) FROM triggers WHERE account = accounts.id AND switched_on)
FROM accounts
WHERE %(account)s::text IS NULL OR id = %(account)s
ORDER BY id
"""

#: What people paused of every account is hands/pauses' to list.
PAUSES = f"""
SELECT account, scope, reason, code, since, paused_by, probe_at FROM pauses
WHERE account IS NOT NULL AND (%(account)s::text IS NULL OR account = %(account)s) AND {lasts()}
ORDER BY account, scope
"""

TRIGGERS = """
SELECT
    t.trigger, t.switched_on, t.channel, t.if_unconfirmed, coalesce(m.locale, ''), coalesce(v.version, 0),
    coalesce(v.text, '')
FROM triggers AS t
LEFT JOIN templates AS m ON t.account = m.account AND t.trigger = m.trigger
LEFT JOIN LATERAL (
    SELECT version, text FROM template_versions WHERE template = m.id ORDER BY version DESC LIMIT 1
) AS v ON TRUE
WHERE t.account = %(account)s
ORDER BY t.trigger, m.locale
"""


@dataclass(frozen=True, slots=True)
class Stopped:
    """A paused scope of an account; without a next probe it waits for a person."""

    scope: str
    reason: str
    code: int | None
    since: datetime
    by: str
    next_probe: datetime | None


@dataclass(frozen=True, slots=True)
class AccountSummary:
    id: str
    created_at: datetime
    triggers_on: int
    settings: AccountSettings
    stopped: tuple[Stopped, ...]


@dataclass(frozen=True, slots=True)
class TriggerSummary:
    trigger: str
    switched_on: bool
    channel: str
    if_unconfirmed: str
    locale: str
    version: int
    text: str


def sealed_tokens(connection: Connection) -> dict[str, bytes]:
    return {row[0]: bytes(row[1]) for row in connection.execute(SEALED_TOKENS)}


def replace_token(connection: Connection, account: str, token: bytes) -> bool:
    """Replace an account's sealed token; False if there is no such account."""
    return connection.execute(REPLACE, {"account": account, "token": token}).rowcount == 1


def any_exists(connection: Connection) -> bool:
    return query_row(connection, ANY)[0]


def add(
    connection: Connection, account: str, token: bytes, settings: AccountSettings, triggers: "Iterable[Trigger]"
) -> bool:
    """Add an account with its sealed token, these triggers on and their default texts; False if the id is taken."""
    if connection.execute(ADD, {"account": account, "token": token, **values_of(settings)}).rowcount == 0:
        return False
    known = tuple(triggers)
    texts = (
        {"trigger": trigger.id, "text": trigger.texts.get(settings.locale, trigger.texts["uk"])}
        for trigger in known
        if not trigger.is_free
    )
    switched_on = as_rows({"trigger": trigger.id} for trigger in known)
    connection.execute(SWITCH_ON, {"account": account, "rows": switched_on})
    connection.execute(WRITE_TEXTS, {"account": account, "locale": settings.locale, "rows": as_rows(texts)})
    return True


def list_accounts(connection: Connection, account: str | None = None) -> list[AccountSummary]:
    """All accounts, or one; in a list, too."""
    asked = {"account": account}
    stopped: dict[str, list[Stopped]] = defaultdict(list)
    for whose, *pause in connection.execute(PAUSES, asked):
        stopped[whose].append(Stopped(*pause))
    return [
        AccountSummary(id_, created_at, triggers_on, AccountSettings(**fields_of(settings)), tuple(stopped[id_]))
        for *settings, id_, created_at, triggers_on in connection.execute(LIST, asked)
    ]


def triggers(connection: Connection, account: str) -> list[TriggerSummary]:
    return [TriggerSummary(*row) for row in connection.execute(TRIGGERS, {"account": account})]
