"""Phones go on the stop-list and off it. What waits for them is taken back; what was POSTed nobody can stop."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from worker.core.audit.action import person_of
from worker.core.planning.suppression import ALL, MARKETING
from worker.store.audit.audit import note
from worker.store.consent import suppressions
from worker.store.consent.suppressions import Entry, SuppressionSummary
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


@dataclass(frozen=True, slots=True)
class Stopped:
    """A phone as it is on the list now, and what that came to."""

    entry: SuppressionSummary
    done: Suppressed


def suppress(connection: Connection, account: str, entries: Sequence[Entry], *, by: str) -> Suppressed:
    """Put phones on the list; of one that is named twice the wider scope counts. `by` is who asked."""
    now = clock(connection)
    firsts: dict[bytes, Entry] = {}
    for entry in sorted(entries, key=lambda entry: entry.scope):  # `all` comes before `marketing`
        firsts.setdefault(entry.recipient_key, entry)
    # Whoever else writes does so in this order, chunk after chunk: nobody waits for somebody who waits for them.
    wanted = sorted(firsts.values(), key=lambda entry: entry.recipient_key)
    parts = (wanted[first : first + CHUNK] for first in range(0, len(wanted), CHUNK))
    added = dict[bytes, bool]()
    for part in parts:
        added |= suppressions.add(connection, account, part, now=now)
    widened = sum(added.values())
    new = len(added) - widened
    note_them(connection, account, [entry for entry in wanted if entry.recipient_key in added], by=by, now=now)
    keys = list(firsts) if len(firsts) <= FEW else None
    cancelled = len(suppressions.cancel(connection, account, keys, actor=f"operator/{by}", now=now))
    known = len(wanted) - len(added)
    return Suppressed(new, widened, known, cancelled, suppressions.on_the_way(connection, account, keys))


def stop(connection: Connection, account: str, entry: Entry, *, by: str) -> Stopped | Literal["narrower"]:
    """Put one phone on the list; what is there already stays, with its reason, unless this is wider.

    `narrower`: it is on the list for more. The row as it is read is locked: adding it has done so.
    """
    done = suppress(connection, account, [entry], by=by)
    [kept] = suppressions.list_suppressions(connection, account, recipient_key=entry.recipient_key, limit=1)
    return "narrower" if (kept.scope, entry.scope) == (ALL, MARKETING) else Stopped(kept, done)


def remove(connection: Connection, account: str, recipient_key: bytes, *, by: str) -> bool:
    """Take a phone off the list; False if it is not on it. What was taken back stays so."""
    is_done = suppressions.remove(connection, account, recipient_key)
    if is_done:
        note_change(connection, account, recipient_key, "removed", by=by)
    return is_done


def erase(connection: Connection, account: str, recipient_key: bytes, *, by: str) -> bool:
    """Forget how a phone on the list is written; False if it is not on it, or was erased before."""
    is_done = suppressions.erase(connection, account, recipient_key)
    if is_done:
        note_change(connection, account, recipient_key, "erased", by=by)
    return is_done


def note_change(connection: Connection, account: str, recipient_key: bytes, what: str, *, by: str) -> None:
    note(connection, by, "suppression", person_of(recipient_key), account=account, after={"phone": what})


def whole_list(connection: Connection, account: str, *, by: str) -> list[SuppressionSummary]:
    """The list with phones whole, which is noted."""
    entries = suppressions.list_suppressions(connection, account)
    note_seen(connection, account, sum(1 for entry in entries if entry.phone), "suppression export", by=by)
    return entries


def note_seen(connection: Connection, account: str, phones: int, where: str, *, by: str) -> None:
    """Note that so many phones of the list were shown whole."""
    note(connection, by, "phones_seen", where, account=account, after={"phones": phones})


def note_them(connection: Connection, account: str, entries: Sequence[Entry], *, by: str, now: datetime) -> None:
    """Note each of a few people who were put on the list or whose scope was widened, and of more how many."""
    if len(entries) > FEW:
        after = {"phones": len(entries), "source": entries[0].source}
        note(connection, by, "suppression", f"{len(entries)} phones", account=account, after=after, now=now)
        return
    for entry in entries:
        after = {"scope": entry.scope, "source": entry.source}
        note(connection, by, "suppression", person_of(entry.recipient_key), account=account, after=after, now=now)
