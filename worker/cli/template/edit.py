"""Edit texts: each change is a new version with its author; none is saved that the linter refuses; renames keep all."""

from typing import Annotated

import click
import typer

from worker.cli.account_argument import AccountId
from worker.cli.carets import difference
from worker.cli.connections import ledger
from worker.cli.operator import operator_name
from worker.cli.template.context import (
    GivenText,
    Locale,
    Name,
    TextFile,
    given,
    insist_on_text,
    open_desk,
    quoted,
    subject_of,
    version_of,
)
from worker.cli.template.lint_gate import finding_lines, format_size, print_lines, refuse
from worker.cli.template.options import MISSING_HELP
from worker.cli.terminal import Exit, Yes, agree, as_parameter, echo, has_terminal, is_wanted, stop
from worker.core.accounts.choices import Missing
from worker.core.authoring.given_values import section_known, tidy
from worker.core.authoring.lint import examined
from worker.core.authoring.template_scope import Subject, of_custom, why_no_name
from worker.language import _
from worker.steps.accounts import texts
from worker.steps.accounts.desk import Desk
from worker.steps.accounts.texts import Overtaken, Refused, Same, Saved, Taken
from worker.steps.accounts.trials import Wanted, absent_shortcodes
from worker.store.accounts import templates
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.templates import Template
from worker.store.audit.configuration import noting_changes
from worker.store.db.postgres import Connection


def rename(
    account: AccountId,
    name: Name,
    new: Annotated[str, typer.Argument(metavar="NEW", help="What people shall call it.")],
) -> None:
    """Call a custom template otherwise, in all its languages; its versions and their authors stay.

    The CRM names it in `sms.send_requested`: events with the old name find nothing any more.

    - `perfectum-sms template rename acme "Знижка" "Знижка до свята"`
    """
    if reason := why_no_name(new):
        raise stop(_("NEW {new} {reason}.", new=new, reason=reason), Exit.USAGE)
    with ledger() as connection, noting_changes(connection, account, by=operator_name()):
        desk = open_desk(connection, account, to_edit=True)
        if subject_of(desk, name).trigger:
            raise stop(_("{name} is a trigger: its name is the catalogue's.", name=name), Exit.USAGE)
        if texts.rename(connection, desk, name, new):
            raise stop(_("{new} is there already: nothing was renamed.", new=new))
    echo(_("{name} is called {new} now. The CRM must name it so in sms.send_requested.", name=name, new=new))


Section = Annotated[
    str | None,
    typer.Option(
        "--section",
        "-s",
        parser=as_parameter(section_known),
        metavar="SECTION",
        help="Whose shortcodes it holds: see perfectum-sms template shortcodes.",
    ),
]
Description = Annotated[str | None, typer.Option("--description", "-d", help="What it is for.")]


def add(  # noqa: PLR0913 (one option for each thing a template has)
    account: AccountId,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people call it.")],
    *,
    section: Section = None,
    description: Description = None,
    locale: Locale = None,
    text: GivenText = None,
    file: TextFile = None,
    missing: Annotated[Missing, typer.Option(help=MISSING_HELP)] = "fail",
) -> None:
    """Add a custom template: a name, a section that decides its shortcodes, and a text.

    A text is given, or written in `$EDITOR`. The CRM sends it by its name with `sms.send_requested`, and may forget the
    record that it speaks of: a text that lacks a value does not go, unless it has `--missing drop`.

    - `perfectum-sms template add acme "Знижка" --section clients --text "{contact_firstname}, для вас −10 %"`
    """
    if reason := why_no_name(name):
        raise stop(_("NAME {name} {reason}.", name=name, reason=reason), Exit.USAGE)
    if section is None:
        raise stop(_("Give --section: it decides the shortcodes. See: perfectum-sms template shortcodes"), Exit.USAGE)
    with ledger() as connection:
        desk = open_desk(connection, account)
    written = given(text, file)
    wanted = from_editor(desk, of_custom(name, section), locale, "") if written is None else written
    if not wanted:
        raise stop(_("A custom template needs a text."), Exit.USAGE)
    new = Template(None, name, description, section, locale or desk.settings.locale)
    with ledger() as connection, noting_changes(connection, account, by=operator_name()):
        desk = open_desk(connection, account, to_edit=True)
        added = texts.add(connection, desk, new, wanted, missing=missing, author=operator_name())
        match added:
            case Refused():
                raise refuse(wanted, added.report)
            case Taken():
                raise stop(
                    _(
                        "{name} is there already. Change it: perfectum-sms template edit {account} {quoted}",
                        name=name,
                        account=account,
                        quoted=quoted(name),
                    )
                )
            case Saved():
                print_lines(finding_lines(wanted, added.report), stderr=True)
    echo(
        _(
            "Added {name} in {locale}: {typical}.",
            name=name,
            locale=new.locale,
            typical=format_size(added.report.typical),
        )
    )


