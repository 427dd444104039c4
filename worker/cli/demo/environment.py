"""What the demo plays on: a database of its own, a simulator, a worker and a scheduler, all removed afterwards."""

import re
import secrets
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from worker.amqp.queue_loads import queue_loads
from worker.amqp.topology import EVENT_QUEUES
from worker.cli.demo.received_outcomes import Subscriber, subscribed
from worker.cli.demo.scenario import MAKSYM, NADIIA, OPTED_OUT_PHONE, STOPPED_PHONE, UNREACHED_PHONE
from worker.cli.run.up import CHILDREN, end, report_to, start
from worker.cli.simulator.client import ask
from worker.core.accounts.setting_kinds import ALL as EVERY_OUTCOME
from worker.core.accounts.settings import AccountSettings
from worker.core.clock.quiet_hours import ALWAYS
from worker.core.planning.suppression import ALL
from worker.core.triggers.catalogue import TRIGGERS
from worker.core.triggers.recipient_key import key_of
from worker.language import _
from worker.settings.environment import AMQP, DATABASE, LISTEN, LOG_LEVEL, OFF, RECEIPTS, SECRET_KEY, TURBOSMS, Settings
from worker.simulator.ledger import Account
from worker.simulator.server import running
from worker.steps.operate.suppress import suppress
from worker.store.accounts import callback_keys, trigger_settings
from worker.store.accounts.accounts import add
from worker.store.accounts.sealed_places import callback_key_of, token_of
from worker.store.accounts.secrets import Seal, salt
from worker.store.accounts.trigger_settings import TriggerSettings
from worker.store.consent.suppressions import Entry
from worker.store.db.postgres import Pool, open_pool, transaction
from worker.store.db.temporary_database import migrated_database


@dataclass(frozen=True, slots=True)
class Installation:
    """A CRM installation, and what its owner has from TurboSMS's cabinet; `channels` of triggers not sent by SMS."""

    id: str
    name: str
    sender: str
    channels: dict[str, str] = field(default_factory=dict[str, str])
    opted_out: tuple[str, ...] = ()
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    callback_secret: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    @property
    def at_provider(self) -> Account:
        senders = frozenset({self.sender})
        return Account(token=self.token, name=self.id, senders=senders, viber_senders=senders)


def installations() -> tuple[Installation, ...]:
    by_viber = {"order_created": "viber_then_sms", "order_approved": "viber"}
    return (
        Installation("acme", "Акме", "DemoShop"),
        Installation("romashka", "Ромашка", "Perfectum", by_viber, (OPTED_OUT_PHONE,)),
    )


def set_up_all(pool: Pool, key: str, all_of_them: tuple[Installation, ...]) -> None:
    seal = Seal([key])
    with transaction(pool) as connection:
        for crm in all_of_them:
            settings = AccountSettings(
                name=crm.name, sms_sender=crm.sender, viber_sender=crm.sender, window=ALWAYS, outcomes=(EVERY_OUTCOME,)
            )
            add(connection, crm.id, seal.close(crm.token.encode(), token_of(crm.id)), settings, TRIGGERS)
            callback_keys.replace(connection, crm.id, seal.close(crm.callback_secret.encode(), callback_key_of(crm.id)))
            for trigger, channel in crm.channels.items():
                trigger_settings.save(connection, crm.id, trigger, TriggerSettings(switched_on=True, channel=channel))
            key_salt = salt(connection, seal)
            stop = [Entry(key_of(phone, salt=key_salt), phone, ALL, "asked", "operator") for phone in crm.opted_out]
            suppress(connection, crm.id, stop, by="demo")


#: What becomes of whose messages; all others are delivered.
FATES = (
    {"recipient": UNREACHED_PHONE, "sms": "undelivered"},
    {"recipient": MAKSYM["phonenumber"], "viber": "read", "text_contains": "прийнято"},
    {"recipient": NADIIA["phonenumber"], "viber": "not_viber_user"},
)
#: So quickly messages arrive here, in seconds.
HASTE = {"accepted_after_s": 0.3, "sent_after_s": 0.6, "final_after_s": 1}
#: After a report that was not taken the provider waits for a minute, with which it tries again.
A_MINUTE = {"advance_s": 61}


