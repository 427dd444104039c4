"""What `check` says of what stands still: accounts, budgets, and processes that nobody runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

import pika
from pika.exceptions import ChannelClosedByBroker

from worker.amqp import topology
from worker.amqp.connection import parameters
from worker.cli.operate.check_findings import Finding
from worker.cli.operate.pause_labels import short, why
from worker.cli.run.scheduler import is_living
from worker.core.sending.pause import NO_TOKEN
from worker.store.accounts import accounts
from worker.store.accounts.accounts import AccountSummary, Stopped
from worker.store.db.postgres import Connection, clock
from worker.store.monitoring import stalled_work, task_status

#: Of one account more than these are only counted.
SHOWN = 3


def stopped(connection: Connection) -> Iterator[Finding]:
    """Accounts, and parts of them, that wait for a person, for money or for another day."""
    for account in accounts.list_accounts(connection):
        yield from stopped_of(account)
    for over in stalled_work.over_budget(connection):
        text = f"{over.texts} texts wait until {moment(over.until)}, for the day's budget is spent"
        hint = f"raise it: perfectum-sms account set {over.account} --daily-budget"
        yield Finding(f"account {over.account}", "wrong", f"{text}; {hint}")


def stopped_of(account: AccountSummary) -> Iterator[Finding]:
    # What lost its token is told with the secret key.
    still = [item for item in account.stopped if item.reason != NO_TOKEN]
    for pause in still[:SHOWN]:
        yield Finding(f"account {account.id}", "wrong", describe_pause(account.id, pause))
    if len(still) > SHOWN:
        text = f"{len(still) - SHOWN} more: perfectum-sms account show {account.id}"
        yield Finding(f"account {account.id}", "wrong", text)


def describe_pause(account: str, pause: Stopped) -> str:
    itself = (
        f"is tried again at {moment(pause.next_probe)}; or once it is mended: " if pause.next_probe else "go on by: "
    )
    resume = f"perfectum-sms account resume {account} --scope {short(pause.scope)}"
    return f"{short(pause.scope)} stands still since {moment(pause.since)}: {why(pause)}; {itself}{resume}"


def moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def consumed(url: str) -> Finding:
    """Whether anybody consumes; only what waits for nobody stands still."""
    with pika.BlockingConnection(parameters(url, name="perfectum-sms check")) as connection:
        loads = {queue: load for queue in topology.QUEUES if (load := load_of(connection, queue))}
    return consumers(loads)


def load_of(connection: pika.BlockingConnection, queue: str) -> tuple[int, int] | None:
    """How many messages lie ready in a queue and how many consume it; None where RabbitMQ does not tell."""
    try:
        method = connection.channel().queue_declare(queue, passive=True).method
    except ChannelClosedByBroker:
        return None
    return method.message_count, method.consumer_count


def consumers(loads: Mapping[str, tuple[int, int]]) -> Finding:
    left = [f"{queue} ({messages})" for queue, (messages, count) in loads.items() if messages and not count]
    if left:
        return Finding("workers", "wrong", f"nobody consumes {', '.join(left)}: start perfectum-sms worker")
    deaf = [queue for queue, (_, count) in loads.items() if not count]
    if len(deaf) == len(loads):
        return Finding("workers", "note", "none runs; nothing waits for one")
    if deaf:
        return Finding("workers", "note", f"nobody consumes {', '.join(deaf)}; nothing lies there")
    return Finding("workers", "ok", "every queue is consumed")


def scheduled(connection: Connection) -> Finding:
    """Whether a scheduler runs; only what is due and waits for none stands still."""
    now = clock(connection)
    living = {run.runner for run in task_status.list_runs(connection) if is_living(run, now=now)}
    if living:
        return Finding("schedulers", "ok", f"{len(living)} run")
    late = stalled_work.late_since(connection, now=now)
    if late:
        return Finding(
            "schedulers",
            "wrong",
            f"none runs, and something is due since {moment(late)}: start perfectum-sms scheduler",
        )
    return Finding("schedulers", "note", "none runs: reminders and what is postponed will wait for one")
