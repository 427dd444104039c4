"""Events as a story needs them: found by the CRM's id, by a notification, or by a phone in their bytes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, LiteralString

from worker.core.clock.months import month_of
from worker.core.contract.event import short_hash
from worker.core.history.phone_in_body import BETWEEN_DIGITS
from worker.core.history.story import DeadLetterFacts, ReminderFacts, Switched
from worker.core.reminders.calendar_entry import DATED
from worker.core.sending.nudge import NotificationId
from worker.core.triggers.catalogue import BY_ID
from worker.store.db.postgres import Connection, query_row

#: No index finds what a body holds: so many of the newest events are looked through.
LOOKED_THROUGH = 50_000
#: Events and letters of one person that are told.
SHOWN_MAX = 100

COLUMNS: LiteralString = """
    e.month, e.id, e.account, e.event_id, e.type, e.routing_key, e.occurred_at, e.received_at, e.outcome, e.body
"""

BY_KEY = f"""
SELECT {COLUMNS}, k.repeats
FROM event_keys AS k
INNER JOIN events AS e ON k.month = e.month AND k.id = e.id
WHERE k.key = ANY(%(keys)s)
ORDER BY e.month, e.id
"""

BY_NUMBER = f"""
SELECT {COLUMNS}, coalesce(k.repeats, 0)
FROM events AS e
LEFT JOIN event_keys AS k ON k.key = %(key)s
WHERE e.month = %(month)s AND e.id = %(id)s
"""

KEY_OF = "SELECT account, event_id FROM events WHERE month = %(month)s AND id = %(id)s"

#: Digits are looked for with what people write between them taken out; whoever asks looks again, exactly. To translate
#: is far quicker than a regular expression.
NAMING = f"""
SELECT {COLUMNS}, 0 AS repeats
FROM (
    SELECT month, id, account, event_id, type, routing_key, occurred_at, received_at, outcome, body
    FROM events
    WHERE month >= %(month)s
    ORDER BY month DESC, id DESC
    LIMIT %(looked_through)s
) AS e
WHERE
    e.account = %(account)s AND e.received_at >= %(since)s AND e.received_at < %(until)s
    AND strpos(translate(convert_from(e.body, 'UTF8'), %(between)s, ''), %(digits)s) > 0
ORDER BY e.month DESC, e.id DESC
LIMIT %(limit)s
"""

LOOKED_AT = """
SELECT
    count(*) FILTER (WHERE e.account = %(account)s AND e.received_at >= %(since)s),
    count(*) = %(looked_through)s, min(e.received_at), max(e.received_at) FILTER (WHERE e.account = %(account)s)
FROM (
    SELECT account, received_at FROM events
    WHERE month >= %(month)s
    ORDER BY month DESC, id DESC
    LIMIT %(looked_through)s
) AS e
"""

REMINDERS: LiteralString = """
SELECT rule, record_kind, record_id, due_at, state, reason, settled_at
FROM occurrences
"""

#: The columns of a constraint lead to it: an event of the clock is called by them.
REMINDER_OF_EVENT = (
    REMINDERS
    + """
WHERE
    account = %(account)s AND rule = %(rule)s AND record_kind = ANY(%(kinds)s) AND record_id = %(record_id)s
    AND event_id = %(event_id)s
"""
)

REMINDERS_NAMING = (
    REMINDERS
    + """
WHERE
    settled_at >= %(since)s AND settled_at < %(until)s AND account = %(account)s AND state IN ('missed', 'cancelled')
    AND strpos(translate(convert_from(body, 'UTF8'), %(between)s, ''), %(digits)s) > 0
ORDER BY settled_at DESC, id DESC
LIMIT %(limit)s
"""
)

LETTERS: LiteralString = """
SELECT id, reason, detail, created_at, times, state, closed_at, closed_by, close_reason
FROM dead_letters
"""

#: What became the event may have had another id, or none, until a person mended it.
LETTERS_OF_EVENT = (
    LETTERS
    + """
WHERE
    kind = 'event'
    AND (
        (event_id = %(event_id)s AND (account = %(account)s OR (account IS NULL AND %(nobodys)s)))
        OR (event_month = %(month)s AND event = %(event)s)
    )
ORDER BY id
"""
)

LETTERS_OF_ID = (
    LETTERS
    + """
WHERE
    kind = 'event' AND event_id = %(event_id)s
    AND (%(account)s::text IS NULL OR account = %(account)s OR (account IS NULL AND %(nobodys)s))
ORDER BY id
"""
)

#: Of bodies that are not UTF-8 nobody reads digits; what is escaped keeps its own.
LETTERS_NAMING = (
    LETTERS
    + """
WHERE
    kind = 'event' AND (account = %(account)s OR account IS NULL) AND last_at >= %(since)s AND last_at < %(until)s
    AND strpos(translate(encode(head, 'escape'), %(between)s, ''), %(digits)s) > 0
ORDER BY id DESC
LIMIT %(limit)s
"""
)

OPEN_LETTERS = """
SELECT count(*)
FROM (
    SELECT FROM dead_letters WHERE coalesce(account, '') = %(account)s AND state = 'open' LIMIT 1000
) AS l
"""

#: The newest switching of each trigger before a moment.
SWITCHED = """
SELECT DISTINCT ON (subject) subject, at, done_by, (after ->> 'switched_on')::boolean
FROM audit
WHERE
    account = %(account)s AND action = 'trigger' AND subject = ANY(%(triggers)s) AND after ? 'switched_on'
    AND at <= %(at)s
ORDER BY subject, id DESC
"""

#: What was so before the first switching after a moment, was so at that moment.
BEFORE_NEXT = """
SELECT DISTINCT ON (subject) subject, coalesce((before ->> 'switched_on')::boolean, FALSE)
FROM audit
WHERE
    account = %(account)s AND action = 'trigger' AND subject = ANY(%(triggers)s) AND after ? 'switched_on'
    AND at > %(at)s
