"""The clock's own work: timers computed, due ones turned into occurrences, waiting ones published; round by round."""

import time
from collections import Counter
from collections.abc import Mapping
from itertools import takewhile

from schedules.reminders.fire_timers import BATCH, emit
from schedules.reminders.publish_occurrences import Begun, begin, finish
from schedules.reminders.schedule_timers import retime
from worker.amqp.connection import CONNECTION_ERRORS
from worker.amqp.publisher import Publisher
from worker.logs.setup import log
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.db.postgres import Pool

#: A run lasts no longer, so that a long day's work is seen to go on.
RUN_S = 2.0
#: Batches of entries whose timers are computed at once where little is due of those that are timed: what is due of the
#: others is passed by in vain each time that due ones are looked for.
AT_ONCE = 20
#: How soon to look again whether the event queues have room.
ROOM_S = 0.02
#: After a look in vain so many times as long passes until the next, and no longer than that.
LOOKS_APART, LOOK_S = 20, 2.0


class Looks:
    """When it is looked again for entries without timers, of however many accounts: at most a twentieth of the time."""

    def __init__(self) -> None:
        self._next_at = 0.0

    def retime(self, pool: Pool, cache: ConfigurationCache) -> int:
        """As `retime`, unless the last look found nothing and took long."""
        began = time.monotonic()
        if began < self._next_at:
            return 0
        timed = retime(pool, cache)
        took = time.monotonic() - began
        self._next_at = 0.0 if timed else began + min(LOOKS_APART * took, LOOK_S)
        return timed


def keep_time(pool: Pool, cache: ConfigurationCache, publisher: Publisher, looks: Looks | None = None) -> None:
    """Schedule, fire and publish until nothing is due, or for RUN_S.

    Raises:
        one of CONNECTION_ERRORS: RabbitMQ is away; what does not need it is done.
    """
    looks, ends_at = looks or Looks(), time.monotonic() + RUN_S
    done = Counter[str]()
    batches = 1
    away: BaseException | None = None
    while time.monotonic() < ends_at:
        timed = sum(takewhile(bool, (looks.retime(pool, cache) for _ in range(batches))))
        try:
            begun, away = begin(pool, cache, publisher), None
        except CONNECTION_ERRORS as error:
            begun, away = Begun(), error
        try:
            emitted = emit(pool, cache)
        finally:
            settled = finish(pool, begun)
        done.update({"timed": timed, "settled": settled, **(emitted or {})})
        batches = batches_after(emitted)
        if timed or emitted is not None or settled:
            continue
        if not begun.is_held_up:
            break
        time.sleep(ROOM_S)
    log_round(done)
    if away:
        raise away


def batches_after(emitted: Mapping[str, int] | None) -> int:
    return 1 if emitted and sum(emitted.values()) >= BATCH else AT_ONCE


def log_round(done: Counter[str]) -> None:
    if missed := done["missed"]:
        log.warning("occurrences.missed", occurrences=missed)
    if done.total():
        emitted = done.total() - done["timed"] - done["settled"]
        log.info("occurrences.saved", timed=done["timed"], emitted=emitted, settled=done["settled"])