def edit(  # noqa: PLR0913 (one option for each thing a template has)
    account: AccountId,
    name: Name,
    *,
    locale: Locale = None,
    text: GivenText = None,
    file: TextFile = None,
    section: Section = None,
    description: Description = None,
) -> None:
    """Write a text anew, in `$EDITOR` unless it is given; workers use it within seconds.

    The linter looks first: what it refuses is not saved. In a language that a text lacks, this adds it. A blank text of
    a trigger means off. Only custom templates have a section and a description.

    - `perfectum-sms template edit acme booking_confirmed`
    - `perfectum-sms template edit acme order_created --locale en --text "{stock_orders_number_order_id}: received"`
    """
    with ledger() as connection:
        before = open_desk(connection, account)
    subject, kept = described(before, subject_of(before, name), section, description)
    now = before.text(subject, locale)
    wanted = given(text, file)
    if wanted is None and kept is None:
        wanted = from_editor(before, subject, locale, now.text if now else default_of(subject, before, locale))
    if wanted == "" and subject.trigger is None:
        raise stop(
            _(
                "A custom template needs a text. Take it away: perfectum-sms template delete {account} …",
                account=account,
            )
        )
    with ledger() as connection, noting_changes(connection, account, by=operator_name()):
        if kept:
            templates.describe(connection, account, kept)
            echo(
                _(
                    "{name}: section {section}, {description}",
                    name=name,
                    section=kept.section,
                    description=kept.description or _("no description"),
                )
            )
        if wanted is not None:
            write(connection, before, subject, locale, wanted)


def described(
    desk: Desk, subject: Subject, section: str | None, description: str | None
) -> tuple[Subject, Template | None]:
    """What a custom template's name means once it has this section; and it, where that or its description changes."""
    if section is None and description is None:
        return subject, None
    wanted = texts.redescribed(desk, subject.name, section, description)
    if wanted is None:
        raise stop(
            _("{name} is a trigger: it has no section and no description of its own.", name=subject.name), Exit.USAGE
        )
    for refused in texts.refused_in(desk, wanted):
        raise refuse(refused.text, refused.report)
    return of_custom(subject.name, wanted.section or ""), wanted


def default_of(subject: Subject, desk: Desk, locale: str | None) -> str:
    return subject.trigger.texts.get(locale or desk.settings.locale, "") if subject.trigger else ""


def from_editor(desk: Desk, subject: Subject, locale: str | None, text: str) -> str:
    """A text as a person leaves it in their editor, again and again while the linter refuses it and they want to."""
    if not has_terminal():
        raise stop(_("Give --text or --file (- is stdin): there is no terminal for an editor."), Exit.USAGE)
    while True:
        try:
            typed = click.edit(text, extension=".txt")
        except click.ClickException as error:
            raise stop(_("{message}. Set EDITOR, or give --text or --file.", message=error.message)) from None
        if typed is None:
            raise stop(_("The editor saved nothing: nothing changed."))
        text = tidy(typed)
        report = examined(text, subject, desk.settings, locale=locale or desk.settings.locale)
        if not report.is_refused:
            return text
        print_lines(finding_lines(text, report), stderr=True)
        if not is_wanted(_("The text is refused. Edit it again?"), otherwise=True):
            raise typer.Abort


