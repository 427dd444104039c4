"""What the demo plays on: a database of its own, a simulator, a worker and a scheduler, all gone afterwards."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pika
from pika.exceptions import ChannelClosedByBroker
from rich.console import Console

from worker import topology
from worker.core.catalogue import TRIGGERS
from worker.settings import LISTEN, OFF, Settings
from worker.store.accounts import NewAccount, add
from worker.store.postgres import Pool, open_pool, transaction
from worker.store.scratch import migrated_database
from worker.store.secrets import Seal
from worker.turbosms.simulator.ledger import Account
from worker.turbosms.simulator.serve import running

ACCOUNTS = {"acme": ("Акме", "DemoShop"), "romashka": ("Ромашка", "Perfectum")}
ALL_DAY = 24 * 60
ENDING_S = 30


class DemoError(Exception):
    """The demo cannot go on; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What is set up."""

    pool: Pool
    simulator_url: str
    processes: dict[str, subprocess.Popen[bytes]]
    log: Path

    def insist_that_all_live(self) -> None:
        """A dead process would only be waited for in vain.

        Raises:
            DemoError: one ended; its last lines are in the message.
        """
        for name, process in self.processes.items():
            if process.poll() is not None:
                last = "".join(self.log.read_text().splitlines(keepends=True)[-5:])
                raise DemoError(f"the {name} ended with exit code {process.returncode}:\n{last}")


@contextmanager
def stage(settings: Settings, console: Console) -> Generator[Stage]:
    """Set everything up, and take it down again."""
    insist_on_idle_queues(settings.amqp_url)
    tokens = {account: secrets.token_hex(16) for account in ACCOUNTS}
    senders = {account: frozenset({sender}) for account, (_, sender) in ACCOUNTS.items()}
    known = tuple(Account(token=tokens[name], name=name, senders=senders[name]) for name in ACCOUNTS)
    with ExitStack() as stack:
        database = stack.enter_context(migrated_database(settings.database_url, prefix="sms_demo"))
        provider = stack.enter_context(running(accounts=known))
        pool = stack.enter_context(open_pool(database, size=2, name="perfectum-sms demo"))
        key = secrets.token_urlsafe(32)
        add_accounts(pool, key, tokens)
        log = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "processes.log"
        environment = {
            **os.environ,
            LISTEN: OFF,
            "SMS_AMQP_URL": settings.amqp_url,
            "SMS_DATABASE_URL": database,
            "SMS_SECRET_KEY": key,
            "SMS_TURBOSMS_URL": provider.url,
        }
        console.print("Starting the worker, the scheduler and the TurboSMS simulator …")
        output = stack.enter_context(log.open("wb"))
        processes = {name: stack.enter_context(process(name, environment, output)) for name in ("worker", "scheduler")}
        yield Stage(pool, provider.url, processes, log)


def insist_on_idle_queues(amqp_url: str) -> None:
    """The demo must not eat somebody's events."""
    with pika.BlockingConnection(pika.URLParameters(amqp_url)) as connection:
        for queue in topology.EVENT_QUEUES:
            try:
                found = connection.channel().queue_declare(queue, passive=True).method
            except ChannelClosedByBroker:
                continue
            if found.message_count or found.consumer_count:
                hint = "give SMS_AMQP_URL a virtual host that nobody uses"
                raise DemoError(f"the queue {queue} of this RabbitMQ is in use: {hint}")


def add_accounts(pool: Pool, key: str, tokens: dict[str, str]) -> None:
    """Two CRM installations that may write at any hour."""
    seal = Seal([key])
    with transaction(pool) as connection:
        for account, (name, sender) in ACCOUNTS.items():
            token = seal.close(tokens[account].encode())
            add(connection, NewAccount(account, name, token, sender, "Europe/Kyiv", "uk", 0, ALL_DAY), TRIGGERS)


@contextmanager
def process(name: str, environment: dict[str, str], output: IO[bytes]) -> Generator[subprocess.Popen[bytes]]:
    """One of our processes, drained at the end."""
    command = [sys.executable, "-m", "worker", name]
    started = subprocess.Popen(command, env=environment, stdout=output, stderr=output, start_new_session=True)  # noqa: S603
    try:
        yield started
    finally:
        started.terminate()
        try:
            started.wait(ENDING_S)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()
