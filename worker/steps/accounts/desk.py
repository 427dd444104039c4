"""An account with its texts, as whoever reads or writes them needs it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from worker.core.accounts.price import UNKNOWN, Price
from worker.core.accounts.settings import AccountSettings
from worker.core.authoring.template_scope import Subject, of_custom, of_trigger
from worker.core.triggers.catalogue import BY_ID
from worker.store.accounts import account_settings, templates
from worker.store.accounts.templates import Kept
from worker.store.db.postgres import Connection
from worker.store.spending import prices


@dataclass(frozen=True, slots=True)
class Desk:
    """An account with its texts; its settings have the price that was learned where none was set."""

    account: str
    settings: AccountSettings
    kept: Sequence[Kept]
    price: Price = UNKNOWN

    def subject(self, name: str) -> Subject | None:
        """What this name is of; None where nothing that has a text of its own is called so."""
        trigger = BY_ID.get(name)
        if trigger:
            return None if trigger.is_free else of_trigger(trigger)
        custom = next((template for template in self.kept if template.name == name), None)
        return of_custom(name, custom.section or "") if custom else None

    def texts(self, name: str) -> list[Kept]:
        """The texts of a subject in each of its languages."""
        return [item for item in self.kept if item.called == name]

    def text(self, subject: Subject, locale: str | None) -> Kept | None:
        wanted = locale or self.settings.locale
        return next((item for item in self.texts(subject.name) if item.locale == wanted), None)


def open_desk(connection: Connection, account: str, *, to_edit: bool = False) -> Desk | None:
    """An account with its texts; to edit them, nobody else does until the end of the transaction. None: no such one."""
    settings = (account_settings.lock if to_edit else account_settings.read)(connection, account)
    if settings is None:
        return None
    price = prices.prices_of(connection, account).sms
    settings = replace(settings, segment_price=price.amount)
    return Desk(account, settings, templates.list_templates(connection, account), price)
