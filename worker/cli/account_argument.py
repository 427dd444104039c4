"""An account that a command names, and the end of the command where there is none of that name."""

import re
from typing import Annotated

import typer

from worker.cli.terminal import Exit, stop, suggestion
from worker.language import _
from worker.store.accounts.account_zones import account_zones
from worker.store.db.postgres import Connection

Id = Annotated[str, typer.Argument(metavar="ID", help="a-z, 0-9, -, at most 40: the first word of its routing keys.")]
AccountId = Annotated[str, typer.Argument(metavar="ACCOUNT", help="As perfectum-sms account list names it.")]
ID = re.compile("[a-z0-9-]{1,40}")


def is_id(text: str) -> bool:
    return ID.fullmatch(text) is not None


def insist_on_account(connection: Connection, account: str) -> None:
    if account not in names(connection):
        raise no_account(connection, account)


def no_account(connection: Connection, account: str) -> typer.Exit:
    """The error that there is no such account, with the nearest id; to be raised."""
    hint = suggestion(account, names(connection), _("look at perfectum-sms account list"))
    return stop(_("There is no account {account}: {hint}", account=account, hint=hint), Exit.NOT_FOUND)


def names(connection: Connection) -> list[str]:
    return sorted(account_zones(connection))
