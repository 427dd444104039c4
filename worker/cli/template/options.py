"""What a text asks for besides its words: a value that must not be missing, and what Viber shows around it."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import typer

from worker.cli.account_argument import AccountId
from worker.cli.connections import ledger
from worker.cli.operator import operator_name
from worker.cli.template.context import Locale, Name, insist_on_text, open_desk, subject_of
from worker.cli.template.lint_gate import refuse
from worker.cli.terminal import Exit, as_parameter, changes, echo, stop
from worker.core.accounts.choices import Missing
from worker.core.clock.durations import duration
from worker.core.texts.viber_message import options_as_json, read_options
from worker.language import _
from worker.steps.accounts.texts import ask
from worker.store.audit.configuration import noting_changes

#: Takes an option away.
NONE = "none"


MISSING_HELP = (
    "Where a value is missing and neither a group nor a fallback helps. drop: it goes without. "
    "fail: it does not go, and somebody looks at it (perfectum-sms dead list)."
)


def seconds(text: str) -> int | str:
    return NONE if text == NONE else int(as_parameter(duration)(text).total_seconds())


def set_(  # noqa: PLR0913 (one option for each thing that can be set)
    account: AccountId,
    name: Name,
    *,
    locale: Locale = None,
    missing: Annotated[Missing | None, typer.Option(help=MISSING_HELP)] = None,
    ttl: Annotated[
        str | None,
        typer.Option("--viber-ttl", parser=seconds, metavar="DURATION|none", help="How long Viber tries, 1m to 24h."),
    ] = None,
    button: Annotated[
        str | None, typer.Option("--viber-button", metavar="TEXT|none", help="The button's text.")
    ] = None,
    link: Annotated[
        str | None, typer.Option("--viber-link", metavar="URL", help="Its address, as {invoice_link}.")
    ] = None,
    picture: Annotated[
        str | None, typer.Option("--viber-picture", metavar="URL|none", help="A picture above it.")
    ] = None,
    transactional: Annotated[
        Literal["on", "off"] | None,
        typer.Option("--viber-transactional", help="on: TurboSMS knows the text by a pattern and bills it as such."),
    ] = None,
) -> None:
    """Change what a text asks for besides its words; workers notice within seconds.

    - `perfectum-sms template set acme invoice_overdue_notice --missing fail`
    - `perfectum-sms template set acme invoice_overdue_notice --viber-button "Сплатити" --viber-link "{invoice_link}"`
    """
    given = {"ttl": ttl, "caption": button, "link": link, "picture": picture, "transactional": transactional}
    if missing is None and not any(given.values()):
        raise stop(_("Say what to change, as --missing fail. See: perfectum-sms template set --help"), Exit.USAGE)
    with ledger() as connection, noting_changes(connection, account, by=operator_name()):
        desk = open_desk(connection, account, to_edit=True)
        subject = subject_of(desk, name)
        kept = insist_on_text(desk, subject, locale)
        viber = checked(viber_with(kept.viber, given))
        wanted = missing or kept.missing
        if refused := ask(connection, desk, subject, kept, missing=wanted, viber=viber):
            raise refuse(refused.text, refused.report)
    was, now = ({"missing": to, "viber": format_viber(of)} for to, of in ((kept.missing, kept.viber), (wanted, viber)))
    for line in changes(was, now) or [_("{name} was set so already: nothing changed.", name=name)]:
        echo(line)


def viber_with(before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The options with what is given; `none` takes one away, and a button goes with its link."""
    fields = dict(before)
    flat = {**fields.pop("button", {}), **fields, **{name: value for name, value in given.items() if value is not None}}
    wanted = {name: value for name, value in flat.items() if value != NONE}
    if given.get("transactional"):
        wanted["transactional"] = given["transactional"] == "on"
    caption, link = wanted.pop("caption", None), wanted.pop("link", None)
    if caption is None:
        if given.get("link"):
            raise stop(_("--viber-link leads from a button: give --viber-button too."), Exit.USAGE)
        return wanted
    return {**wanted, "button": {"caption": caption, "link": link or ""}}


def format_viber(viber: Mapping[str, Any]) -> str:
    """`ttl 600, button Сплатити → {invoice_link}`."""
    button = viber.get("button")
    rest = [f"{name} {value}" for name, value in viber.items() if name != "button"]
    return (
        ", ".join(
            [*rest, _("button {caption} → {link}", caption=button["caption"], link=button["link"])] if button else rest
        )
        or NONE
    )


def checked(viber: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return options_as_json(read_options(viber))
    except ValueError as error:
        raise stop(_("Viber would not take it: {error}.", error=error), Exit.USAGE) from None
