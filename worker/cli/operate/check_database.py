"""What `check` says of the database: whether role, schema and search path let us do our work."""

from __future__ import annotations

from collections.abc import Iterator

from worker.cli.operate.check_findings import Finding
from worker.store.db.installation import Site

DATABASE = "PostgreSQL"
SHOWN = 5


def site_findings(site: Site, *, is_pooled: bool) -> Iterator[Finding]:
    """One finding, or one for each thing that is wrong."""
    wrong = list(wrongs(site))
    yield from (Finding(DATABASE, "wrong", words) for words in wrong)
    if not wrong:
        pooled = ", through a pooler of sessions" if is_pooled else ""
        place = f"{site.version}, database {site.database} in UTF8, schema {site.lies_in}, role {site.role}{pooled}"
        yield Finding(DATABASE, "ok", f"{place}; migrated, takes writes")
    if site.others:
        yield Finding(DATABASE, "note", f"another installation lies in the schema {', '.join(site.others)}")
    if not site.may_keep_partitions:
        words = f"the role {site.role} cannot make the partitions of months to come"
        yield Finding(DATABASE, "note", f"{words}: let the tables' owner run perfectum-sms migrate every month")
    if site.unawaited:
        words = "a standby that lags behind when it takes over loses texts and sends some twice"
        yield Finding(DATABASE, "note", f"{words}: set synchronous_standby_names, so that commits wait for it")


def wrongs(site: Site) -> Iterator[str]:
    """What keeps us from our work."""
    if site.schema is None:
        yield "the search_path names no schema that exists: mend options or the role's search_path"
    elif site.schema != site.lies_in:
        words = f"the tables lie in the schema {site.lies_in}, new ones would go to {site.schema}"
        yield f"{words}: put {site.lies_in} first in the search_path (SMS_DATABASE_URL?options=-csearch_path%3D…)"
    if site.closed:
        more = f" and {len(site.closed) - SHOWN} more" if len(site.closed) > SHOWN else ""
        tables = ", ".join(site.closed[:SHOWN])
        grant = f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {site.lies_in} TO {site.role}"
        yield f"the role {site.role} may not read and write {tables}{more}: {grant}"
