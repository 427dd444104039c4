"""What each person gets, and what runs away: counted at the claim, stopped with one alert."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from worker.core.accounts.account import Account
from worker.core.clock.timeouts import STOP_WAIT
from worker.core.sending.eligibility import Allowed, Claimed, Decision, Postponed
from worker.core.sending.frequency_cap import Contact, counts, sift_people
from worker.core.sending.pause import RUNAWAY, Stop, of_person, of_trigger
from worker.core.sending.runaway_guard import runaways, runs_away
from worker.steps.effects import Alert
from worker.store.db.postgres import Connection
from worker.store.sending import pauses
from worker.store.sending.hourly_volumes import Hour

Contacts = Mapping[bytes, Sequence[Contact]]


def running_away(rows: Sequence[Claimed], contacts: Contacts, account: Account, *, now: datetime) -> set[bytes]:
    """Name people (their keys) who would get far too much by these rows."""
    return runaways(filter(counts, rows), contacts, now, floor=account.limits.day_max // 2)


def sift_limits(
    rows: Sequence[Claimed], contacts: Contacts, runaway: Collection[bytes], account: Account, *, now: datetime
) -> Iterator[tuple[Claimed, Decision]]:
    yield from ((row, Allowed()) for row in rows if not counts(row))
    for row, decision in sift_people(filter(counts, rows), contacts, account.limits, now=now):
        is_stopped = row.recipient_key in runaway and isinstance(decision, Allowed)
        yield row, Postponed(now + STOP_WAIT, RUNAWAY) if is_stopped else decision


def stop_people(connection: Connection, account: str, runaway: Collection[bytes], *, now: datetime) -> list[Alert]:
    return [
        ("person.stopped", {"account": account, "scope": of_person(key)})
        for key in sorted(runaway)
        if pauses.pause(connection, account, Stop(of_person(key), RUNAWAY, "runaway_guard"), now=now)
    ]


def stop_triggers(
    connection: Connection, hours: Mapping[str, Hour], account: Account, *, now: datetime
) -> Iterator[Alert]:
    """Stop triggers whose hour is far above what they ever sent."""
    for trigger, hour in hours.items():
        stop = Stop(of_trigger(trigger), RUNAWAY, "runaway_guard")
        if runs_away(hour.sent, hour.busiest, floor=account.runaway_threshold) and pauses.pause(
            connection, account.id, stop, now=now
        ):
            yield "trigger.stopped", {"account": account.id, "trigger": trigger, "sent": hour.sent}
