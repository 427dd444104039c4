"""Entries that the clock cannot tell of, for a fault of the program: they are left aside and stop nobody else's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import TypeVar

from worker.core.reminders.calendar_entry import Entry
from worker.core.reminders.date_warnings import ENTRIES_QUARANTINED
from worker.health.metrics import count_alert
from worker.logs.setup import log

T = TypeVar("T")
#: Entries that failed, each with what it failed by.
Faults = list[tuple[Entry, Exception]]


def tried(entry: Entry, act: Callable[[], T], faults: Faults) -> T | None:
    """What the rules make of an entry; None where they fail. `act` asks neither PostgreSQL nor anybody else."""
    try:
        return act()
    except Exception as error:  # noqa: BLE001 (whatever it is, the clock goes on for all the others)
        faults.append((entry, error))
        return None


def alert_quarantined(faults: Faults) -> None:
    """Say what was left aside: a line and a count for each kind of an account's records, with the first one's fault."""
    errors_by_kind = defaultdict[tuple[str, str], list[Exception]](list)
    for entry, error in faults:
        errors_by_kind[entry.account, entry.record_kind].append(error)
    for (account, record_kind), errors in errors_by_kind.items():
        log.error(ENTRIES_QUARANTINED, account=account, kind=record_kind, entries=len(errors), exc_info=errors[0])
        count_alert(ENTRIES_QUARANTINED)
