"""The demo's two CRM installations: their senders, their channels, and a client who wants no SMS."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from worker.cli.demo.office_events import OPTED_OUT_PHONE
from worker.core.accounts.settings import AccountSettings
from worker.core.clock.quiet_hours import ALWAYS
from worker.core.planning.suppression import ALL
from worker.core.triggers.catalogue import TRIGGERS
from worker.core.triggers.recipients import key_of
from worker.simulator.ledger import Account
from worker.steps.operate.suppress import suppress
from worker.store.accounts import callback_keys, trigger_settings
from worker.store.accounts.accounts import add
from worker.store.accounts.secrets import Seal, salt
from worker.store.accounts.trigger_settings import TriggerSettings
from worker.store.consent.suppressions import Entry
from worker.store.db.postgres import Pool, transaction


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
    """Let the worker know them; they may write at any hour."""
    seal = Seal([key])
    with transaction(pool) as connection:
        for crm in all_of_them:
            settings = AccountSettings(name=crm.name, sms_sender=crm.sender, viber_sender=crm.sender, window=ALWAYS)
            add(connection, crm.id, seal.close(crm.token.encode()), settings, TRIGGERS)
            callback_keys.replace(connection, crm.id, seal.close(crm.callback_secret.encode()))
            for trigger, channel in crm.channels.items():
                trigger_settings.save(connection, crm.id, trigger, TriggerSettings(switched_on=True, channel=channel))
            key_salt = salt(connection, seal)
            stop = [Entry(key_of(phone, salt=key_salt), phone, ALL, "asked", "operator") for phone in crm.opted_out]
            suppress(connection, crm.id, stop, by="demo")
