"""What is paused until a probe or a person resumes it."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import LiteralString

from psycopg import sql

from worker.core.hands.pause_scope import HAND, Ends
from worker.core.sending.pause import PROBED, Gate, Stop, probe_wait
from worker.store.db.postgres import Connection, only

PAUSE = """
INSERT INTO pauses (account, scope, reason, code, since, paused_by, probe_at)
VALUES (%(account)s, %(scope)s, %(reason)s, %(code)s, %(now)s, %(by)s, %(probe_at)s)
ON CONFLICT (account, scope) DO NOTHING
"""

#: What a person paused is ended by naming it, not along with what was paused by itself.
RESUME = """
DELETE FROM pauses
WHERE
    account = %(account)s
    AND CASE
        WHEN %(scopes)s::text [] IS NULL THEN split_part(scope, '/', 1) <> 'hand'
        ELSE scope = ANY(%(scopes)s::text [])
    END
RETURNING scope
"""

END = "DELETE FROM pauses WHERE account = %(account)s AND scope = %(scope)s AND reason = %(reason)s"

#: What ran away, or waits for Viber, is looked at seldom; once a person has let it go on, it is looked at now.
WAKE = """
UPDATE notifications SET due_at = %(now)s
WHERE account = %(account)s AND state = 'postponed' AND reason IN ('runaway', 'viber_sender') AND waits_until > %(now)s
"""


def lasts(now: LiteralString = "clock_timestamp()", *, until: LiteralString = "until") -> LiteralString:
    """A condition: a pause has not ended by itself."""
    return f"coalesce({until} > {now}, TRUE)"


def stopped(account: LiteralString) -> LiteralString:
    """A value for `ends`: what is paused of the account that this expression names, and until when."""
    return f"""
    (
        SELECT json_object_agg(p.scope, p.until)
        FROM (
            SELECT scope, nullif(max(coalesce(until, 'infinity')), 'infinity') AS until FROM pauses
            WHERE (account = {account} OR account IS NULL) AND {lasts()}
            GROUP BY scope
        ) AS p
    )
    """


#: What a claim begins with: the configuration's version, the time, and what is paused of an account, with its end.
QUESTION = f"SELECT version, clock_timestamp(), {stopped('%(account)s')} FROM configuration"

#: Who locks what is due is the one that may probe; others see that somebody does.
LOCK_DUE = """
SELECT scope FROM pauses
WHERE account = %(account)s AND probe_at <= %(now)s
FOR UPDATE SKIP LOCKED
"""

PROBES = "SELECT scope, probes FROM pauses WHERE account = %(account)s AND probe_at <= %(now)s ORDER BY scope"

PROBE = """
UPDATE pauses SET probe_at = %(next_at)s, probes = probes + 1
WHERE account = %(account)s AND scope = %(scope)s
"""


def held_by_hand(account: LiteralString) -> LiteralString:
    """A condition: a person paused all texts of the account that this expression names."""
    return f"""
    EXISTS (
        SELECT FROM pauses AS hand
        WHERE
            hand.scope = '{HAND}' AND coalesce(hand.account = {account}, TRUE)
            AND {lasts(until="hand.until")}
    )
    """


#: Accounts that send nothing, but for a probe.
CLOSED: LiteralString = f"""
    SELECT id FROM accounts
    WHERE id IN (SELECT account FROM pauses WHERE scope IN ('account', 'provider')) OR {held_by_hand("accounts.id")}
"""


@dataclass(frozen=True, slots=True)
class PauseState:
    """Whether an account may send, and which of its texts may not: of triggers, persons, lanes, or by a channel."""

    gate: Gate
    stopped: Ends


def pause(connection: Connection, account: str, stop: Stop, *, now: datetime) -> bool:
    """Pause a scope of an account; True the first time, so that there is one alert."""
    probe_at = now + probe_wait(stop.scope, 0) if stop.scope in PROBED else None
    values = {**asdict(stop), "account": account, "now": now, "probe_at": probe_at}
    return connection.execute(PAUSE, values).rowcount == 1


def resume(connection: Connection, account: str, scopes: Collection[str] | None = None, *, now: datetime) -> list[str]:
    wanted = None if scopes is None else list(scopes)
    resumed = [row[0] for row in connection.execute(RESUME, {"account": account, "scopes": wanted})]
    if any(scope not in PROBED for scope in resumed):
        connection.execute(WAKE, {"account": account, "now": now})
    return sorted(resumed)


def end(connection: Connection, account: str, scope: str, reason: str) -> bool:
    """Resume a scope that is paused for this reason; False if it is not."""
    return connection.execute(END, {"account": account, "scope": scope, "reason": reason}).rowcount == 1


def question(account: str) -> sql.Composed:
    return sql.SQL(QUESTION.replace("%(account)s", "{}")).format(sql.Literal(account))


def scopes(connection: Connection, account: str) -> Mapping[str, str | None] | None:
    return only(connection.execute(question(account)))[2]


def pause_state(
    connection: Connection, account: str, still: Mapping[str, str | None] | None, *, now: datetime
) -> PauseState:
    """Interpret paused scopes, as the question names them.

    Where a probe is due, the caller alone may make it, until its transaction ends.
    """
    if not still:
        return PauseState(Gate.OPEN, {})
    paused = ends(still)
    shut = paused.keys() & PROBED
    if HAND in paused or not shut:
        return PauseState(Gate.CLOSED if HAND in paused else Gate.OPEN, paused)
    due = {row[0] for row in connection.execute(LOCK_DUE, {"account": account, "now": now})}
    open_scopes = {scope: until for scope, until in paused.items() if scope not in shut}
    return PauseState(Gate.PROBE if due >= shut else Gate.CLOSED, open_scopes)


def ends(still: Mapping[str, str | None] | None) -> Ends:
    """Read `stopped`."""
    return {scope: datetime.fromisoformat(until) if until else None for scope, until in (still or {}).items()}


def probe(connection: Connection, account: str, *, now: datetime) -> None:
    for scope, probes in connection.execute(PROBES, {"account": account, "now": now}).fetchall():
        values = {"account": account, "scope": scope, "next_at": now + probe_wait(scope, probes + 1)}
        connection.execute(PROBE, values)
