"""An account as it is shown, and the rights of its CRM in RabbitMQ."""

import os
import shlex
from types import NoneType
from urllib.parse import unquote, urlsplit

from worker.cli.operate.pause_labels import as_json_of as pause_as_json
from worker.cli.operate.pause_labels import pause_summary, pause_words
from worker.core.accounts.setting import Setting
from worker.core.accounts.settings import SETTINGS, AccountSettings
from worker.language import ngettext, spoken
from worker.settings.environment import AMQP
from worker.store.accounts.accounts import AccountSummary

#: What a CRM's RabbitMQ user may hold at once: enough for one connection a PHP process.
CONNECTIONS_MAX, CHANNELS_MAX = 100, 200
#: Bytes of events that may wait in a queue: a million of them.
WAITING_MAX = 1 << 30
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


def fence(account: str) -> list[str]:
    """The commands that let a RabbitMQ user publish this account's events and nothing else, and fill nothing.

    Topic permissions: https://www.rabbitmq.com/docs/access-control#topic-authorisation. The user may not declare the
    exchange: a CRM that does must stop doing so, or declare it passively. RabbitMQ bounds the connections and channels
    of a user, but bytes of a queue alone: beyond them it refuses events, instead of refusing everything to everybody
    once its disk is full.
    """
    vhost = shlex.quote(unquote(urlsplit(os.environ.get(AMQP, "")).path[1:]) or "/")
    user = f"crm-{account}"
    limits = f'{{"max-connections": {CONNECTIONS_MAX}, "max-channels": {CHANNELS_MAX}}}'
    bound = f'{{"max-length-bytes": {WAITING_MAX}}}'
    return [
        f"rabbitmqctl add_user {user}",
        f"rabbitmqctl set_permissions -p {vhost} {user} '^$' '^crm\\.events$' '^$'",
        f"rabbitmqctl set_topic_permissions -p {vhost} {user} crm.events '^{account}\\..*' '^$'",
        f"rabbitmqctl set_user_limits {user} '{limits}'",
        f"rabbitmqctl set_policy -p {vhost} sms-events '^crm\\.events' '{bound}' --apply-to queues",
    ]
