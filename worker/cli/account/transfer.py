"""`perfectum-sms account export` and `import`: an account's whole configuration as one file that people read."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from worker.cli.account.provider_checks import Unchecked, insist_on_sender, insist_on_token
from worker.cli.account.token_input import read_token
from worker.cli.account_argument import Id, is_id, no_account
from worker.cli.carets import difference
from worker.cli.connections import ledger, sealed_ledger
from worker.cli.terminal import Exit, Yes, agree, echo, stop
from worker.language import _
from worker.store.accounts import account_settings
from worker.store.accounts.sealed_places import token_of

SENDER = "sender"
#: The last step of the path to a text.
TEXT = "text"


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
    from worker.cli.account.import_file import checked, transfer  # noqa: PLC0415 (the models of a file take long to make)

    wanted, document = checked(file)
    account = id_ or wanted.account
    if account is None or not is_id(account):
        raise stop(_("Whose is it? Write account: … into the file, or give --account."), Exit.USAGE)
    with ledger() as connection:
        seen = before, after = transfer(connection, account, wanted, document)
        connection.rollback()
    if before.get(SENDER) != after.get(SENDER):
        insist_on_sender(wanted.settings().get("sms_sender"), is_unchecked=unchecked)
    if not announce(account, before, after) or dry_run:
        return
    agree(_("Change {account} so?", account=account) if before else _("Add {account}?", account=account), yes=yes)
    with ExitStack() as stack:
        if before:
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


def announce(account: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Show what changes; False where nothing does."""
    lines = list(changes(before, after))
    if before:
        from worker.cli.template.lint_gate import print_lines  # noqa: PLC0415 (a listing must be quick)

        print_lines(lines, stderr=True)
    else:
        echo(_("{account} is not there yet: it is added, with all that the file holds.", account=account))
    if not lines:
        echo(_("{account} is set so already: nothing changed.", account=account))
    return bool(lines)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    was, now = dict(leaves(before)), dict(leaves(after))
    for path in dict.fromkeys([*was, *now]):
        if was.get(path) == now.get(path):
            continue
        if path[-1] == TEXT:
            yield f"{'.'.join(path[:-1])}:"
            yield from difference(str(was.get(path, "")), str(now.get(path, "")))
        else:
            yield _(
                "{name}: was {was}, is {now} now",
                name=".".join(path),
                was=describe_value(was.get(path)),
                now=describe_value(now.get(path)),
            )


def leaves(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    """Every value of a file with its path; a bare text has the path that it has with options."""
    if isinstance(value, Mapping):
        for key, item in cast("Mapping[str, object]", value).items():
            yield from leaves(item, (*path, key))
    elif path[-2:-1] == ("texts",):
        yield (*path, TEXT), value
    else:
        yield path, value


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
