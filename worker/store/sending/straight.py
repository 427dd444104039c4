"""What is asked to claim texts while their events are accepted: all of it in one way, once the pace is ours.

The statements follow each other: what is asked after the lock sees what others committed before they let it go.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg.rows import TupleRow

from worker.core.hands.pause_scope import Ends
from worker.core.lanes import LANES
from worker.core.planning.draft import Draft
from worker.core.sending.eligibility import Claimed
from worker.core.sending.frequency_cap import Contact
from worker.core.sending.nudge import NotificationId
from worker.core.sending.rate_limiter import Pace
from worker.core.spending.cost_estimate import Spent
from worker.store.db.postgres import Connection, as_rows
from worker.store.sending import claims, contact_log, rate_limiter
from worker.store.sending.claims import ASKED, BESIDE, NEWEST, Newest, newest_of
from worker.store.sending.pauses import ends, stopped
from worker.store.spending import daily_spending
from worker.store.spending.daily_spending import UNDER_WAY_AND_TODAY

#: It never waits in PostgreSQL: accounts whose pace another one holds are left out, and asked for again.
LOCK_FREE = f"""
SELECT account, {rate_limiter.COLUMNS}
FROM rate_limits
WHERE account = ANY(%(accounts)s::text [])
ORDER BY account
FOR UPDATE SKIP LOCKED
"""

NO_LANES: Sequence[str] = []

WITH_PACE = "SELECT account FROM rate_limits WHERE account = ANY(%(accounts)s::text [])"

#: A lane in which something waits that may go before long is busy: nobody goes past it.
ACCOUNTS = f"""
SELECT
    w.account, c.version, statement_timestamp(), {stopped("w.account")},
    ARRAY(
        SELECT l.lane FROM unnest(%(lanes)s::text []) AS l(lane)
        WHERE
            EXISTS (
                SELECT FROM notifications AS n
                WHERE n.account = w.account AND n.lane = l.lane AND n.waits_for IS NOT NULL
            )
            OR EXISTS (
                SELECT FROM notifications AS n
                WHERE n.account = w.account AND n.lane = l.lane AND n.waits_until <= statement_timestamp()
            )
    ),
    {UNDER_WAY_AND_TODAY}
FROM json_to_recordset(%(asked)s::json) AS w(account text, day date, has_budgets boolean), configuration AS c
"""

FACTS = (
    "SELECT n.id,"
    + NEWEST
    + """
