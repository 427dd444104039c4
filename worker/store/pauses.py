"""What stands still until somebody resumes it."""

from __future__ import annotations

from datetime import datetime

from worker.store.postgres import Connection

PAUSE = """
INSERT INTO pauses (account, scope, reason, code, since, paused_by)
VALUES (%(account)s, 'account', %(reason)s, %(code)s, %(now)s, %(by)s)
ON CONFLICT (account, scope) DO NOTHING
"""

RESUME = "DELETE FROM pauses WHERE account = %(account)s"


def pause(connection: Connection, account: str, *, reason: str, code: int | None, by: str, now: datetime) -> bool:
    """Stop an account; True the first time, so that there is one alert."""
    values = {"account": account, "reason": reason, "code": code, "by": by, "now": now}
    return connection.execute(PAUSE, values).rowcount == 1


def resume(connection: Connection, account: str) -> bool:
    """Let an account go on; False if it was not paused."""
    return connection.execute(RESUME, {"account": account}).rowcount > 0
