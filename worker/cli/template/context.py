"""What every command on an account's texts needs: whose they are, which one is meant, and what was given for it."""

import re
from pathlib import Path
from typing import Annotated

import typer

from worker.cli.account_argument import no_account
from worker.cli.terminal import Exit, as_parameter, stop
from worker.cli.text_file import read_text
from worker.core.authoring.given_values import language, tidy
from worker.core.authoring.nearest_name import suggestion
from worker.core.authoring.template_scope import Subject
from worker.core.file_text import UnreadableError
from worker.core.triggers.catalogue import BY_ID
from worker.language import _
from worker.steps.accounts import desk as accounts_desk
from worker.steps.accounts.desk import Desk
from worker.store.accounts import templates
from worker.store.accounts.templates import Kept, Version
from worker.store.db.postgres import Connection

Name = Annotated[str, typer.Argument(metavar="NAME", help="A trigger, as booking_confirmed, or a custom template.")]
Locale = Annotated[
    str | None,
    typer.Option(
        "--locale",
        "-l",
        parser=as_parameter(language),
        metavar="LANGUAGE",
        help="uk, en, …; the account's if left out.",
    ),
]
GivenText = Annotated[str | None, typer.Option("--text", help="The text itself.")]
TextFile = Annotated[
    Path | None, typer.Option("--file", "-f", help="A file that holds it; - is stdin.", allow_dash=True)
]


def subject_of(desk: Desk, name: str) -> Subject:
    """What this name is of; the end of the command where nothing is called so."""
    subject = desk.subject(name)
    if subject:
        return subject
    if name in BY_ID:
        raise stop(
            _("{name} has no text of its own: each of its events brings one, or names a custom template.", name=name),
            Exit.USAGE,
        )
    known = [*BY_ID, *(item.called for item in desk.kept)]
    hint = suggestion(name, known, _("look at perfectum-sms template list {account}", account=desk.account))
    raise stop(
        _("{account} has no trigger or custom template {name}: {hint}", account=desk.account, name=name, hint=hint),
        Exit.NOT_FOUND,
    )


def insist_on_text(desk: Desk, subject: Subject, locale: str | None) -> Kept:
    template = desk.text(subject, locale)
    if template:
        return template
    languages = ", ".join(sorted(item.locale for item in desk.texts(subject.name)))
    there = _("it is there in {languages}", languages=languages) if languages else _("it has none at all")
    raise stop(
        _(
            "{name} has no text in {locale}: {there}. Write one: perfectum-sms template edit "
            "{account} {quoted} --locale …",
            name=subject.name,
            locale=locale or desk.settings.locale,
            there=there,
            account=desk.account,
            quoted=quoted(subject.name),
        ),
        Exit.NOT_FOUND,
    )


def open_desk(connection: Connection, account: str, *, to_edit: bool = False) -> Desk:
    """An account with its texts; the end of the command where there is no such account."""
    desk = accounts_desk.open_desk(connection, account, to_edit=to_edit)
    if desk is None:
        raise no_account(connection, account)
    return desk


def version_of(connection: Connection, kept: Kept, number: int) -> Version:
    for version in templates.versions(connection, kept.id):
        if version.version == number:
            return version
    raise stop(
        _("There is no version {number}: the newest is {version}.", number=number, version=kept.version), Exit.NOT_FOUND
    )


def given(text: str | None, file: Path | None) -> str | None:
    if text is not None and file:
        raise stop(_("Give --text or --file, not both."), Exit.USAGE)
    if file is None:
        return None if text is None else tidy(text)
    try:
        return tidy(read_text(file).text)
    except (OSError, UnreadableError) as error:
        raise stop(_("--file: {file} cannot be read ({name}).", file=file, name=type(error).__name__)) from None


def quoted(name: str) -> str:
    return name if re.fullmatch(r"[\w.-]+", name) else f'"{name}"'