def write(connection: Connection, before: Desk, subject: Subject, locale: str | None, wanted: str) -> None:
    """Write a text whose newest version is the one that was seen before."""
    desk = open_desk(connection, before.account, to_edit=True)
    seen = before.text(subject, locale)
    written = texts.write(
        connection, desk, subject, locale, wanted, after=seen and seen.version, author=operator_name()
    )
    match written:
        case Overtaken():
            raise stop(_("Somebody else has just saved {name}: look at it, then edit it again.", name=subject.name))
        case Same():
            echo(_("{name} is that already: nothing changed.", name=subject.name))
        case Refused():
            raise refuse(wanted, written.report)
        case Saved():
            language = locale or desk.settings.locale
            warn_of_absent(connection, desk, Wanted(subject, wanted, language), written.before)
            print_saved(written, subject, language, wanted)


def warn_of_absent(connection: Connection, desk: Desk, wanted: Wanted, before: str) -> None:
    """Say which shortcodes are new to a text and leave a hole in it, as events are today."""
    absent = absent_shortcodes(connection, ConfigurationCache(), desk, wanted, before)
    if absent:
        codes = ", ".join(f"{{{code}}}" for code in absent)
        echo(_("No event of the last 7 days carried a value for {codes}.", codes=codes))


def print_saved(saved: Saved, subject: Subject, language: str, wanted: str) -> None:
    print_lines(finding_lines(wanted, saved.report), stderr=True)
    print_lines(difference(saved.before, wanted), stderr=True)
    note = format_size(saved.report.typical) if wanted else _("it is blank: the trigger is off in this language")
    echo(
        _(
            "{name} in {language}: version {version} is saved; {note}.",
            name=subject.name,
            language=language,
            version=saved.version,
            note=note,
        )
    )


def rollback(
    account: AccountId,
    name: Name,
    version: Annotated[int, typer.Argument(min=1, help="As perfectum-sms template versions names it.")],
    *,
    locale: Locale = None,
) -> None:
    """Let an older text count again: as a new version, so that nothing is forgotten.

    - `perfectum-sms template rollback acme booking_confirmed 1`
    """
    with ledger() as connection, noting_changes(connection, account, by=operator_name()):
        desk = open_desk(connection, account, to_edit=True)
        subject = subject_of(desk, name)
        kept = insist_on_text(desk, subject, locale)
        write(connection, desk, subject, locale, version_of(connection, kept, version).text)


def delete(account: AccountId, name: Name, *, locale: Locale = None, yes: Yes = False) -> None:
    """Take a custom template away, with its versions: in one language, or in all.

    A trigger's text is not taken away: write a blank one, or `perfectum-sms trigger off`.

    - `perfectum-sms template delete acme "Знижка"`
    """
    with ledger() as connection:
        desk = open_desk(connection, account)
        subject = subject_of(desk, name)
    if subject.trigger:
        raise stop(
            _(
                "{name} is a trigger. Switch it off: perfectum-sms trigger off {account} {name}",
                name=name,
                account=account,
            ),
            Exit.USAGE,
        )
    agree(
        _("Take {name} away in {locale}, with all its versions?", name=name, locale=locale)
        if locale
        else _("Take {name} away, with all its versions?", name=name),
        yes=yes,
    )
    with ledger() as connection, noting_changes(connection, account, by=operator_name()):
        purged = templates.delete(connection, account, name, locale=locale)
    echo(
        _("{name} is deleted.", name=name)
        if purged
        else _("{name} was not there in {locale}.", name=name, locale=locale)
    )