def prepare(url: str) -> None:
    ask(url, "PATCH", "settings", HASTE)
    ask(url, "POST", "stoplist", {"recipient": STOPPED_PHONE})
    for fate in FATES:
        ask(url, "POST", "fates", fate)


def hurry(url: str) -> None:
    """Let a report that was too early for us come again now."""
    if any(report["outcomes"] and report["state"] == "waiting" for report in ask(url, "GET", "callbacks")):
        ask(url, "POST", "clock", A_MINUTE)


STARTING_S = 30.0
LOOK_S = 0.05
#: The console's line with the address where it takes callbacks.
LISTENING = re.compile(r'callbacks\.listening".*"(http://[^"]+)"')


class DemoError(Exception):
    """The demo cannot go on; the message has the reason and what to do."""


@dataclass(frozen=True, slots=True)
class Stage:
    pool: Pool
    simulator: str
    processes: dict[str, subprocess.Popen[bytes]]
    log: Path
    crm: Subscriber

    def insist_that_all_live(self) -> None:
        """Raise DemoError with the last lines of the log where a process ended: it would be waited for in vain."""
        for name, process in self.processes.items():
            if process.poll() is not None:
                last = "".join(self.log.read_text().splitlines(keepends=True)[-5:])
                raise DemoError(
                    _(
                        "the {name} ended with exit code {returncode}:\n{last}",
                        name=name,
                        returncode=process.returncode,
                        last=last,
                    )
                )


@contextmanager
def stage(settings: Settings, console: Console) -> Generator[Stage]:
    insist_on_idle_queues(settings.amqp_url)
    crms = installations()
    with ExitStack() as stack:
        crm = stack.enter_context(subscribed(settings.amqp_url, [installation.id for installation in crms]))
        database = stack.enter_context(migrated_database(settings.database_url, prefix="sms_demo"))
        simulator = stack.enter_context(running(accounts=[installation.at_provider for installation in crms]))
        pool = stack.enter_context(open_pool(database, size=2, name="perfectum-sms demo"))
        key = secrets.token_urlsafe(32)
        set_up_all(pool, key, crms)
        log = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "processes.log"
        environ = {
            LISTEN: OFF,
            LOG_LEVEL: "INFO",
            RECEIPTS: "127.0.0.1:0",
            TURBOSMS: simulator.url,
            AMQP: settings.amqp_url,
            DATABASE: database,
            SECRET_KEY: key,
        }
        console.print(_("Starting a worker, a scheduler, a console for delivery reports, and a simulated TurboSMS …"))
        output = stack.enter_context(log.open("wb"))
        processes = {name: start(name, environ, output=output) for name in CHILDREN}
        stack.callback(end, list(processes.values()))
        set_up = Stage(pool, simulator.url, processes, log, crm)
        prepare(simulator.url)
        enable_delivery_reports(set_up, crms)
        yield set_up


def insist_on_idle_queues(amqp_url: str) -> None:
    loads = queue_loads(amqp_url, name="perfectum-sms demo")
    for queue in EVENT_QUEUES:
        if any(loads.get(queue, ())):
            hint = _("give SMS_AMQP_URL a virtual host that nobody uses")
            raise DemoError(_("the queue {queue} of this RabbitMQ is in use: {hint}", queue=queue, hint=hint))


def enable_delivery_reports(set_up: Stage, all_of_them: tuple[Installation, ...]) -> None:
    """Let the provider report deliveries to our console, as one writes it into its cabinet."""
    console_url = console_address(set_up)
    for crm in all_of_them:
        report_to(set_up.simulator, crm.token, f"{console_url}/turbosms/{crm.id}/receipts", crm.callback_secret)


def console_address(set_up: Stage) -> str:
    """Where the console takes callbacks, once it does; DemoError if it does not begin to."""
    ends_at = time.monotonic() + STARTING_S
    while time.monotonic() < ends_at:
        set_up.insist_that_all_live()
        if match := LISTENING.search(set_up.log.read_text()):
            return match[1]
        time.sleep(LOOK_S)
    raise DemoError(_("the console has not begun to take callbacks"))
