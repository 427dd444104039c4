"""What `check` says of the work itself: what stands still is wrong for as long as it does."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, timedelta, tzinfo

from worker.cli.ages import format_age
from worker.cli.moments import ZonesOfAccounts, shown
from worker.cli.operate.finding import Finding
from worker.cli.operate.pause_labels import resume_command, scope_words, why
from worker.core.monitoring.departure import Hold
from worker.core.sending.pause import NO_TOKEN
from worker.language import _, ngettext
from worker.steps.monitoring.overview import Overview, overview
from worker.steps.monitoring.standstill import FailingTask, OverBudget, Overdue, Paused, WaitingOutcomes, standstills
from worker.store.accounts.account_zones import account_zones
from worker.store.db.postgres import Connection

#: At most so many pauses of an account are listed.
PAUSES_SHOWN = 3


def work(connection: Connection) -> Iterator[Finding]:
    view, zones = overview(connection), account_zones(connection)
    holds: dict[str | None, list[Hold]] = defaultdict(list)
    others: list[Finding] = []
    for still in standstills(view):
        match still:
            case Paused(hold):
                holds[hold.account].append(hold)
            case OverBudget():
                others.append(over_budget(still, zones))
            case Overdue(lane, age):
                text = _(
                    "texts wait for {age} that nothing holds: see the workers' logs and perfectum-sms stats",
                    age=format_age(age),
                )
                others.append(Finding(_("lane {lane}", lane=lane), "wrong", text))
            case WaitingOutcomes(account, age):
                others.append(waiting_outcomes(account, age))
            case FailingTask(task, reason):
                text = _("fails: {reason}; see the schedulers' logs", reason=reason)
                others.append(Finding(_("task {task}", task=task), "wrong", text))
    for account, paused in holds.items():
        yield from paused_of(account, paused, zones)
    yield from others
    yield from letters(view)


def paused_of(account: str | None, holds: list[Hold], zones: ZonesOfAccounts) -> Iterator[Finding]:
    what = _("account {account}", account=account) if account else _("every account")
    # What lost its token is listed with the secret key.
    still = [hold for hold in holds if hold.reason != NO_TOKEN]
    for hold in still[:PAUSES_SHOWN]:
        yield Finding(what, "wrong", describe(hold, zones.get(account or "", UTC)))
    more = len(still) - PAUSES_SHOWN
    if more > 0:
        text = _("more: {count}; perfectum-sms account show {id}", count=more, id=account)
        yield Finding(what, "wrong", text if account else _("more: {count}; perfectum-sms stats", count=more))


def describe(hold: Hold, zone: tzinfo) -> str:
    again = _("go on by")
    if hold.ends_at:
        again = _("goes on or is tried again at {ends_at}; or at once by", ends_at=shown(hold.ends_at, zone))
    since = _(
        "{scope}: paused since {since}: {why}",
        scope=scope_words(hold.scope),
        since=shown(hold.since, zone),
        why=why(hold.scope, hold.reason, hold.code),
    )
    return f"{since}; {again}: {resume_command(hold.account, hold.scope)}"


def over_budget(still: OverBudget, zones: ZonesOfAccounts) -> Finding:
    until = shown(still.until, zones.get(still.account, UTC)) if still.until else _("a person resumes it")
    text = ngettext(
        "{count} text waits until {until}, for the day's budget is spent",
        "{count} texts wait until {until}, for the day's budget is spent",
        still.texts,
        until=until,
    )
    hint = _("raise it: perfectum-sms account set {account} --daily-budget", account=still.account)
    return Finding(_("account {account}", account=still.account), "wrong", f"{text}; {hint}")


def waiting_outcomes(account: str, age: timedelta) -> Finding:
    text = _(
        "its CRM has not heard for {age}: RabbitMQ is away, a queue that is bound to sms.outcomes refuses, the "
        "exchange is declared otherwise, or an outcome is broken; the schedulers' logs say which",
        age=format_age(age),
    )
    return Finding(_("account {account}", account=account), "wrong", text)


def letters(view: Overview) -> Iterator[Finding]:
    if view.dead:
        text = _(
            "waiting for a person: {count}, of these for more than a week: {older}; perfectum-sms dead list",
            count=sum(view.dead.values()),
            older=view.dead.get("older", 0),
        )
        yield Finding(_("dead letters"), "note", text)
