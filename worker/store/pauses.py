"""What stands still until a probe or a person resumes it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from worker.core.pause import PROBED, Gate, Stop, probe_wait
from worker.store.postgres import Connection

PAUSE = """
INSERT INTO pauses (account, scope, reason, code, since, paused_by, probe_at)
VALUES (%(account)s, %(scope)s, %(reason)s, %(code)s, %(now)s, %(by)s, %(probe_at)s)
ON CONFLICT (account, scope) DO NOTHING
"""

RESUME = """
DELETE FROM pauses
WHERE account = %(account)s AND (%(scopes)s::text [] IS NULL OR scope = ANY(%(scopes)s::text []))
RETURNING scope
"""

#: What ran away is looked at seldom; once a person has let it go on, it is looked at now.
WAKE = """
UPDATE notifications SET due_at = %(now)s
WHERE account = %(account)s AND state = 'postponed' AND reason = 'runaway' AND due_at > %(now)s
"""

SCOPES = "SELECT scope, probe_at, probes FROM pauses WHERE account = %(account)s"

PROBE = """
UPDATE pauses SET probe_at = %(next_at)s, probes = probes + 1
WHERE account = %(account)s AND scope = %(scope)s AND probe_at <= %(now)s
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether an account may send, and which of its triggers and persons may not."""

    gate: Gate
    stopped: frozenset[str]


def pause(connection: Connection, account: str, stop: Stop, *, now: datetime) -> bool:
    """Stop something of an account; True the first time, so that there is one alert."""
    probe_at = now + probe_wait(stop.scope, 0) if stop.scope in PROBED else None
    values = {**asdict(stop), "account": account, "now": now, "probe_at": probe_at}
    return connection.execute(PAUSE, values).rowcount == 1


def resume(connection: Connection, account: str, scopes: Collection[str] | None = None, *, now: datetime) -> list[str]:
    """Let an account, or these scopes of it, go on; the answer tells what stood still."""
    wanted = None if scopes is None else list(scopes)
    found = [row[0] for row in connection.execute(RESUME, {"account": account, "scopes": wanted})]
    if any(scope not in PROBED for scope in found):
        connection.execute(WAKE, {"account": account, "now": now})
    return sorted(found)


def standing(connection: Connection, account: str, *, now: datetime) -> Standing:
    """What stands still; where a probe is due, the caller is the one that makes it if it commits."""
    found = connection.execute(SCOPES, {"account": account}).fetchall()
    shut = [(scope, probe_at, probes) for scope, probe_at, probes in found if scope in PROBED]
    stopped = frozenset(scope for scope, _, _ in found) - PROBED
    if not shut:
        return Standing(Gate.OPEN, stopped)
    if any(probe_at is None or probe_at > now for _, probe_at, _ in shut):
        return Standing(Gate.CLOSED, stopped)
    is_ours = True
    for scope, _, probes in sorted(shut):
        values = {"account": account, "scope": scope, "now": now, "next_at": now + probe_wait(scope, probes + 1)}
        is_ours = connection.execute(PROBE, values).rowcount == 1 and is_ours
    return Standing(Gate.PROBE if is_ours else Gate.CLOSED, stopped)