ORDER BY subject, id
"""

#: Notifications that were planned under these keys before.
PLANNED = """
SELECT n.month, n.id, n.created_at
FROM notification_keys AS k
INNER JOIN notifications AS n ON k.month = n.month AND k.id = n.id
WHERE k.key = ANY(%(keys)s)
ORDER BY n.created_at, n.id
LIMIT 10
"""


@dataclass(frozen=True, slots=True)
class KeptEvent:
    number: NotificationId
    account: str
    event_id: str
    type: str
    routing_key: str
    occurred_at: datetime
    received_at: datetime
    outcome: str
    body: bytes
    repeats: int


@dataclass(frozen=True, slots=True)
class LookedAt:
    """How many events of an account were looked through, whether there are more, back to when, and the newest."""

    events: int
    is_cut: bool
    back_to: datetime | None
    last_event_at: datetime | None


@dataclass(frozen=True, slots=True)
class Naming:
    """Whose events, in which time, with which digits of a phone."""

    account: str
    digits: str
    since: datetime
    until: datetime

    @property
    def values(self) -> dict[str, object]:
        return {
            "account": self.account,
            "digits": self.digits,
            "between": BETWEEN_DIGITS,
            "since": self.since,
            "until": self.until,
            # A day early: a batch's month is that of the moment when it began.
            "month": month_of(self.since - timedelta(days=1)),
            "looked_through": LOOKED_THROUGH,
            "limit": SHOWN_MAX,
        }


def kept_event(row: Sequence[Any]) -> KeptEvent:
    month, number, account, event_id, event_type, routing_key, occurred_at, received_at, outcome, body, repeats = row
    facts = (account, event_id, event_type, routing_key, occurred_at, received_at, outcome)
    return KeptEvent((month, number), *facts, bytes(body), repeats)


def events_of_id(connection: Connection, event_id: str, accounts: Iterable[str]) -> list[KeptEvent]:
    """Find events that the CRM gave this id, in any of these accounts."""
    keys = [short_hash(account.encode(), event_id.encode()) for account in accounts]
    return [kept_event(row) for row in connection.execute(BY_KEY, {"keys": keys})]


def event_of_number(connection: Connection, number: NotificationId) -> KeptEvent | None:
    values: dict[str, object] = {"month": number[0], "id": number[1]}
    named = connection.execute(KEY_OF, values).fetchone()
    if named is None:
        return None
    key = short_hash(named[0].encode(), named[1].encode())
    return kept_event(query_row(connection, BY_NUMBER, {**values, "key": key}))


def events_naming(connection: Connection, naming: Naming) -> list[KeptEvent]:
    return [kept_event(row) for row in connection.execute(NAMING, naming.values)]


def looked_at(connection: Connection, naming: Naming) -> LookedAt:
    return LookedAt(*query_row(connection, LOOKED_AT, naming.values))


def letters_of_event(connection: Connection, event: KeptEvent, *, nobodys: bool) -> list[DeadLetterFacts]:
    """Letters of refused events of its id, and those that became this event.

    `nobodys`: also those that named no account, or none that could be read.
    """
    month, number = event.number
    values = {
        "account": event.account,
        "event_id": event.event_id,
        "month": month,
        "event": number,
        "nobodys": nobodys,
    }
    return [DeadLetterFacts(*row) for row in connection.execute(LETTERS_OF_EVENT, values)]


def letters_of_id(
    connection: Connection, account: str | None, event_id: str, *, nobodys: bool
) -> list[DeadLetterFacts]:
    """Letters of refused events of this id; without an account those of any. `nobodys` as above."""
    values = {"account": account, "event_id": event_id, "nobodys": nobodys}
    return [DeadLetterFacts(*row) for row in connection.execute(LETTERS_OF_ID, values)]


def letters_naming(connection: Connection, naming: Naming) -> list[DeadLetterFacts]:
    return [DeadLetterFacts(*row) for row in connection.execute(LETTERS_NAMING, naming.values)]


def reminder_of(connection: Connection, event: KeptEvent) -> ReminderFacts | None:
    """The reminder that an event of the clock is; its id is the trigger, the record, the slot, the offset, a hash."""
    rule, *rest = event.event_id.split("/")
    values = {"account": event.account, "rule": rule, "kinds": sorted(DATED), "record_id": "/".join(rest[:-3])}
    if rule not in BY_ID:
        return None
    row = connection.execute(REMINDER_OF_EVENT, {**values, "event_id": event.event_id}).fetchone()
    return ReminderFacts(*row) if row else None


def reminders_naming(connection: Connection, naming: Naming) -> list[ReminderFacts]:
    """Reminders that were not published, of records with these digits."""
    return [ReminderFacts(*row) for row in connection.execute(REMINDERS_NAMING, naming.values)]


def open_letters(connection: Connection, account: str) -> int:
    return int(query_row(connection, OPEN_LETTERS, {"account": account})[0])


def switchings(
    connection: Connection, account: str, triggers: Sequence[str], at: datetime
) -> tuple[dict[str, Switched], dict[str, bool]]:
    """Who switched each trigger last before a moment, and whether it was on then by what was changed later."""
    values = {"account": account, "triggers": list(triggers), "at": at}
    last = {trigger: Switched(*facts) for trigger, *facts in connection.execute(SWITCHED, values)}
    before = dict(connection.execute(BEFORE_NEXT, values).fetchall())
    return last, before


def planned_under(connection: Connection, keys: Iterable[bytes]) -> list[tuple[date, int, datetime]]:
    return list(connection.execute(PLANNED, {"keys": list(keys)}))
