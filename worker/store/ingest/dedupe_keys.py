"""Keys that let each event and each notification in once, forgotten when they are old."""

from __future__ import annotations

from datetime import date

from worker.store.db.postgres import Connection

PURGE_EVENTS = """
DELETE FROM event_keys
WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM event_keys WHERE month < %(before)s LIMIT %(slice)s FOR UPDATE SKIP LOCKED
))
"""

PURGE_NOTIFICATIONS = """
DELETE FROM notification_keys
WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM notification_keys WHERE month < %(before)s LIMIT %(slice)s FOR UPDATE SKIP LOCKED
))
"""


def purge_events(connection: Connection, before: date, slice_: int) -> int:
    return connection.execute(PURGE_EVENTS, {"before": before, "slice": slice_}).rowcount


def purge_notifications(connection: Connection, before: date, slice_: int) -> int:
    return connection.execute(PURGE_NOTIFICATIONS, {"before": before, "slice": slice_}).rowcount
