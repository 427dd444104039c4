"""Templates and their versions as admins keep them: the newest version counts, and none is ever changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from worker.store.db.postgres import Connection, columns_of

LIST = """
SELECT
    t.trigger, t.name, t.description, t.section, t.locale, t.id, t.missing,
    coalesce(t.viber, '{}') AS viber, v.version, v.text, v.author, v.created_at
FROM templates AS t
INNER JOIN LATERAL (
    SELECT version, text, author, created_at FROM template_versions
    WHERE template = t.id
    ORDER BY version DESC
    LIMIT 1
) AS v ON TRUE
WHERE t.account = %(account)s
ORDER BY t.name NULLS FIRST, t.trigger, t.locale
"""

VERSIONS = """
SELECT version, text, author, created_at FROM template_versions
WHERE template = %(template)s
ORDER BY version
"""

NEWEST_VERSIONS = """
SELECT version, text, author, created_at FROM template_versions
WHERE template = %(template)s AND (%(before)s::bigint IS NULL OR version < %(before)s)
ORDER BY version DESC
LIMIT %(limit)s
"""

ADD = """
INSERT INTO templates (account, trigger, name, description, section, locale)
VALUES (%(account)s, %(trigger)s, %(name)s, %(description)s, %(section)s, %(locale)s)
ON CONFLICT DO NOTHING
RETURNING id
"""

LOCK = "SELECT id FROM templates WHERE id = %(template)s FOR UPDATE"

#: Nothing is written where somebody was faster.
WRITE = """
INSERT INTO template_versions (template, version, text, author, created_at)
SELECT %(template)s, %(after)s + 1, %(text)s, %(author)s, clock_timestamp()
FROM template_versions
WHERE template = %(template)s
HAVING coalesce(max(version), 0) = %(after)s
RETURNING version
"""

DESCRIBE = """
UPDATE templates SET description = %(description)s, section = %(section)s
WHERE account = %(account)s AND name = %(name)s
"""

RENAME = "UPDATE templates SET name = %(new)s WHERE account = %(account)s AND name = %(name)s"

ASK = """
UPDATE templates SET missing = %(missing)s, viber = %(viber)s::jsonb
WHERE
    account = %(account)s AND locale = %(locale)s
    AND trigger IS NOT DISTINCT FROM %(trigger)s AND name IS NOT DISTINCT FROM %(name)s
"""

DELETE = """
DELETE FROM templates
WHERE account = %(account)s AND coalesce(trigger, name) = %(name)s AND (%(locale)s::text IS NULL OR locale = %(locale)s)
"""


@dataclass(frozen=True, slots=True)
class Template:
    """A text of a trigger, or a custom one with a name and a section, in one language."""

    trigger: str | None
    name: str | None
    description: str | None
    section: str | None
    locale: str

    @property
    def called(self) -> str:
        return self.trigger or self.name or ""


COLUMNS = columns_of("trigger", "name", "description", "section", "locale")


@dataclass(frozen=True, slots=True)
class Kept(Template):
    """A template with its newest version; `missing`: `drop` sends a text without the value, `fail` does not send it."""

    id: int
    missing: str
    viber: Mapping[str, Any]
    version: int
    text: str
    author: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Version:
    version: int
    text: str
    author: str
    created_at: datetime


def list_templates(connection: Connection, account: str) -> list[Kept]:
    return [Kept(*row) for row in connection.execute(LIST, {"account": account})]


def versions(connection: Connection, template: int) -> Sequence[Version]:
    return [Version(*row) for row in connection.execute(VERSIONS, {"template": template})]


def newest_versions(connection: Connection, template: int, *, before: int | None, limit: int) -> Sequence[Version]:
    """List so many versions, the newest first, from the one before this on."""
    values = {"template": template, "before": before, "limit": limit}
    return [Version(*row) for row in connection.execute(NEWEST_VERSIONS, values)]


def add(connection: Connection, account: str, template: Template, text: str, *, author: str) -> bool:
    """Add a template with its first version; False if the account has it already."""
    row = connection.execute(ADD, {"account": account, **COLUMNS(template)}).fetchone()
    return row is not None and write(connection, row[0], text, author=author, after=0) == 1


def write(connection: Connection, template: int, text: str, *, author: str, after: int) -> int | None:
    """Write the version that follows `after`; None if somebody else has."""
    connection.execute(LOCK, {"template": template})
    values = {"template": template, "text": text, "author": author, "after": after}
    row = connection.execute(WRITE, values).fetchone()
    return row[0] if row else None


def describe(connection: Connection, account: str, template: Template) -> None:
    connection.execute(DESCRIBE, {"account": account, **COLUMNS(template)})


def rename(connection: Connection, account: str, name: str, new: str) -> None:
    """Rename a custom template in all its languages; its versions stay.

    Raises:
        psycopg.errors.UniqueViolation: another one has this name.
    """
    connection.execute(RENAME, {"account": account, "name": name, "new": new})


def ask(connection: Connection, account: str, template: Template, *, missing: str, viber: Mapping[str, Any]) -> None:
    asked = {"missing": missing, "viber": orjson.dumps(dict(viber)).decode()}
    connection.execute(ASK, {"account": account, **COLUMNS(template), **asked})


def delete(connection: Connection, account: str, name: str, *, locale: str | None = None) -> int:
    """Delete a template with all its versions, in one language or in all; count languages."""
    return connection.execute(DELETE, {"account": account, "name": name, "locale": locale}).rowcount
