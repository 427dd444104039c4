"""`perfectum-sms account export` and `import`: an account's whole configuration as one file that people read."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from worker.cli.account.provider_checks import Unchecked, insist_on_sender, insist_on_token
from worker.cli.account.token_input import read_token
from worker.cli.account_argument import Id, is_id, no_account
from worker.cli.carets import difference
from worker.cli.connections import ledger, sealed_ledger
from worker.cli.terminal import Exit, Yes, agree, echo, stop
from worker.core.account_files.changes import Change
from worker.language import _
from worker.store.accounts import account_settings
from worker.store.accounts.sealed_places import token_of

if TYPE_CHECKING:
    from worker.steps.accounts.import_file import Transferred

SENDER = "sender"


def export(id_: Id) -> None:
    """Print everything that is set of an account as YAML, to be kept, compared, changed and given back.

    The token is not in it, nor are people, events or history.

    - `perfectum-sms account export acme > acme.yaml`
    """
    from worker.steps.accounts.export_file import file_of  # noqa: PLC0415 (help must be quick)

    with ledger() as connection:
        settings = account_settings.read(connection, id_)
        if settings is None:
            raise no_account(connection, id_)
        content = file_of(connection, id_, settings)
    sys.stdout.write(content)


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="As export prints it; - is stdin.", allow_dash=True)],
    *,
    id_: Annotated[str | None, typer.Option("--account", "-a", help="Another account than the file names.")] = None,
    token_file: Annotated[Path | None, typer.Option(help="Of a new account: a file with its TurboSMS token.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what would change.")] = False,
    yes: Yes = False,
    unchecked: Unchecked = False,
) -> None:
    """Make an account what a file describes, once you have seen what changes; one that is not there yet is added.

    Everything in it is checked first: an unknown key is named with its line and the nearest right one, and a text that
    the linter refuses has its place marked. Then nothing is changed. Changed texts are new versions.

    - `perfectum-sms account import acme.yaml --dry-run`
    """
    from worker.cli.account.account_file import checked, transfer  # noqa: PLC0415 (a file's models take long to make)

    wanted, document = checked(file)
    account = id_ or wanted.account
    if account is None or not is_id(account):
        raise stop(_("Whose is it? Write account: … into the file, or give --account."), Exit.USAGE)
    with ledger() as connection:
        seen = transfer(connection, account, wanted, document)
        connection.rollback()
    if seen.before.get(SENDER) != seen.after.get(SENDER):
        insist_on_sender(wanted.settings().get("sms_sender"), is_unchecked=unchecked)
    if not announce(account, seen) or dry_run:
        return
    agree(_("Change {account} so?", account=account) if seen.before else _("Add {account}?", account=account), yes=yes)
    with ExitStack() as stack:
        if seen.before:
            connection, token = stack.enter_context(ledger()), b""
        else:
            secret = read_token(None, token_file)
            insist_on_token(secret, is_unchecked=unchecked)
            connection, seal = stack.enter_context(sealed_ledger())
            token = seal.close(secret.encode(), token_of(account))
        if transfer(connection, account, wanted, document, token) != seen:
            raise stop(
                _("Somebody else changed {account} meanwhile: nothing was changed. Look at it again.", account=account)
            )
    echo(_("{account} is set so now. Workers notice within seconds.", account=account))


def announce(account: str, seen: Transferred) -> bool:
    """Show what changes; False where nothing does."""
    lines = list(lines_of(seen.changes()))
    if seen.before:
        from worker.cli.template.lint_gate import print_lines  # noqa: PLC0415 (a listing must be quick)

        print_lines(lines, stderr=True)
    else:
        echo(_("{account} is not there yet: it is added, with all that the file holds.", account=account))
    if not lines:
        echo(_("{account} is set so already: nothing changed.", account=account))
    return bool(lines)


def lines_of(changes: Iterable[Change]) -> Iterator[str]:
    for change in changes:
        if change.is_text:
            yield f"{change.name}:"
            yield from difference(str(change.was or ""), str(change.now or ""))
        else:
            yield _(
                "{name}: was {was}, is {now} now",
                name=change.name,
                was=describe_value(change.was),
                now=describe_value(change.now),
            )


def describe_value(value: object) -> str:
    match value:
        case None:
            return _("not there")
        case bool():
            return str(value).lower()
        case list():
            return ", ".join(map(str, cast("list[object]", value))) or "none"
        case _:
            return str(value)