FROM (
    SELECT r.*, decode(r.person, 'hex') AS recipient_key
    FROM json_to_recordset(%(texts)s::json) AS r(
        id bigint, account text, record_kind text, record_id text, record_version bigint,
        record_changed_at timestamptz, recipient_kind text, recipient_id text, person text, message_class text,
        consent text, channel text
    )
) AS n
"""
    + BESIDE
)


@dataclass(frozen=True, slots=True)
class New:
    """A text that is about to be written, under its number."""

    number: int
    draft: Draft


@dataclass(frozen=True, slots=True)
class AskedAccount:
    """An account on one of its days; `people` are those whose contacts are wanted."""

    account: str
    day: date
    has_budgets: bool
    people: Collection[bytes]


@dataclass(frozen=True, slots=True)
class AccountState:
    """What is known of an account whose pace is locked; `busy` are lanes in which texts wait."""

    pace: Pace
    version: int
    now: datetime
    stopped: Ends
    busy: frozenset[str]
    under_way: int
    spent: Mapping[str, Spent]
    alerted: Mapping[str, str]
    contacts: Mapping[bytes, Sequence[Contact]]


def lock_free(connection: Connection, accounts: Iterable[str]) -> Iterator[tuple[str, Pace]]:
    """Ask for the pace of those accounts that nobody else sends for; it is locked once the answer is read."""
    rows = connection.execute(LOCK_FREE, {"accounts": sorted(accounts)})
    return ((account, rate_limiter.pace_of(row)) for account, *row in rows)


def with_pace(connection: Connection, accounts: Collection[str]) -> set[str]:
    """Those of these accounts that have a pace: the first text of one makes it, and until then nobody holds it."""
    if not accounts:
        return set()
    return {account for (account,) in connection.execute(WITH_PACE, {"accounts": sorted(accounts)})}


def ask(
    connection: Connection,
    accounts: Sequence[AskedAccount],
    texts: Sequence[New],
    paces: Mapping[str, Pace],
    *,
    month: date,
    now: datetime,
) -> tuple[dict[str, AccountState], list[Claimed]]:
    """Ask about accounts whose pace is locked, and for the newest facts about these texts."""
    questions = as_rows(
        {"account": asked.account, "day": asked.day, "has_budgets": asked.has_budgets} for asked in accounts
    )
    with connection.pipeline():
        account_states = connection.execute(ACCOUNTS, {"asked": questions, "lanes": list(LANES), "now": now})
        facts = connection.execute(FACTS, {"texts": as_rows(map(columns, texts)), "asked": ASKED})
        contacts = {
            asked.account: contact_log.ask_recent(connection, asked.account, asked.people, now=now)
            for asked in accounts
        }
    known = {account: contact_log.contacts_of(rows) for account, rows in contacts.items()}
    states = {row[0]: account_state_of(paces[row[0]], row, known[row[0]]) for row in account_states}
    by_number = {number: newest_of(tuple(columns)) for number, *columns in facts}
    return states, [claimed_of(text, by_number[text.number], month=month, now=now) for text in texts]


def ask_waiting(
    connection: Connection,
    accounts: Sequence[AskedAccount],
    notification_ids: Sequence[NotificationId],
    paces: Mapping[str, Pace],
    *,
    now: datetime,
) -> tuple[dict[str, AccountState], dict[str, list[Claimed]]]:
    """Lock rows of accounts whose pace is locked, and ask about these accounts; rows that others hold are left out.

    No lane is busy: what waits in it are these rows, and what is in a line stands in the pace.
    """
    questions = as_rows(
        {"account": asked.account, "day": asked.day, "has_budgets": asked.has_budgets} for asked in accounts
    )
    of, most = [asked.account for asked in accounts], len(notification_ids)
    with connection.pipeline():
        waiting = claims.ask_for(connection, of, notification_ids, limit=most, now=now)
        account_states = connection.execute(ACCOUNTS, {"asked": questions, "lanes": NO_LANES, "now": now})
        people = contact_log.ask_of_rows(connection, notification_ids, now=now)
    rows: dict[str, list[Claimed]] = {account: [] for account in of}
    for account, *row in waiting:
        rows[account].append(claims.claimed(row))
    contacts: dict[str, list[Sequence[Any]]] = defaultdict(list)
    for account, *contact in people:
        contacts[account].append(contact)
    known = {account: contact_log.contacts_of(contacts[account]) for account in of}
    return {row[0]: account_state_of(paces[row[0]], row, known[row[0]]) for row in account_states}, rows


def account_state_of(pace: Pace, row: TupleRow, contacts: Mapping[bytes, Sequence[Contact]]) -> AccountState:
    _, version, now, still, busy, *taken = row
    under_way, spent, alerted = daily_spending.read(tuple(taken))
    return AccountState(pace, version, now, ends(still), frozenset(busy), under_way, spent, alerted, contacts)


def claimed_of(new: New, newest: Newest, *, month: date, now: datetime) -> Claimed:
    draft = new.draft
    return Claimed(
        notification_id=(month, new.number),
        trigger=draft.trigger,
        phone=draft.phone or "",
        recipient_key=draft.recipient_key,
        text=draft.text,
        segments=draft.segments,
        sender=draft.sender,
        lane=draft.lane,
        zone=draft.zone,
        state="planned",
        reason=None,
        expires_at=draft.expires_at,
        created_at=now,
        channel=draft.channel,
        viber=draft.viber,
        **newest,
    )


def columns(new: New) -> dict[str, object]:
    draft = new.draft
    return {
        "id": new.number,
        "account": draft.account,
        "record_kind": draft.record.record_kind,
        "record_id": draft.record.id,
        "record_version": draft.record.version,
        "record_changed_at": draft.record.changed_at,
        "recipient_kind": draft.recipient_kind,
        "recipient_id": draft.recipient_id,
        "person": draft.recipient_key,
        "message_class": draft.message_class,
        "consent": draft.consent,
        "channel": draft.channel,
    }
