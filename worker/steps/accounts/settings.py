"""Changing settings of an account: what speaks against it, and what waits for the old ones."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from worker.core.accounts.settings import AccountSettings
from worker.steps.accounts.budgets import lacks_price, wake
from worker.store.accounts import account_settings
from worker.store.db.postgres import Connection

#: Why nothing may be kept; the caller ends its transaction without.
Unfit = Literal["no_account", "no_viber_sender", "no_price"]


@dataclass(frozen=True, slots=True)
class Changed:
    before: AccountSettings
    after: AccountSettings


def change(connection: Connection, account: str, wanted: Mapping[str, Any]) -> Changed | Unfit:
    """Save what is wanted, by attributes, and leave the rest."""
    before = account_settings.lock(connection, account)
    if before is None:
        return "no_account"
    after = replace(before, **wanted)
    if after.viber_instead and after.viber_sender is None:
        return "no_viber_sender"
    account_settings.save(connection, account, after)
    if lacks_price(connection, account):
        return "no_price"
    wake(connection, account, before, after)
    return Changed(before, after)
