"""`perfectum-sms template`: the texts of an account, as an admin reads, writes and tries them."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import Annotated

import typer

from worker.cli import moments
from worker.cli.account_argument import AccountId
from worker.cli.carets import difference
from worker.cli.connections import ledger
from worker.cli.template.context import Locale, Name, insist_on_text, open_desk, quoted, subject_of, version_of
from worker.cli.template.edit import add, delete, edit, rename, rollback
from worker.cli.template.lint_gate import print_lines
from worker.cli.template.options import set_
from worker.cli.template.preview import lint, preview
from worker.cli.template.trial_send import send_trial
from worker.cli.terminal import AsJson, Exit, as_parameter, echo, emit, group, one_of, show, stop
from worker.core.authoring.given_values import section_known
from worker.core.authoring.nearest_name import suggestion
from worker.core.clock.quiet_hours import zone_of
from worker.core.texts.shortcodes import SECTIONS, SHORTCODES
from worker.core.triggers.catalogue import BY_ID
from worker.language import _
from worker.store.accounts import templates
from worker.store.accounts.templates import Kept

app = group("Read, write and try the texts of an account, and learn the shortcodes that they may hold.")


@app.command("list")
def list_(account: AccountId, *, as_json: AsJson = False) -> None:
    """List an account's texts: of its triggers in each language, then the custom ones.

    - `perfectum-sms template list acme`
    """
    with ledger() as connection:
        desk = open_desk(connection, account)
    show(
        [row_of(template) for template in desk.kept],
        as_json=as_json,
        columns=("name", "section", "locale", "version", "created_at", "author", "text"),
        empty=_("No text yet. Write one: perfectum-sms template edit --help"),
        zones=zone_of(desk.settings.zone),
    )


def row_of(kept: Kept) -> dict[str, object]:
    return {**asdict(kept), "name": kept.called, "is_custom": kept.trigger is None}


@app.command("show")
def show_(
    account: AccountId,
    name: Name,
    *,
    locale: Locale = None,
    version: Annotated[int | None, typer.Option(min=1, help="An older one.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show one text as it was written: alone on stdout, so that it can be edited and given back.

    - `perfectum-sms template show acme booking_confirmed > text.txt`
    """
    with ledger() as connection:
        desk = open_desk(connection, account)
        kept = insist_on_text(desk, subject_of(desk, name), locale)
        shown = version_of(connection, kept, version or kept.version)
    if as_json:
        emit({**row_of(kept), **asdict(shown)})
        return
    print_lines(shown.text.splitlines() or [""])
    if kept.description:
        echo(kept.description)
    echo(
        _(
            "Version {version}, by {author}, {created_at}, in {locale}",
            version=shown.version,
            author=shown.author,
            created_at=moments.shown(shown.created_at, zone_of(desk.settings.zone)),
            locale=kept.locale,
        )
    )


@app.command()
def versions(account: AccountId, name: Name, *, locale: Locale = None, as_json: AsJson = False) -> None:
    """List the versions of a text, the newest first: when, who, and what they changed.

    - `perfectum-sms template versions acme booking_confirmed`
    - `perfectum-sms template rollback acme booking_confirmed 1`
    """
    with ledger() as connection:
        desk = open_desk(connection, account)
        kept = insist_on_text(desk, subject_of(desk, name), locale)
        history = list(templates.versions(connection, kept.id))
    texts = ["", *(version.text for version in history)]
    changes = [difference(was, now) for was, now in pairwise(texts)]
    with_changes = list(zip(reversed(history), reversed(changes), strict=True))
    if as_json:
        emit([{**asdict(version), "diff": lines} for version, lines in with_changes])
        return
    zone = zone_of(desk.settings.zone)
    for version, lines in with_changes:
        print_lines([f"{version.version}   {moments.shown(version.created_at, zone)}   {version.author}", *lines, ""])
    if len(history) > 1:
        echo(
            _(
                "Back to an older one: perfectum-sms template rollback {account} {name} {version}",
                account=account,
                name=quoted(name),
                version=history[-2].version,
            )
        )


@app.command()
def shortcodes(
    *,
    section: Annotated[
        list[str] | None,
        typer.Option(
            "--section",
            "-s",
            parser=as_parameter(section_known),
            metavar="SECTION",
            help="Only of this section; may be repeated.",
        ),
    ] = None,
    trigger: Annotated[
        str | None,
        typer.Option("--trigger", "-t", autocompletion=one_of(BY_ID), help="Only those that this one carries."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the shortcodes: code, section, label, type and a sample value. Needs neither settings nor a database.

    - `perfectum-sms template shortcodes --section invoice`
    - `perfectum-sms template shortcodes --trigger booking_confirmed --json`
    """
    wanted = sections_of(section or (), trigger)
    rows = [
        {
            "code": f"{{{shortcode.code}}}",
            "section": shortcode.section,
            "section_label": SECTIONS[shortcode.section].label,
            "label": shortcode.label,
            "type": shortcode.value_type,
            "sample": shortcode.sample,
            "ours": shortcode.ours,
        }
        for shortcode in SHORTCODES.values()
        if shortcode.section in wanted
    ]
    show(rows, as_json=as_json, columns=("code", "section", "label", "type", "sample"), empty=_("There are none."))


def sections_of(named: Sequence[str], trigger: str | None) -> Collection[str]:
    if trigger is not None and trigger not in BY_ID:
        raise stop(
            _(
                "--trigger {trigger}: {hint}",
                trigger=trigger,
                hint=suggestion(trigger, BY_ID, ", ".join(BY_ID)),
            ),
            Exit.USAGE,
        )
    carried = set(BY_ID[trigger].sections) if trigger else set(SECTIONS)
    return carried & set(named) if named else carried


for command in (add, edit, rename, rollback, delete, lint, preview):
    app.command()(command)
app.command("set")(set_)
app.command("test-send")(send_trial)
