"""An account's file, read and given to it, or the command ends with everything that is in the way."""

from pathlib import Path

import typer

from worker.cli.budget import no_price
from worker.cli.operator import operator_name
from worker.cli.template.lint_gate import finding_lines, print_lines
from worker.cli.terminal import Exit, echo, stop
from worker.cli.text_file import read_text
from worker.core.account_files.model import AccountFile, read_file
from worker.core.accounts.yaml_text import Document, Fault
from worker.core.file_text import UnreadableError
from worker.language import _, ngettext
from worker.steps.accounts import import_file
from worker.steps.accounts.import_file import RefusedText, RefusedTexts, Transferred, Unfit
from worker.store.db.postgres import Connection


def checked(file: Path) -> tuple[AccountFile, Document]:
    try:
        content = read_text(file).text
    except (OSError, UnreadableError) as error:
        raise stop(_("{file} cannot be read ({name}).", file=file, name=type(error).__name__)) from None
    document = read_file(content)
    if not isinstance(document, list):
        return document
    for fault in sorted(document, key=lambda fault: fault.line):
        echo(str(fault))
    raise stop(
        ngettext(
            "{count} thing is wrong in it: nothing was changed.",
            "{count} things are wrong in it: nothing was changed.",
            len(document),
        )
    )


def transfer(
    connection: Connection, account: str, wanted: AccountFile, document: Document, token: bytes = b""
) -> Transferred:
    """Make an account what a file describes, in the caller's transaction."""
    outcome = import_file.transfer(connection, account, wanted, document, by=operator_name(), token=token)
    match outcome:
        case Transferred():
            return outcome
        case RefusedTexts():
            for refused in outcome.refused:
                echo(str(fault_of(refused)))
                print_lines([*finding_lines(refused.text, refused.report)], stderr=True)
            raise stop(
                ngettext(
                    "{count} text is refused: nothing was changed.",
                    "{count} texts are refused: nothing was changed.",
                    len(outcome.refused),
                )
            )
        case _:
            raise unfit(account, outcome)


def fault_of(refused: RefusedText) -> Fault:
    what = _("the address is refused") if refused.is_address else _("the text is refused")
    return Fault(refused.line, refused.path, what)


def unfit(account: str, reason: Unfit) -> typer.Exit:
    match reason:
        case "incomplete":
            return stop(
                _("There is no account {account}; to add it, the file must have name and sender.", account=account),
                Exit.NOT_FOUND,
            )
        case "gone":
            return stop(_("Somebody takes {account} away just now.", account=account))
        case "no_viber_sender":
            return stop(_("viber_instead needs a viber_sender: nothing was changed."))
        case "no_price":
            return no_price(account)
