"""What `check` says of events that were accepted and said things that no rule could make anything of."""

from __future__ import annotations

from worker.cli.operate.check_findings import Finding
from worker.store.db.postgres import Connection
from worker.store.ingest import unrecognized_values as fields
from worker.store.ingest.unrecognized_values import Standing

#: Fields that are told of at most.
SHOWN = 50


def misread(connection: Connection) -> list[Finding]:
    """What was misread within a week, account by account."""
    found = fields.recent(connection, limit=SHOWN)
    return [Finding(f"events of {one.account}", "note", words_of(one)) for one in found]


def words_of(one: Standing) -> str:
    """What was misread, and what it comes to."""
    times = f"data.{one.field}, {one.events} times, the last within a week"
    if one.field.endswith(".status") and one.word:
        return f"{times}: {one.word!r} is no status that is known, so it forbids no text. See event validate"
    if one.word:
        return f"{times}: {one.word} is what programs write for no date, so nobody is greeted by it"
    return f"{times}: could not be read and was done without. See event validate"
