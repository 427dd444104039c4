"""What every command on an account's texts needs: whose they are, which one is meant, and what was given for it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer
from babel import Locale as Language
from babel import UnknownLocaleError

from worker.cli.account_argument import no_account
from worker.cli.terminal import Exit, as_parameter, stop, suggestion
from worker.cli.text_file import UnreadableError, read_text
from worker.core.accounts.price import UNKNOWN, Price
from worker.core.accounts.settings import AccountSettings
from worker.core.authoring.nearest_name import nearest
from worker.core.authoring.template_scope import Subject, of_custom, of_trigger
from worker.core.contract.event import UNSTORABLE
from worker.core.texts.formatting import visible
from worker.core.texts.shortcodes import SECTIONS
from worker.core.triggers.catalogue import BY_ID
from worker.language import _
from worker.store.accounts import account_settings, templates
from worker.store.accounts.templates import Kept, Version
from worker.store.db.postgres import Connection
from worker.store.spending import prices

LANGUAGE = re.compile("[a-z]{2}")


def language(text: str) -> str:
    try:
        if LANGUAGE.fullmatch(text) and Language.parse(text):
            return text
    except (UnknownLocaleError, ValueError):
        pass
    raise ValueError(_("{text} is no language: write two letters, as uk, en or pl", text=text))


def section_known(name: str) -> str:
    """A section of shortcodes, by its id or as tables and the settings page call it."""
    known = {name.casefold(): section.id for section in SECTIONS.values() for name in (section.label, section.id)}
    section_id = known.get(" ".join(name.split()).casefold())
    if section_id:
        return section_id
    near = nearest(name, known)
    every = ", ".join(f"{section.id} ({section.label})" for section in SECTIONS.values())
    hint = _("did you mean {near}?", near=known[near]) if near else every
    raise ValueError(_("{name} is none: {hint}", name=name, hint=hint))


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


@dataclass(frozen=True, slots=True)
class Desk:
    """An account with its texts; its settings have the price that was learned where none was set."""

    account: str
    settings: AccountSettings
    kept: Sequence[Kept]
    price: Price = UNKNOWN

    def subject(self, name: str) -> Subject:
        """What this name is of; the end of the command where nothing is called so."""
        trigger = BY_ID.get(name)
        if trigger and trigger.is_free:
            raise stop(
                _(
                    "{name} has no text of its own: each of its events brings one, or names a custom template.",
                    name=name,
                ),
                Exit.USAGE,
            )
        if trigger:
            return of_trigger(trigger)
        for template in self.kept:
            if template.name == name:
                return of_custom(name, template.section or "")
        known = [*BY_ID, *(item.called for item in self.kept)]
        hint = suggestion(name, known, _("look at perfectum-sms template list {account}", account=self.account))
        raise stop(
            _("{account} has no trigger or custom template {name}: {hint}", account=self.account, name=name, hint=hint),
            Exit.NOT_FOUND,
        )

    def text(self, subject: Subject, locale: str | None) -> Kept | None:
        wanted = locale or self.settings.locale
        return next((item for item in self.kept if item.called == subject.name and item.locale == wanted), None)

    def insist(self, subject: Subject, locale: str | None) -> Kept:
        template = self.text(subject, locale)
        if template:
            return template
        languages = sorted(item.locale for item in self.kept if item.called == subject.name)
        there = (
            _("it is there in {languages}", languages=", ".join(languages)) if languages else _("it has none at all")
        )
        raise stop(
            _(
                "{name} has no text in {locale}: {there}. Write one: perfectum-sms template edit "
                "{account} {quoted} --locale …",
                name=subject.name,
                locale=locale or self.settings.locale,
                there=there,
                account=self.account,
                quoted=quoted(subject.name),
            ),
            Exit.NOT_FOUND,
        )


def open_desk(connection: Connection, account: str, *, to_edit: bool = False) -> Desk:
    """An account with its texts; to edit them, nobody else does until the end of the transaction."""
    settings = (account_settings.lock if to_edit else account_settings.read)(connection, account)
    if settings is None:
        raise no_account(connection, account)
    price = prices.prices_of(connection, account).sms
    settings = replace(settings, segment_price=price.amount)
    return Desk(account, settings, templates.list_templates(connection, account), price)


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


def tidy(text: str) -> str:
    """A text without what nobody sees, and without the line break that editors leave at its end."""
    return visible(UNSTORABLE.sub("", text)).strip()


def quoted(name: str) -> str:
    return name if re.fullmatch(r"[\w.-]+", name) else f'"{name}"'
