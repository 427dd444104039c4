"""`perfectum-sms account set`: the table of settings as options, and what a change of them asks for."""

from collections.abc import Mapping
from typing import Any

from worker.cli.account.callbacks import CallbackSecret, CallbackSecretFile, set_callback_key
from worker.cli.account.provider_checks import Unchecked, insist_on_sender
from worker.cli.account_argument import Id, no_account
from worker.cli.budget import no_price
from worker.cli.connections import ledger
from worker.cli.operator import operator_name
from worker.cli.setting_options import Given, changes_of, with_options
from worker.cli.terminal import Exit, changes, echo, stop
from worker.core.accounts.settings import SETTINGS, AccountSettings
from worker.language import _
from worker.steps.accounts import settings
from worker.store.audit.configuration import noting_changes


@with_options(SETTINGS)
def set_(
    id_: Id,
    *,
    callback_secret: CallbackSecret = None,
    callback_secret_file: CallbackSecretFile = None,
    unchecked: Unchecked = False,
    **given: Given | None,
) -> None:
    """Change what is given of an account and leave the rest. Workers notice by themselves.

    Durations are written as `90s`, `10m`, `24h` or `7d`.

    - `perfectum-sms account set acme --rate 25 --in-flight 10`
    - `perfectum-sms account set acme --hours 10:00-19:00 --person-day 10 --same-text 1h`
    - `perfectum-sms account set acme --viber-sender "Акме" --viber-instead on`
    - `perfectum-sms account set acme --callback-secret` asks for the key, as `account token` does for the token
    - `perfectum-sms account set acme --custom-shortcodes customers_kod,customers_bonus --segment-price 0.95`
    - `perfectum-sms account set acme --daily-budget 500 --low-balance 200 --low-hours 24 --alert-phone 0671234567`
    """
    wanted = changes_of(given)
    insist_on_sender(wanted.get("sms_sender"), is_unchecked=unchecked)
    if not set_callback_key(id_, callback_secret, callback_secret_file) or wanted:
        change(id_, wanted)


def change(account: str, wanted: Mapping[str, Any]) -> None:
    if not wanted:
        raise stop(
            _("Say what to change, as --rate 25. Look: perfectum-sms account show {account}", account=account),
            Exit.USAGE,
        )
    with ledger() as connection, noting_changes(connection, account, by=operator_name()):
        changed = settings.change(connection, account, wanted)
        match changed:
            case "no_account":
                raise no_account(connection, account)
            case "no_viber_sender":
                raise stop(
                    _(
                        "{account} has no Viber sender: give --viber-sender too, or --viber-instead off.",
                        account=account,
                    ),
                    Exit.USAGE,
                )
            case "no_price":
                raise no_price(account)
            case _:
                pass
    announce(account, changed.before, changed.after)


def announce(account: str, before: AccountSettings, after: AccountSettings) -> None:
    lines = changes(typed(before), typed(after))
    for line in lines:
        echo(line)
    if before.viber_sender not in {None, after.viber_sender}:
        echo(
            _(
                "If Viber was stopped for the old sender: perfectum-sms account resume {account} --scope viber",
                account=account,
            )
        )
    if not lines:
        echo(_("{account} was set so already: nothing changed.", account=account))


def typed(of: AccountSettings) -> dict[str, str]:
    return {setting.option: setting.format(getattr(of, setting.attribute)) for setting in SETTINGS}
