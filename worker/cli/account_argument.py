"""An account that a command names, and the end of the command where there is none of that name."""

import re
from typing import Annotated

import typer

from worker.cli.terminal import Exit, stop
from worker.core.authoring.nearest_name import suggestion
from worker.language import _
from worker.store.accounts.account_zones import account_zones
from worker.store.db.postgres import Connection

Id = Annotated[str, typer.Argument(metavar="ID", help="a-z, 0-9, -, at most 40: the first word of its routing keys.")]
AccountId = Annotated[str, typer.Argument(metavar="ACCOUNT", help="As perfectum-sms account list names it.")]
ID = re.compile("[a-z0-9-]{1,40}")
#: How many accounts an error names.
NAMED = 10


def is_id(text: str) -> bool:
    return ID.fullmatch(text) is not None


def insist_on_account(connection: Connection, account: str) -> None:
    if account not in names(connection):
        raise no_account(connection, account)


def account_or_only(connection: Connection, account: str | None) -> str | None:
    """The account that is named, or the only one there is."""
    if account is not None:
        insist_on_account(connection, account)
        return account
    known = names(connection)
    return known[0] if len(known) == 1 else None


def whose(connection: Connection) -> typer.Exit:
    """The error that an account must be named, with those that there are; to be raised."""
    known = names(connection)
    if not known:
        return stop(_("No account yet. Add one: perfectum-sms account add --help"), Exit.NOT_FOUND)
    some = ", ".join(known[:NAMED]) + (", …" if len(known) > NAMED else "")
    return stop(_("Whose? There are several accounts; add --account, one of {accounts}.", accounts=some), Exit.USAGE)


def no_account(connection: Connection, account: str) -> typer.Exit:
    """The error that there is no such account, with the nearest id; to be raised."""
    hint = suggestion(account, names(connection), _("look at perfectum-sms account list"))
    return stop(_("There is no account {account}: {hint}", account=account, hint=hint), Exit.NOT_FOUND)


def names(connection: Connection) -> list[str]:
    return sorted(account_zones(connection))
