"""Phones go on the stop-list, and what waits for them is taken back; what was POSTed nobody can stop."""

from collections.abc import Sequence
from dataclasses import dataclass

from worker.store.consent import suppressions
from worker.store.consent.suppressions import Entry
from worker.store.db.postgres import Connection, clock

CHUNK = 2_000
#: Of more people than this, it is quicker to ask of everybody on the list.
FEW = 50


@dataclass(frozen=True, slots=True)
class Suppressed:
    """Counts of suppressed phones; `widened` were listed for advertising alone, `on_the_way` texts nobody can stop."""

    new: int
    widened: int
    known: int
    cancelled: int
    on_the_way: int


def suppress(connection: Connection, account: str, entries: Sequence[Entry], *, by: str) -> Suppressed:
    """Put phones on the list; of one that is named twice the wider scope counts. `by` is who asked."""
    now = clock(connection)
    firsts: dict[bytes, Entry] = {}
    for entry in sorted(entries, key=lambda entry: entry.scope):  # `all` comes before `marketing`
        firsts.setdefault(entry.recipient_key, entry)
    # Whoever else writes does so in this order, chunk after chunk: nobody waits for somebody who waits for them.
    wanted = sorted(firsts.values(), key=lambda entry: entry.recipient_key)
    parts = (wanted[first : first + CHUNK] for first in range(0, len(wanted), CHUNK))
    added = [
        is_widened for part in parts for is_widened in suppressions.add(connection, account, part, now=now).values()
    ]
    new, widened = added.count(False), added.count(True)
    keys = list(firsts) if len(firsts) <= FEW else None
    cancelled = suppressions.cancel(connection, account, keys, actor=f"operator/{by}", now=now)
    known = len(wanted) - len(added)
    return Suppressed(new, widened, known, cancelled, suppressions.on_the_way(connection, account, keys))
