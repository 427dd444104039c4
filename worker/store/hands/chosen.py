"""Choosing texts: one statement counts and names them, so that what is shown is what is acted on."""

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import LiteralString

from worker.core.accounts.price import Prices
from worker.core.hands.chosen import Chosen, Group
from worker.core.hands.pause_scope import TRAVELS_BY
from worker.core.history.filters import Filter
from worker.core.lanes import LANES
from worker.core.planning.channel import SMS, VIBER
from worker.core.sending import notification_states
from worker.core.sending.nudge import NotificationId
from worker.store.db.postgres import Connection, as_notification_ids
from worker.store.history.conditions import conditions
from worker.store.history.matching import every
from worker.store.spending import prices

#: Of rows `n`, which what follows says.
COLUMNS: LiteralString = """
    n.month, n.account, n.trigger, n.state, n.channel, array_agg(n.id ORDER BY n.id), sum(n.segments),
    min(n.created_at), max(n.created_at)
"""
GROUPED: LiteralString = """
GROUP BY n.month, n.account, n.trigger, n.state, n.channel
ORDER BY n.month, n.account, n.trigger, n.state, n.channel
"""

NAMED: LiteralString = """
FROM json_to_recordset(%(notification_ids)s::json) AS p(month date, id bigint)
INNER JOIN notifications AS n ON p.month = n.month AND p.id = n.id
"""

#: What waits, found by the index of what waits.
BACKLOG: LiteralString = """
FROM notifications AS n
WHERE
    n.lane = ANY(%(lanes)s) AND n.waits_until IS NOT NULL
    AND (%(account)s::text IS NULL OR n.account = %(account)s)
    AND (%(trigger)s::text IS NULL OR n.trigger = %(trigger)s)
    AND (%(channels)s::text [] IS NULL OR n.channel = ANY(%(channels)s))
"""


#: What waits and what is under way, of what a filter finds.
WAITING_OF: LiteralString = """
FROM notifications AS n
WHERE n.lane = ANY(%(lanes)s) AND n.waits_until IS NOT NULL AND """
UNDER_WAY_OF: LiteralString = """
FROM attempts AS a
CROSS JOIN LATERAL unnest(a.row_months, a.row_ids) AS p(month, id)
INNER JOIN notifications AS n ON p.month = n.month AND p.id = n.id
WHERE a.lane = ANY(%(lanes)s) AND a.settled_at IS NULL AND n.state = 'sending' AND """
OF_ALL: LiteralString = """
FROM notifications AS n
WHERE """


#: Texts that are shown before somebody agrees.
FEW = 3
TEXTS: LiteralString = f"SELECT DISTINCT n.text {NAMED} LIMIT %(few)s"


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits: of an account or of all, of a trigger, in a lane, by a channel."""

    account: str | None = None
    trigger: str | None = None
    lane: str | None = None
    channel: str | None = None


def choose(connection: Connection, rows: LiteralString, values: Mapping[str, object]) -> Chosen:
    """Choose the rows `n` of a FROM clause."""
    chosen = connection.execute("SELECT" + COLUMNS + rows + GROUPED, values, binary=True)
    return Chosen(
        tuple(
            Group(month, account, trigger, state, channel, array("q", numbers), int(segments), oldest, newest)
            for month, account, trigger, state, channel, numbers, segments, oldest, newest in chosen
        )
    )


def named(connection: Connection, notification_ids: Iterable[NotificationId]) -> Chosen:
    return choose(connection, NAMED, {"notification_ids": as_notification_ids(notification_ids)})


def backlog(connection: Connection, wanted: Backlog) -> Chosen:
    """Choose what waits now."""
    lanes = [wanted.lane] if wanted.lane else list(LANES)
    channels = [way for way in (SMS, VIBER, *TRAVELS_BY) if wanted.channel in TRAVELS_BY.get(way, (way,))]
    return choose(
        connection, BACKLOG, {**asdict(wanted), "lanes": lanes, "channels": channels if wanted.channel else None}
    )


def waiting(connection: Connection, wanted: Filter) -> tuple[Chosen, Chosen]:
    """Choose what waits of what a filter finds; and apart from it what is under way, which nobody can stop."""
    if wanted.text is not None:
        known = searched(connection, replace(wanted, states=notification_states.TO_SEND))
        return known.only(*notification_states.WAITING), known.only("sending")
    asked = conditions(wanted)
    values = {**asked.values, "lanes": list(LANES)}
    return choose(connection, WAITING_OF + asked.sql, values), choose(connection, UNDER_WAY_OF + asked.sql, values)


def by_filter(connection: Connection, wanted: Filter) -> Chosen:
    """Choose everything that a filter finds."""
    if wanted.text is not None:
        return searched(connection, wanted)
    asked = conditions(wanted)
    return choose(connection, OF_ALL + asked.sql, asked.values)


def searched(connection: Connection, wanted: Filter) -> Chosen:
    matches = every(connection, wanted)
    return replace(named(connection, matches.ids), unsearched=matches.unsearched)


def prices_of(connection: Connection, chosen: Chosen) -> dict[str, Prices]:
    return {account: prices.prices_of(connection, account) for account in chosen.accounts}


def some_texts(connection: Connection, chosen: Chosen) -> list[str]:
    """Read a few different texts of what was chosen."""
    first = [(group.month, number) for group in chosen.groups for number in group.numbers[:FEW]]
    return [row[0] for row in connection.execute(TEXTS, {"notification_ids": as_notification_ids(first), "few": FEW})]
