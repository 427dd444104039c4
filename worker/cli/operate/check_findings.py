"""What `check` finds: of the database, and of events that were accepted with values that no rule can read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from worker.store.db.installation import Site
from worker.store.db.postgres import Connection
from worker.store.ingest import unrecognized_values as fields
from worker.store.ingest.unrecognized_values import MisreadField

State = Literal["ok", "wrong", "away", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: `wrong` is for a person to mend, `away` does not answer."""

    what: str
    state: State
    words: str


#: Fields that are told of at most.
FIELDS_SHOWN = 50


def misread(connection: Connection) -> list[Finding]:
    recent = fields.recent(connection, limit=FIELDS_SHOWN)
    return [Finding(f"events of {item.account}", "note", describe_field(item)) for item in recent]


def describe_field(item: MisreadField) -> str:
    times = f"data.{item.field}, {item.events} times, the last within a week"
    if item.field.endswith(".status") and item.last_value:
        return f"{times}: {item.last_value!r} is no status that is known, so it forbids no text. See event validate"
    if item.last_value:
        return f"{times}: {item.last_value} is what programs write for no date, so nobody is greeted by it"
    return f"{times}: could not be read and was done without. See event validate"


DATABASE = "PostgreSQL"
TABLES_SHOWN = 5


def site_findings(site: Site, *, is_pooled: bool) -> Iterator[Finding]:
    wrong = list(wrongs(site))
    yield from (Finding(DATABASE, "wrong", problem) for problem in wrong)
    if not wrong:
        pooled = ", through a pooler of sessions" if is_pooled else ""
        address = f"{site.version}, database {site.database} in UTF8, schema {site.lies_in}, role {site.role}{pooled}"
        yield Finding(DATABASE, "ok", f"{address}; migrated, takes writes")
    if site.others:
        yield Finding(DATABASE, "note", f"another installation lies in the schema {', '.join(site.others)}")
    if not site.may_keep_partitions:
        text = f"the role {site.role} cannot make the partitions of months to come"
        yield Finding(DATABASE, "note", f"{text}: let the tables' owner run perfectum-sms migrate every month")
    if site.unawaited:
        text = "a standby that lags behind when it takes over loses texts and sends some twice"
        yield Finding(DATABASE, "note", f"{text}: set synchronous_standby_names, so that commits wait for it")


def wrongs(site: Site) -> Iterator[str]:
    if site.schema is None:
        yield "the search_path names no schema that exists: mend options or the role's search_path"
    elif site.schema != site.lies_in:
        text = f"the tables lie in the schema {site.lies_in}, new ones would go to {site.schema}"
        yield f"{text}: put {site.lies_in} first in the search_path (SMS_DATABASE_URL?options=-csearch_path%3D…)"
    if site.closed:
        more = f" and {len(site.closed) - TABLES_SHOWN} more" if len(site.closed) > TABLES_SHOWN else ""
        tables = ", ".join(site.closed[:TABLES_SHOWN])
        grant = f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {site.lies_in} TO {site.role}"
        yield f"the role {site.role} may not read and write {tables}{more}: {grant}"
