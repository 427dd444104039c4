"""Quarantine calendar entries that break the program, so that they stop no other entry."""

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
    """Apply rules to an entry and note its failure; `act` must do no I/O."""
    try:
        return act()
    except Exception as error:  # noqa: BLE001 (whatever it is, the clock goes on for all the others)
        faults.append((entry, error))
        return None


def alert_quarantined(faults: Faults) -> None:
    """Log and count quarantined entries: once for each kind of an account's records, with its first error."""
    errors_by_kind = defaultdict[tuple[str, str], list[Exception]](list)
    for entry, error in faults:
        errors_by_kind[entry.account, entry.record_kind].append(error)
    for (account, record_kind), errors in errors_by_kind.items():
        log.error(ENTRIES_QUARANTINED, account=account, kind=record_kind, entries=len(errors), exc_info=errors[0])
        count_alert(ENTRIES_QUARANTINED)
