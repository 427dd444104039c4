"""`perfectum-sms send`: a text or a custom template to one person, or to a table of them."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from worker.cli.account_argument import AccountId, insist_on_account
from worker.cli.connections import ledger
from worker.cli.hands.cancel import DryRun
from worker.cli.hands.moment_option import moment_ahead
from worker.cli.hands.people_file import people_in, show_faults, typed_people
from worker.cli.moments import shown
from worker.cli.period import zone_of
from worker.cli.template.context import GivenText
from worker.cli.terminal import AsJson, Exit, Yes, agree, echo, emit, format_price, shortened, stop
from worker.core.authoring.nearest_name import suggestion
from worker.core.hands.people import People
from worker.core.hands.send_request import Message
from worker.core.history.outcome_words import outcome_lines
from worker.core.texts.shortcodes import SHORTCODES
from worker.language import _, ngettext
from worker.store.accounts import account_settings, templates
from worker.store.db.postgres import Connection, clock

if TYPE_CHECKING:
    from worker.steps.hands.send import Sent

#: Texts of which the words are shown.
SAMPLES = 3


To = Annotated[list[str] | None, typer.Option("--to", help="A phone; more than once for more people.")]
File = Annotated[
    Path | None, typer.Option("--file", help="A table of people, CSV or XLSX; - is CSV from stdin.", allow_dash=True)
]
TemplateName = Annotated[str | None, typer.Option("--template", help="A custom template by its name.")]
Values = Annotated[
    list[str] | None, typer.Option("--value", metavar="CODE=VALUE", help="A shortcode's value for all; repeat it.")
]
At = Annotated[str | None, typer.Option("--at", metavar="WHEN", help="Not before 09:00, tomorrow 09:00, 2h.")]
Marketing = Annotated[bool, typer.Option("--marketing", help="It is advertising: it goes to those who agreed to it.")]
Again = Annotated[bool, typer.Option("--again", help="Also to those who got the same words today.")]


def send(  # noqa: PLR0913 (one option for each thing that can be said)
    account: AccountId,
    *,
    to: To = None,
    file: File = None,
    text: GivenText = None,
    template: TemplateName = None,
    value: Values = None,
    at: At = None,
    marketing: Marketing = False,
    again: Again = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Send a text, or a custom template, to people by their phones; you see words, number and price, and are asked.

    A table has its columns named in the first row: phone (телефон), firstname, lastname, id and kind, locale, consent,
    and any shortcode whose values differ. What is wrong is named by its cell, and its row is left out; who stands twice
    gets one text. Stop-list, consent, hours, limits and pace are the account's; more than ten let its other texts go
    first. The same words go to a person once a day, however often the command is typed: after Ctrl-C type it again.
    Rows that are left out are counted and no failure: the exit code is 0 if anybody gets it, 1 if nobody does or it was
    stopped.

    - `perfectum-sms send acme --to 0671234567 --text "Ваше замовлення готове."`
    - `perfectum-sms send acme --file clients.xlsx --template "Осінь" --at "tomorrow 10:00" --dry-run`
    """
    insist_on_words(to, file, text, template)
    with ledger() as connection:
        insist_on_account(connection, account)
        message = message_of(connection, account, (text, template), at, again=again)
        known = {*SHORTCODES, *custom_codes(connection, account)}
        zone = zone_of(connection, account)
    values = values_of(value or ())
    insist_on_shortcodes(text or "", {*known, *values})
    people = people_in(file, known) if file else typed_people(to or ())
    if not as_json:
        show_faults(people)
    if not people.addressees:
        raise stop(_("There is nobody to send it to."))
    message = replace(message, is_marketing=marketing, values=values)
    carry_out(message, people, zone, (dry_run, yes), as_json=as_json)


