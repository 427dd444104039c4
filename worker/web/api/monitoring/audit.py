"""`/audit`: who changed, did or looked at what of the account."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from worker.store.audit.audit import Note, Wanted, list_notes
from worker.store.db.postgres import transaction
from worker.web.api.endpoint import Answer, Call, endpoint
from worker.web.api.fields import Fields, Limit, Words, about

TAG = "stats"


class WhichNotes(Fields):
    """Filters; whatever is given must be true of each note."""

    action: Annotated[Words | None, about("Of this action.", "trigger")] = None
    who: Annotated[Words | None, about("Done by them, as the audit names them.", "user/1 olena")] = None
    subject: Annotated[Words | None, about("About this.", "order_created")] = None
    limit: Limit = 50
    below: Annotated[int | None, about("The `id` of the last note of the page before.", ge=1, le=10**17)] = None


@dataclass(frozen=True, slots=True)
class AuditNote:
    """A note of the audit; values are as they are kept, without phones, texts and tokens."""

    id: Annotated[int, about("Its number.")]
    at: Annotated[datetime, about("When.")]
    done_by: Annotated[str, about("By whom: a user, a key, or an operator in a terminal.")]
    action: Annotated[str, about("What was done.")]
    subject: Annotated[str, about("To what.")]
    before: Annotated[dict[str, Any] | None, about("What was changed, as it was.")]
    after: Annotated[dict[str, Any] | None, about("What was changed, as it is.")]


@dataclass(frozen=True, slots=True)
class AuditNotes:
    """A page of the audit, the newest first."""

    items: list[AuditNote]
    next: Annotated[int | None, about("The `below` of the next page; null: there is none.")]


@endpoint("GET", "/audit", scope="settings", tag=TAG, answer=AuditNotes)
def list_audit(call: Call[WhichNotes, None]) -> Answer:
    """List who changed, did or looked at what, the newest first."""
    asked = call.parameters
    wanted = Wanted(call.account, asked.action, asked.who, asked.subject)
    with transaction(call.pool) as connection:
        found = list_notes(connection, wanted, limit=asked.limit + 1, below=asked.below)
    shown = found[: asked.limit]
    return Answer(AuditNotes(list(map(audit_note, shown)), shown[-1].id if len(found) > asked.limit else None))


def audit_note(note: Note) -> AuditNote:
    before, after = ({**values} if values is not None else None for values in (note.before, note.after))
    return AuditNote(note.id, note.at, note.by, note.action, note.subject, before, after)
