"""`perfectum-sms unconfirmed`: texts that were perhaps sent, for a person to decide."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from worker.cli.connections import ledger
from worker.cli.operate.text_ids import ids_of, named
from worker.cli.operator import operator_name
from worker.cli.terminal import AsJson, Exit, Yes, agree, echo, group, phone_cell, show
from worker.core.sending.nudge import text_id
from worker.core.sending.unconfirmed_labels import likelihood
from worker.language import _, ngettext
from worker.steps.operate.resolve_unconfirmed import Decided, declare_sent
from worker.steps.operate.resolve_unconfirmed import resend as plan_anew
from worker.store.accounts.account_zones import account_zones
from worker.store.sending import unconfirmed
from worker.store.sending.unconfirmed import Named, UnconfirmedText

app = group("Texts that were perhaps sent: look at them, send them again, or confirm that they went.")

Ids = Annotated[
    list[Named],
    typer.Argument(parser=named, metavar="ID...", help="As the list prints them: 2026-11/123, or the number."),
]


@app.command("list")
def list_(
    *,
    account: Annotated[str | None, typer.Option("--account", "-a", help="Only of this account.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100_000, help="How many.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List the texts that were perhaps sent, the newest first, with what happened and how likely they went.

    The TurboSMS cabinet shows whether one went, by phone and time. Phones are masked; the JSON has the text too.

    - `perfectum-sms unconfirmed list --account acme`
    - `perfectum-sms unconfirmed list --json | jq 'group_by(.reason) | map({(.[0].reason): length})'`
    """
    with ledger() as connection:
        zones = account_zones(connection)
        texts = unconfirmed.list_unconfirmed(connection, account=account, limit=limit)
    columns = ("id", "when", "account", "trigger", "phone", "expires_at", "detail")
    rows = list(map(row_of, texts))
    show(rows, as_json=as_json, columns=columns, empty=_("Nothing is unconfirmed."), zones=zones)
    if texts and not as_json:
        number = text_id((texts[0].month, texts[0].id))
        echo(
            _(
                "It went: perfectum-sms unconfirmed sent {number}. It did not: perfectum-sms "
                "unconfirmed resend {number}",
                number=number,
            )
        )


@app.command()
def resend(ids: Ids, *, yes: Yes = False, as_json: AsJson = False) -> None:
    """Send texts again under fresh keys. If the first one went after all, that person gets it twice.

    Hours, limits, the stop-list and the record's newest facts are asked again. A text whose time is over gets 24 hours
    more.

    - `perfectum-sms unconfirmed resend 2026-11/123 2026-11/124`
    """
    with ledger() as connection:
        chosen = ids_of(connection, ids)
    agree(again(len(chosen)), yes=yes)
    with ledger() as connection:
        decided = plan_anew(connection, chosen, by=operator_name())
    when = _("it goes within a minute, or as soon as its hours and limits let it")
    report(decided, "planned anew", when, as_json=as_json)


@app.command()
def sent(ids: Ids, *, as_json: AsJson = False) -> None:
    """Confirm that texts went, as the TurboSMS cabinet shows: they are `sent`, and nobody asks again.

    - `perfectum-sms unconfirmed sent 2026-11/123`
    """
    with ledger() as connection:
        decided = declare_sent(connection, ids_of(connection, ids), by=operator_name())
    report(decided, "sent", _("by hand"), as_json=as_json)


def again(count: int) -> str:
    return ngettext(
        "Send {count} text again? Whoever got the first one gets it twice.",
        "Send {count} texts again? Whoever got the first one gets it twice.",
        count,
    )


def report(decided: Sequence[Decided], done: str, text: str, *, as_json: bool) -> None:
    rows = [
        {
            "id": text_id(item.notification_id),
            "outcome": done if item.is_done else "left alone",
            "detail": text if item.is_done else why_not(item),
        }
        for item in decided
    ]
    show(rows, as_json=as_json, columns=("id", "outcome", "detail"), empty=_("Nothing to do."))
    if not all(item.is_done for item in decided):
        raise typer.Exit(Exit.FAILED)


def why_not(item: Decided) -> str:
    if item.resent_as:
        return _("it was sent again as {id}", id=text_id(item.resent_as))
    return _("it is {state}, not unconfirmed any more", state=item.state)


def row_of(text: UnconfirmedText) -> dict[str, object]:
    shown = {"id": text_id((text.month, text.id)), "when": text.since, "phone": phone_cell(text.phone)}
    return {**asdict(text), **shown, "detail": likelihood(text.reason)}
