"""`/settings`: what is set of the account, and how."""

from dataclasses import dataclass
from typing import Annotated, Any

from worker.core.accounts.settings import SETTINGS
from worker.language import _
from worker.store.accounts import account_settings
from worker.store.db.postgres import transaction
from worker.web.api.endpoint import Answer, Call, endpoint
from worker.web.api.fields import about
from worker.web.api.problems import NOT_FOUND, Problem, not_found

TAG = "triggers"


@dataclass(frozen=True, slots=True)
class AccountSetting:
    """A setting of the account."""

    name: Annotated[str, about("As `perfectum-sms account set` and the account's file call it.", "zone")]
    value: Annotated[Any, about("As the account's file has it; null where it is not set.", "Europe/Kyiv")]


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """Everything that is set of the account, but for its token and its keys."""

    items: list[AccountSetting]


@endpoint("GET", "/settings", scope="settings", tag=TAG, answer=AccountSettings, problems=(NOT_FOUND,))
def show_settings(call: Call[None, None]) -> Answer | Problem:
    """Show what is set of the account: sender, zone, hours, pace, limits, budgets."""
    with transaction(call.pool) as connection:
        kept = account_settings.read(connection, call.account)
    if kept is None:
        return not_found(_("settings"))
    items = [AccountSetting(each.name, each.plain(getattr(kept, each.attribute))) for each in SETTINGS]
    return Answer(AccountSettings(items))
