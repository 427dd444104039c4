"""Whole phones for whoever may see them: noted in the audit, by a command or a key of the API."""

from worker.core.history.filters import Filter
from worker.store.audit.audit import note
from worker.store.db.postgres import Connection

#: Fields of a filter that a note may tell.
NOTED = ("client", "recipient", "record", "event", "triggers", "states", "channel", "since", "until")


def note_phones(connection: Connection, by: str, subject: str, wanted: Filter) -> None:
    """Note that phones are shown, or one is asked for, of which texts; that phone and keywords stay unsaid."""
    noted = {name: value for name in NOTED if (value := getattr(wanted, name))}
    hidden = {"by_phone": bool(wanted.phone_key), "by_keywords": wanted.text is not None}
    after = {name: str(value) for name, value in noted.items()} | {
        name: True for name, is_so in hidden.items() if is_so
    }
    note(connection, by, "phones_seen", subject, account=wanted.account, after=after)
