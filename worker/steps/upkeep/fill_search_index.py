"""Enters notifications into what a search looks in, behind the back of whoever plans and sends them."""

import time

from worker.store.db.postgres import Pool, clock, transaction
from worker.store.history import search_entries

BATCH = 1_000
#: A history that has never been entered takes many runs: whoever runs it must be seen to turn.
RUN_S = 5.0


def fill_search_index(pool: Pool, *, batch: int = BATCH) -> int:
    """Enter what is new or changed, and count it; several may do so at once."""
    entered, ends_at = 0, time.monotonic() + RUN_S
    while True:
        with transaction(pool) as connection:
            changed = search_entries.enter_changed(connection, limit=batch)
            planned = search_entries.enter_planned(connection, limit=batch, now=clock(connection))
        entered += changed + planned
        if max(changed, planned) < batch or time.monotonic() > ends_at:
            return entered
