"""Callbacks of an account: the address that TurboSMS posts them to, and the security key that it signs them with."""

from pathlib import Path
from typing import Annotated

import typer

from worker.cli.account.token_input import read_callback_key
from worker.cli.account_argument import no_account
from worker.cli.connections import sealed_ledger, settings_for
from worker.cli.operator import operator_name
from worker.cli.terminal import Exit, echo, stop
from worker.language import _, marked
from worker.settings.environment import PUBLIC

CallbackSecret = Annotated[
    bool | None,
    typer.Option(
        "--callback-secret/--no-callback-secret",
        help="Ask for the security key of TurboSMS's callbacks, and accept them; or refuse them from now on.",
    ),
]
CallbackSecretFile = Annotated[Path | None, typer.Option(help="A file that holds it; - is stdin.", allow_dash=True)]
#: Where SMS_PUBLIC_URL is not set.
SOMEWHERE = marked("https://<where your proxy hands on to the console>")


def set_callback_key(account: str, wanted: bool | None, file: Path | None) -> bool:  # noqa: FBT001 (as the option)
    """Give an account the security key, or take it away; whether there was anything to do."""
    if wanted is None and file is None:
        return False
    if wanted is False and file:
        raise stop(_("Give --no-callback-secret or --callback-secret-file, not both."), Exit.USAGE)
    key = None if wanted is False else read_callback_key(file)
    from worker.steps.accounts import credentials  # noqa: PLC0415 (a listing must be quick)

    with sealed_ledger() as (connection, seal):
        if not credentials.set_callback_key(connection, seal, account, key, by=operator_name()):
            raise no_account(connection, account)
    if key is None:
        echo(_("{account}: callbacks are refused from now on; its receipts are asked for.", account=account))
        return True
    echo(
        _(
            "{account}: callbacks signed with this key are accepted within seconds, where a console runs.",
            account=account,
        )
    )
    echo(_("The address for TurboSMS's cabinet: {url}", url=callback_url(account)))
    return True


def callback_url(account: str) -> str:
    return f"{settings_for(()).public_url or _(SOMEWHERE)}/turbosms/{account}/receipts"


def callback_row(account: str, *, has_key: bool) -> dict[str, object]:
    return {"callback_url": callback_url(account), "callbacks": "accepted" if has_key else "refused"}


def explain_callbacks(account: str, *, has_key: bool) -> None:
    if not settings_for(()).public_url:
        echo(_("Set {variable}, and this is the whole address for TurboSMS's cabinet.", variable=PUBLIC))
    if not has_key:
        echo(
            _("Callbacks need its security key: perfectum-sms account set {account} --callback-secret", account=account)
        )
