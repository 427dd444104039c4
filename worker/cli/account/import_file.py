"""An account becomes what its file says, or the command ends with everything that is in the way of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from worker.cli.account.account_file import AccountFile, read_file
from worker.cli.account.apply_file import apply, refusals
from worker.cli.account.export_file import exported
from worker.cli.account.yaml_text import Document, Fault
from worker.cli.template.labels import print_lines
from worker.cli.terminal import Exit, echo, stop, who
from worker.cli.text_file import UnreadableError, read_text
from worker.core.accounts.settings import SETTINGS, AccountSettings
from worker.core.triggers.catalogue import TRIGGERS
from worker.store.accounts import account_settings, accounts, templates
from worker.store.db.postgres import Connection

#: An account as its file has it, before and after; one that was not there has no before.
Seen = tuple[Mapping[str, Any], Mapping[str, Any]]


def checked(file: Path) -> tuple[AccountFile, Document]:
    try:
        content = read_text(file).text
    except (OSError, UnreadableError) as error:
        raise stop(f"{file} cannot be read ({type(error).__name__}).") from None
    document = read_file(content)
    if not isinstance(document, list):
        return document
    for fault in sorted(document, key=lambda fault: fault.line):
        echo(str(fault))
    raise stop(
        f"{len(document)} {'thing is' if len(document) == 1 else 'things are'} wrong in it: nothing was changed."
    )


def transfer(connection: Connection, account: str, wanted: AccountFile, document: Document, token: bytes = b"") -> Seen:
    """Make an account what a file says, in the caller's transaction; what it was and what it is."""
    settings = account_settings.lock(connection, account)
    before = {} if settings is None else exported(connection, account, settings)
    if settings is None:
        add(connection, account, token, wanted)
        settings = account_settings.lock(connection, account)
    if settings is None:
        raise stop(f"Somebody takes {account} away just now.")
    known, settings = settings.custom_shortcodes, replace(settings, **wanted.settings())
    dropped = set(known) - set(settings.custom_shortcodes)
    if settings.viber_instead and settings.viber_sender is None:
        raise stop("viber_instead needs a viber_sender: nothing was changed.")
    insist_on_texts(
        refusals(wanted, document, settings, templates.list_templates(connection, account), dropped=dropped)
    )
    apply(connection, account, wanted, settings, author=who())
    return before, exported(connection, account, settings)


def add(connection: Connection, account: str, token: bytes, wanted: AccountFile) -> None:
    """Add it, without the default texts that the file leaves out: a blank one would be off, and not absent."""
    given = wanted.settings()
    if any(setting.is_required and setting.attribute not in given for setting in SETTINGS):
        raise stop(f"There is no account {account}; to add it, the file must have name and sender.", Exit.NOT_FOUND)
    settings = AccountSettings(**given)
    accounts.add(connection, account, token, settings, TRIGGERS)
    for name, part in (wanted.triggers or {}).items():
        if part.texts is not None and settings.locale not in part.texts:
            templates.delete(connection, account, name, locale=settings.locale)


def insist_on_texts(refused: Sequence[tuple[Fault, list[str]]]) -> None:
    for fault, lines in refused:
        echo(str(fault))
        print_lines(lines, stderr=True)
    if refused:
        raise stop(f"{len(refused)} texts are refused: nothing was changed.")
