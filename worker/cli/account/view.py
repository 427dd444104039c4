"""An account as it is shown."""

from types import NoneType

from worker.cli.operate.pause_labels import as_json_of as pause_as_json
from worker.cli.operate.pause_labels import pause_summary, pause_words
from worker.core.accounts.setting import Setting
from worker.core.accounts.settings import SETTINGS, AccountSettings
from worker.language import ngettext, spoken
from worker.store.accounts.accounts import AccountSummary

#: Types of values that the sheet, and JSON, show as they are; others are shown as they are typed.
NATIVE = (int, float, NoneType)
NATIVE_IN_JSON = (*NATIVE, bool, tuple)


def view_of(account: AccountSummary, *, as_json: bool = False) -> dict[str, object]:
    return {
        "id": account.id,
        **{shown_name(setting): shown(setting, account.settings, as_json=as_json) for setting in SETTINGS},
        "created_at": account.created_at,
        "triggers_on": account.triggers_on,
        "paused": pause_summary(account.stopped),
    }


def row_of_list(account: AccountSummary) -> dict[str, object]:
    return {**view_of(account), "paused": pause_words(account.stopped)}


def in_words(account: AccountSummary) -> dict[str, object]:
    """The same, by the labels of the settings where Ukrainian is spoken."""
    labels = {shown_name(setting): setting.label for setting in SETTINGS} if spoken() == "uk" else {}
    return {labels.get(name, name): value for name, value in row_of_list(account).items()}


def format_stop_list(account: str, phones: int, of_marketing: int) -> str:
    return ngettext(
        "{count} phone, {of_marketing} of them for advertising alone (perfectum-sms suppression list {id})",
        "{count} phones, {of_marketing} of them for advertising alone (perfectum-sms suppression list {id})",
        phones,
        of_marketing=of_marketing,
        id=account,
    )


def shown_name(setting: Setting) -> str:
    """The name of a setting in the sheet: its column's, or its own where it has several columns."""
    return setting.attribute if setting.columns == [setting.attribute] else setting.name


def shown(setting: Setting, settings: AccountSettings, *, as_json: bool) -> object:
    """A value of the sheet: as it is typed, but for numbers, flags and lists of JSON."""
    value = getattr(settings, setting.attribute)
    native = NATIVE_IN_JSON if as_json else NATIVE
    return value if type(value) in native else setting.format(value)


def as_json_of(account: AccountSummary) -> dict[str, object]:
    return {**view_of(account, as_json=True), "pauses": [pause_as_json(pause) for pause in account.stopped]}
