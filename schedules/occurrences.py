"""The clock's own work: timers computed, due ones turned into occurrences, waiting ones published; round by round."""

from __future__ import annotations

from schedules.due import emit
from schedules.publish import publish
from schedules.retime import retime
from worker.logs import log
from worker.publisher import Publisher
from worker.store.configuration import ConfigurationCache
from worker.store.postgres import Pool

#: Rounds of one run, so that a long day's work is seen to go on.
ROUNDS = 5


def keep_time(pool: Pool, cache: ConfigurationCache, publisher: Publisher) -> None:
    """Work until nothing is left, for a few rounds: what is new is timed, what is due is told."""
    for _ in range(ROUNDS):
        timed = retime(pool, cache)
        emitted = emit(pool, cache)
        published = publish(pool, cache, publisher)
        if emitted and (missed := emitted.get("missed")):
            log.warning("occurrences.missed", occurrences=missed)
        if timed or emitted or published:
            log.info("occurrences.kept", timed=timed, emitted=sum((emitted or {}).values()), settled=published)
        if not timed and emitted is None and not published:
            return