def values_of(typed: Sequence[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for text in typed:
        code, equals, value = text.partition("=")
        if not equals:
            raise stop(_("--value {text}: write it as invoice_number=INV-901.", text=text), Exit.USAGE)
        values[code.strip().strip("{}")] = value
    return values


def insist_on_shortcodes(text: str, known: Collection[str]) -> None:
    from worker.core.authoring.request_text_check import unknown_shortcodes  # noqa: PLC0415 (help must be quick)

    for code in unknown_shortcodes(text, known):
        message = _("--text: {code} is no shortcode; give it by --value, or see template shortcodes.", code=code)
        raise stop(message, Exit.USAGE)


def insist_on_words(to: list[str] | None, file: Path | None, text: str | None, template: str | None) -> None:
    if bool(to) == bool(file):
        raise stop(_("Say to whom: --to phones, or --file with a table of people."), Exit.USAGE)
    if bool(text and text.strip()) == bool(template):
        raise stop(_("Say what: --text with the words, or --template with a name."), Exit.USAGE)


def carry_out(message: Message, people: People, zone: ZoneInfo, agreement: tuple[bool, bool], *, as_json: bool) -> None:
    """Show what it comes to, ask, and send it."""
    from worker.cli.hands.send_run import facts_of, opened, sent_in_sight  # noqa: PLC0415 (help must be quick)

    dry_run, yes = agreement
    with opened(message, people.addressees) as run:
        before = run.tried(claims=dry_run)
        facts = {**facts_of(run, before), "at": message.at, "faults": [asdict(fault) for fault in people.faults]}
        facts["left_out"] = people.left_out
        if not as_json:
            describe(before, facts, zone)
        if dry_run:
            conclude(facts, as_json=as_json, is_trial=True)
            return
        if not before.ids:
            raise stop(_("Nobody gets it: nothing was sent."))
        agree(ngettext("Send it to {count} person?", "Send it to {count} people?", len(before.ids)), yes=yes)
        done, left = sent_in_sight(run)
    conclude({**facts, "outcomes": dict(done.outcomes), "sent": len(done.ids), "left": left}, as_json=as_json)
    if left or not done.ids:
        raise typer.Exit(Exit.FAILED)


def message_of(
    connection: Connection, account: str, words: tuple[str | None, str | None], at: str | None, *, again: bool
) -> Message:
    text, template = words
    if template and template not in (names := custom_names(connection, account)):
        hint = suggestion(template, names, _("look at perfectum-sms template list"))
        text = _("{account} has no custom template {name}: {hint}", account=account, name=template, hint=hint)
        raise stop(text, Exit.NOT_FOUND)
    moment = moment_ahead(connection, at, account, option="--at")
    day = clock(connection).astimezone(zone_of(connection, account)).date()
    return Message(account, text, template, at=moment, day=day, again=uuid.uuid4().hex if again else "")


def custom_names(connection: Connection, account: str) -> list[str]:
    return sorted({kept.name for kept in templates.list_templates(connection, account) if kept.name})


def custom_codes(connection: Connection, account: str) -> Sequence[str]:
    settings = account_settings.read(connection, account)
    return settings.custom_shortcodes if settings else ()


def describe(before: "Sent", facts: Mapping[str, object], zone: ZoneInfo) -> None:
    for text, people in before.texts.most_common(SAMPLES):
        echo(f"  {shortened(text)}" + (f" × {people}" if people > 1 else ""))
    if len(before.texts) > SAMPLES:
        echo(_("  … different texts in all: {count}", count=len(before.texts)))
    for line in outcome_lines(before.outcomes):
        echo(f"{line}.")
    if before.ids:
        texts, segments = len(before.ids), before.cost.segments
        price = format_price(before.cost.cost) if facts["is_priced"] else "?"
        echo(
            _(
                "Texts: {texts}, segments: {segments}, UAH at most: {price}.",
                texts=texts,
                segments=segments,
                price=price,
            )
        )
        is_near = isinstance(out_by := facts["out_by"], datetime)
        when = _("Out by about {moment}.", moment=shown(out_by, zone)) if is_near else _("Out in more than two months.")
        echo(when)


def conclude(facts: Mapping[str, object], *, as_json: bool, is_trial: bool = False) -> None:
    if as_json:
        emit({**facts, "dry_run": is_trial})
    elif is_trial:
        echo(_("Nothing was sent."))
    else:
        echo(_("On their way: {count}. See: perfectum-sms history", count=facts["sent"]))
        if facts["left_out"]:
            echo(_("Rows left out, as above: {count}.", count=facts["left_out"]))
        if facts["left"]:
            echo(_("Stopped. People not come to: {count}. The same command sends to them alone.", count=facts["left"]))
