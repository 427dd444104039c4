"""Resume what was paused, by a person's decision, and forget the failures that paused it."""

from collections.abc import Collection

from worker.core.sending.pause import PROVIDER
from worker.store.audit.audit import note
from worker.store.db.postgres import Connection, clock
from worker.store.sending import contact_log, hourly_volumes, pauses, rate_limiter


def resume(connection: Connection, account: str, scopes: Collection[str] | None = None, *, by: str) -> list[str]:
    """Resume an account, or these scopes of it; return what was paused. `by` is who asked.

    A provider's failures weigh nothing any more; a trigger's running hour and a person's running day count anew, or the
    next text would stop them again.
    """
    now = clock(connection)
    resumed = pauses.resume(connection, account, scopes, now=now)
    for scope in resumed:
        note(connection, by, "resume", scope, account=account, now=now)
        match scope.partition("/"):
            case ("trigger", _, trigger):
                hourly_volumes.reset_hour(connection, account, trigger, now=now)
            case ("person", _, key):
                contact_log.reset_day(connection, account, bytes.fromhex(key), now=now)
            case _ if scope == PROVIDER:
                rate_limiter.forgive(connection, account)
            case _:
                pass
    return resumed
