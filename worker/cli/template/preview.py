"""Trying texts before anybody gets them: the linter's word, and how one reads with real or sample values."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Annotated

import typer

from worker.cli.account_argument import AccountId
from worker.cli.connections import ledger
from worker.cli.template.context import GivenText, Locale, Name, TextFile, given, insist_on_text, open_desk, subject_of
from worker.cli.template.lint_gate import (
    finding_json,
    finding_lines,
    format_cost,
    format_size,
    hryvnias,
    price_line,
    print_lines,
    size_json,
)
from worker.cli.terminal import AsJson, Exit, echo, emit, phone_cell, stop
from worker.core.authoring.lint import Report
from worker.core.authoring.preview import Trial
from worker.core.texts.segments import Segments
from worker.language import _, ngettext
from worker.steps.accounts.desk import Desk
from worker.steps.accounts.trials import TEXT, Examined, Wanted, examined_as, examined_texts, try_text
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.db.postgres import Connection

Samples = Annotated[bool, typer.Option("--samples", help="Sample values, and not those of the last event.")]


def lint(
    account: AccountId,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Only this one; every text if left out.")] = None,
    *,
    locale: Locale = None,
    text: GivenText = None,
    file: TextFile = None,
    as_json: AsJson = False,
) -> None:
    """Print what is wrong with texts, and what they cost: those that are kept, or one that is given and not saved.

    Exits 1 if one of them would be refused.

    - `perfectum-sms template lint acme`
    - `perfectum-sms template lint acme order_created --text "Дякуємо, {contact_firstnam}!"`
    """
    written = given(text, file)
    if written is not None and name is None:
        raise stop(_("Give NAME too: it decides which shortcodes the text may hold."), Exit.USAGE)
    with ledger() as connection:
        desk = open_desk(connection, account)
    looked = list(texts_meant(desk, name, locale, written))
    if as_json:
        emit([as_json_of(each) for each in looked])
    else:
        print_lines([line for each in looked for line in lines_of(each)])
        echo(price_line(desk.price))
    if any(each.report.is_refused for each in looked):
        raise typer.Exit(Exit.FAILED)


def texts_meant(desk: Desk, name: str | None, locale: str | None, written: str | None) -> Iterator[Examined]:
    """The texts to be examined: one that is given, the named ones, or all that are not blank."""
    if name is not None and written is not None:
        yield examined_as(desk, subject_of(desk, name), locale or desk.settings.locale, written)
        return
    subject = subject_of(desk, name) if name is not None else None
    if subject and locale:
        insist_on_text(desk, subject, locale)
    yield from examined_texts(desk, name, locale)


def lines_of(looked_at: Examined) -> Iterator[str]:
    report, is_text = looked_at.report, looked_at.field == TEXT
    where = "" if is_text else f", {looked_at.field}"
    costs = _("; usually {typical}", typical=cost_label(report.typical, report.typical_cost)) if is_text else ""
    costs += _("; at most {worst}", worst=cost_label(report.worst, report.worst_cost)) if is_text else ""
    verdict = _("refused") if report.is_refused else _("all right")
    yield f"{looked_at.name} ({looked_at.locale}){where}: {verdict}{costs}"
    yield from finding_lines(looked_at.text, report)
    yield from saving_lines(report) if is_text else ()


def cost_label(size: Segments, cost: Decimal | None) -> str:
    return format_size(size) + ("" if cost is None else f", {hryvnias(cost)}")


def saving_lines(report: Report) -> Iterator[str]:
    for saving in report.savings:
        if saving.typical > 0:
            money = "" if saving.money is None else f" ({hryvnias(saving.money)})"
            option = saving.option.replace("_", "-")
            yield ngettext(
                "Cheaper: account set --{option} on saves {count} segment{money} of each SMS",
                "Cheaper: account set --{option} on saves {count} segments{money} of each SMS",
                saving.typical,
                option=option,
                money=money,
            )


def as_json_of(looked_at: Examined) -> dict[str, object]:
    return {
        "name": looked_at.name,
        "locale": looked_at.locale,
        "place": looked_at.field,
        "text": looked_at.text,
        "is_refused": looked_at.report.is_refused,
        "typical": size_json(looked_at.report.typical),
        "worst": size_json(looked_at.report.worst),
        "typical_cost": looked_at.report.typical_cost,
        "worst_cost": looked_at.report.worst_cost,
        "savings": [asdict(saving) for saving in looked_at.report.savings],
        "findings": [finding_json(looked_at.text, finding) for finding in looked_at.report.findings],
    }


def preview(  # noqa: PLR0913 (one option for each way to name a text)
    account: AccountId,
    name: Name,
    *,
    locale: Locale = None,
    text: GivenText = None,
    file: TextFile = None,
    samples: Samples = False,
    as_json: AsJson = False,
) -> None:
    """Show how a text reads with the values of the last event that concerned anybody, or with samples.

    Nobody is written to. A text that is given is shown and not saved.

    - `perfectum-sms template preview acme booking_confirmed`
    - `perfectum-sms template preview acme order_created --text "Замовлення {stock_orders_number_order_id}" --samples`
    """
    with ledger() as connection:
        price = open_desk(connection, account).price
        tried, _report = trials(connection, account, name, locale, given(text, file), with_events=not samples)
    if as_json:
        emit([{**row_of(item), "text": item.text, **size_json(item.size)} for item in tried])
        return
    echo(source_label(tried[0]))
    for trial in tried:
        phone = phone_cell(trial.phone) or _("no phone")
        whom = f"{trial.recipient}, {phone}, {trial.channel}: " if trial.recipient else ""
        why = f" ({trial.state}: {trial.reason})" if trial.reason else ""
        size = f"  {whom}{format_size(trial.size)}, {format_cost(trial.size, price)}{why}"
        print_lines(["", *trial.text.splitlines(), size])


def trials(  # noqa: PLR0913 (one for each way to name a text)
    connection: Connection,
    account: str,
    name: str,
    locale: str | None,
    given: str | None,
    *,
    with_events: bool,
    channel: str | None = None,
    phones: bool = False,
) -> tuple[Sequence[Trial], Report]:
    """What people would get of a text, by the last event that concerned anybody or by samples; and the linter on it.

    On the channel that is wanted, or on the one that its trigger is set to; its phones whole where it is to be sent.
    What the linter finds is shown in its place.
    """
    desk = open_desk(connection, account)
    subject = subject_of(desk, name)
    kept = insist_on_text(desk, subject, locale) if given is None else None
    language = locale or desk.settings.locale
    wanted = Wanted(subject, kept or given or "", language, channel, with_events=with_events, phones=phones)
    result = try_text(connection, ConfigurationCache(), desk, wanted)
    print_lines(finding_lines(wanted.words, result.report), stderr=True)
    if result.report.is_refused:
        echo(_("The linter refuses this text: it could not be saved."))
    return result.trials, result.report


def source_label(trial: Trial) -> str:
    if trial.event is None:
        return _("With sample values:")
    return _(
        "As the event {event} of {occurred_at} would read:",
        event=trial.event,
        occurred_at=f"{trial.occurred_at:%Y-%m-%d %H:%M}",
    )


def row_of(trial: Trial) -> dict[str, object]:
    return {
        "source": "samples" if trial.event is None else "event",
        "event": trial.event,
        "occurred_at": trial.occurred_at,
        "recipient": trial.recipient,
        "phone": phone_cell(trial.phone),
        "channel": trial.channel,
        "locale": trial.locale,
        "state": trial.state,
        "reason": trial.reason,
    }
