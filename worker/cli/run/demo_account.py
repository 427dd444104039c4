"""The account that a newcomer finds, so that an event can be published at once."""

from __future__ import annotations

from worker.cli.connections import sealed_ledger
from worker.cli.simulator.client import ask
from worker.cli.terminal import say
from worker.core.clock.quiet_hours import ALWAYS
from worker.core.triggers.catalogue import TRIGGERS
from worker.store.accounts import accounts, callback_keys
from worker.store.accounts.accounts import NewAccount

ACCOUNT = "demo"
#: What the simulator takes, and what it signs reports with; they open nothing else.
TOKEN = "simulator-token"  # noqa: S105
CALLBACK_KEY = "simulator-callback-key"
SENDER = "DemoShop"


def add_demo_account() -> None:
    """Add the account `demo`, if nobody added any yet; it may be written to at any hour."""
    with sealed_ledger() as (connection, seal):
        if accounts.any_exists(connection):
            return
        account = NewAccount(
            id=ACCOUNT,
            name="Демонстраційна крамниця",
            token=seal.close(TOKEN.encode()),
            sms_sender=SENDER,
            zone="Europe/Kyiv",
            locale="uk",
            window_opens=ALWAYS.opens,
            window_closes=ALWAYS.closes,
        )
        if accounts.add(connection, account, TRIGGERS):
            callback_keys.replace(connection, ACCOUNT, seal.close(CALLBACK_KEY.encode()))
            say(f"Added the account {ACCOUNT}, with every trigger on.")


def report_to(simulator_url: str, console_url: str) -> None:
    """Let the simulator report deliveries of the account `demo` to a console."""
    url = f"{console_url}/turbosms/{ACCOUNT}/receipts"
    ask(simulator_url, "POST", "accounts", {"token": TOKEN, "callback_url": url, "callback_secret": CALLBACK_KEY})
