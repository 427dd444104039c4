"""What `check` says of the work itself: what stands still is wrong for as long as it does."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, tzinfo

from worker.cli.ages import format_age
from worker.cli.moments import shown
from worker.cli.operate.finding import Finding
from worker.cli.operate.pause_labels import resume_command, short, why
from worker.core.monitoring.departure import Hold
from worker.core.sending.pause import NO_TOKEN
from worker.steps.monitoring.overview import Overview, overview
from worker.steps.monitoring.standstill import FailingTask, OverBudget, Overdue, Paused, standstills
from worker.store.accounts.account_zones import account_zones
from worker.store.accounts.accounts import Stopped
from worker.store.db.postgres import Connection

#: At most so many pauses of an account are listed.
PAUSES_SHOWN = 3
#: Whose pauses those of no account are.
EVERYBODY = "every account"

Zones = Mapping[str, tzinfo]


def work(connection: Connection) -> Iterator[Finding]:
    view, zones = overview(connection), account_zones(connection)
    holds: dict[str, list[Hold]] = defaultdict(list)
    others: list[Finding] = []
    for still in standstills(view):
        match still:
            case Paused(hold):
                holds[hold.account or EVERYBODY].append(hold)
            case OverBudget():
                others.append(over_budget(still, zones))
            case Overdue(lane, age):
                text = f"texts wait for {format_age(age)} that nothing holds: see the workers' logs"
                others.append(Finding(f"lane {lane}", "wrong", f"{text} and perfectum-sms stats"))
            case FailingTask(task, reason):
                others.append(Finding(f"task {task}", "wrong", f"fails: {reason}; see the schedulers' logs"))
    for account, paused in holds.items():
        yield from paused_of(account, paused, zones)
    yield from others
    yield from letters(view)


def paused_of(account: str, holds: list[Hold], zones: Zones) -> Iterator[Finding]:
    what = account if account == EVERYBODY else f"account {account}"
    # What lost its token is listed with the secret key.
    still = [hold for hold in holds if hold.reason != NO_TOKEN]
    for hold in still[:PAUSES_SHOWN]:
        yield Finding(what, "wrong", describe(hold, zones.get(account, UTC)))
    if len(still) > PAUSES_SHOWN:
        command = "stats" if account == EVERYBODY else f"account show {account}"
        yield Finding(what, "wrong", f"{len(still) - PAUSES_SHOWN} more: perfectum-sms {command}")


def describe(hold: Hold, zone: tzinfo) -> str:
    stopped = Stopped(hold.scope, hold.reason, hold.code, hold.since, hold.by, hold.ends_at)
    again = f"goes on at {shown(hold.ends_at, zone)} or is tried again then" if hold.ends_at else "go on by"
    resume = resume_command(hold.account, hold.scope)
    return f"{short(hold.scope)} is paused since {shown(hold.since, zone)}: {why(stopped)}; {again}: {resume}"


def over_budget(still: OverBudget, zones: Zones) -> Finding:
    until = shown(still.until, zones.get(still.account, UTC)) if still.until else "a person resumes it"
    text = f"{still.texts} texts wait until {until}, for the day's budget is spent"
    hint = f"raise it: perfectum-sms account set {still.account} --daily-budget"
    return Finding(f"account {still.account}", "wrong", f"{text}; {hint}")


def letters(view: Overview) -> Iterator[Finding]:
    count = sum(view.dead.values())
    if count:
        text = f"{count} wait for a person, {view.dead.get('older', 0)} of them for more than a week"
        yield Finding("dead letters", "note", f"{text}: perfectum-sms dead list")
