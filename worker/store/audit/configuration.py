"""Changes of an account's configuration: whatever differs after a change is noted in its transaction."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from worker.core.audit.action import Action, difference
from worker.store.audit.audit import note
from worker.store.db.postgres import Connection

LOCK = "SELECT FROM accounts WHERE id = %(account)s FOR UPDATE"

#: Secrets, and what processes write there themselves, are none of its settings.
CONFIGURATION = """
SELECT
    'settings', id,
    to_jsonb(a) - 'id' - 'token' - 'callback_secret' - 'created_at' - 'rules_version' - 'rules_since'
    || jsonb_build_object('callbacks', callback_secret IS NOT NULL)
FROM accounts AS a
WHERE id = %(account)s
UNION ALL
SELECT 'trigger', trigger, to_jsonb(t) - 'account' - 'trigger'
FROM triggers AS t
WHERE account = %(account)s
UNION ALL
SELECT 'template', coalesce(t.trigger, t.name), jsonb_object_agg(t.locale || ' ' || f.key, f.value)
FROM templates AS t
CROSS JOIN LATERAL jsonb_each(
    to_jsonb(t) - 'id' - 'account' - 'trigger' - 'name' - 'locale'
    || jsonb_build_object(
        'version', (SELECT max(v.version) FROM template_versions AS v WHERE v.template = t.id),
        'viber', coalesce(t.viber, '{}')
    )
) AS f
WHERE t.account = %(account)s
GROUP BY 2
"""

#: What is configured, by action and subject.
Configuration = Mapping[tuple[Action, str], Mapping[str, Any]]


@contextmanager
def noting_changes(connection: Connection, account: str, *, by: str) -> Generator[None]:
    """Note what the block changes of an account; nobody else changes it meanwhile."""
    before = configuration(connection, account)
    yield
    note_changes(connection, account, before, configuration(connection, account), by=by)


def configuration(connection: Connection, account: str) -> Configuration:
    """Lock an account, and read its configuration; of one that is not there it is empty."""
    values = {"account": account}
    connection.execute(LOCK, values)
    return {(cast("Action", row[0]), row[1]): row[2] for row in connection.execute(CONFIGURATION, values)}


def note_changes(connection: Connection, account: str, before: Configuration, after: Configuration, *, by: str) -> None:
    """An account that came or went is one note, as it was; its triggers and texts came and went with it."""
    settings: tuple[Action, str] = ("settings", account)
    if (settings in before) != (settings in after):
        was, now = (difference({}, side[settings])[1] if settings in side else None for side in (before, after))
        note(connection, by, "account", account, account=account, before=was, after=now)
        return
    for action, subject in sorted({**before, **after}):
        was, now = difference(before.get((action, subject), {}), after.get((action, subject), {}))
        if was or now:
            note(connection, by, action, subject, account=account, before=was or None, after=now or None)
