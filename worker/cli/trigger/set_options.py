"""`perfectum-sms trigger set`: what may be changed of a trigger, option by option."""

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any, cast

import typer

from worker.cli.account_argument import AccountId
from worker.cli.budget import insist_on_price
from worker.cli.connections import ledger
from worker.cli.operator import operator_name
from worker.cli.setting_options import Given, changes_of, with_options
from worker.cli.template.context import open_desk
from worker.cli.terminal import Exit, changes, echo, one_of, stop
from worker.core.accounts.choices import Channel, IfUnconfirmed
from worker.core.accounts.settings import BUDGET
from worker.core.authoring.nearest_name import suggestion
from worker.core.authoring.trigger_settings_check import faults, plain
from worker.core.reminders.trigger_settings import names_for
from worker.core.triggers.catalogue import BY_ID
from worker.core.triggers.trigger import Trigger
from worker.language import _
from worker.steps.accounts.triggers import change, settings_of
from worker.store.accounts.trigger_settings import TriggerSettings
from worker.store.audit.configuration import noting_changes


def read_settings(trigger: Trigger, before: Mapping[str, object], given: Sequence[str]) -> Mapping[str, object]:
    if not given:
        return before
    fields = dict(before)
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise stop(_("--setting {text}: write it as NAME=VALUE.", text=text), Exit.USAGE)
        fields.pop(name, None)
        if value or name not in names_for(trigger):
            fields[name] = value
    for (name, *_rest), sentence in faults(trigger, fields):
        raise stop(_("--setting {name}: {sentence}.", name=name, sentence=sentence), Exit.USAGE)
    return plain(fields)


def format_settings(settings: Mapping[str, object]) -> str:
    """`sent_proposal=4,sent`."""
    return ", ".join(f"{name}={format_value(value)}" for name, value in settings.items()) or _("none")


def format_value(value: object) -> str:
    return ",".join(map(str, cast("list[Any]", value))) if isinstance(value, list) else str(value)


TriggerId = Annotated[
    str, typer.Argument(metavar="TRIGGER", autocompletion=one_of(BY_ID), help="As perfectum-sms trigger list names it.")
]


@with_options(BUDGET)
def set_(
    account: AccountId,
    trigger: TriggerId,
    *,
    channel: Annotated[
        Channel | None,
        typer.Option(help="sms, viber, viber_then_sms (an SMS to whom Viber does not reach), or both."),
    ] = None,
    if_unconfirmed: Annotated[
        IfUnconfirmed | None,
        typer.Option(
            help="What becomes of a text that TurboSMS never answered about. keep: rather never than twice. "
            "resend: rather twice than never."
        ),
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--setting", "-s", metavar="NAME=VALUE", help="What only some triggers have; NAME= is the default."
        ),
    ] = None,
    **budget: Given | None,
) -> None:
    """Change what is given of a trigger and leave the rest. Workers notice within seconds.

    - `perfectum-sms trigger set acme booking_confirmed --channel viber_then_sms --if-unconfirmed resend`
    - `perfectum-sms trigger set acme position_status_sent --setting sent_proposal=4,sent`
    - `perfectum-sms trigger set acme contact_birthday --daily-budget 100 --over-budget stop`

    When reminders go is a setting too; `trigger show` has it in words:

    - `--setting before=24h,2h` of meetings and bookings
    - `--setting hour=10:00` of birthdays and last days
    - `--setting days_before=7,1,0 --setting every_days=7 --setting at_most=3` of contracts and proposals
    - `--setting after_days=1 --setting every_days=3 --setting at_most=10` of invoices
    - `--setting timing=off` where the CRM has a clock of its own

    Where TurboSMS never answers and the key's life is over, nobody can know whether a text was sent:

    - `--if-unconfirmed keep`: it stays `unconfirmed`: nobody gets it twice, somebody perhaps never. Every trigger
      begins so. A person may still decide: `perfectum-sms unconfirmed --help`.
    - `--if-unconfirmed resend`: it goes again under a fresh key: somebody perhaps gets it twice. For texts that must
      not be missed.
    """
    wanted = known_trigger(trigger)
    limits = changes_of(budget)
    if channel is None and if_unconfirmed is None and not setting and not limits:
        hint = _("Look: perfectum-sms trigger show {account} {trigger}", account=account, trigger=trigger)
        raise stop(_("Say what to change, as --channel viber. {hint}", hint=hint), Exit.USAGE)
    with ledger() as connection, noting_changes(connection, account, by=operator_name()):
        open_desk(connection, account, to_edit=True)
        before = settings_of(connection, account, wanted).settings
        given = {"channel": channel, "if_unconfirmed": if_unconfirmed}
        wishes = {name: value for name, value in given.items() if value is not None}
        settings = read_settings(wanted, before, setting or ())
        changed = change(connection, account, wanted, {**wishes, "settings": settings, **limits})
        insist_on_price(connection, account)
    print_change(wanted, changed.before, changed.after)


def print_change(trigger: Trigger, before: TriggerSettings, after: TriggerSettings) -> None:
    was, now = (
        {
            "channel": item.channel,
            "if_unconfirmed": item.if_unconfirmed,
            "settings": format_settings(item.settings),
            **{limit.name: limit.format(getattr(item, limit.attribute)) for limit in BUDGET},
        }
        for item in (before, after)
    )
    for line in changes(was, now):
        echo(f"{trigger.id}, {line}")
    if was == now:
        echo(_("{id} was set so already: nothing changed.", id=trigger.id))
    if not after.switched_on:
        echo(_("It is off."))


def known_trigger(name: str, among: Collection[str] = BY_ID) -> Trigger:
    if name in among:
        return BY_ID[name]
    hint = suggestion(name, among, _("there are {among}.", among=", ".join(among)))
    raise stop(_("There is no trigger {name}: {hint}", name=name, hint=hint), Exit.NOT_FOUND)
