"""What each person gets, and what runs away: counted at the claim, stopped with one alert."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from worker.core.accounts.account import Account
from worker.core.clock.timeouts import STOP_WAIT
from worker.core.sending.eligibility import Allowed, Claimed, Decision, Postponed
from worker.core.sending.frequency_cap import counts, sift_people
from worker.core.sending.pause import RUNAWAY, Stop, of_person, of_trigger
from worker.core.sending.runaway_guard import runaways, runs_away
from worker.steps.effects import Alert
from worker.store.db.postgres import Connection
from worker.store.sending import contact_log, pauses
from worker.store.sending.hourly_volumes import Hour


def sift_limits(
    connection: Connection, rows: Sequence[Claimed], account: Account, alerts: list[Alert], *, now: datetime
) -> Iterator[tuple[Claimed, Decision]]:
    yield from ((row, Allowed()) for row in rows if not counts(row))
    rows = list(filter(counts, rows))
    contacts = contact_log.recent_contacts(connection, account.id, {row.recipient_key for row in rows}, now=now)
    runaway = runaways(rows, contacts, now, floor=account.limits.day_max // 2)
    alerts += [
        ("person.stopped", {"account": account.id, "scope": of_person(key)})
        for key in sorted(runaway)
        if pauses.pause(connection, account.id, Stop(of_person(key), RUNAWAY, "runaway_guard"), now=now)
    ]
    for row, decision in sift_people(rows, contacts, account.limits, now=now):
        is_stopped = row.recipient_key in runaway and isinstance(decision, Allowed)
        yield row, Postponed(now + STOP_WAIT, RUNAWAY) if is_stopped else decision


def judge(
    connection: Connection, hours: Mapping[str, Hour], account: Account, alerts: list[Alert], *, now: datetime
) -> None:
    for trigger, hour in hours.items():
        stop = Stop(of_trigger(trigger), RUNAWAY, "runaway_guard")
        if runs_away(hour.sent, hour.busiest, floor=account.runaway_threshold) and pauses.pause(
            connection, account.id, stop, now=now
        ):
            facts: dict[str, object] = {"account": account.id, "trigger": trigger, "sent": hour.sent}
            alerts.append(("trigger.stopped", facts))
