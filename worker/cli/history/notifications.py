"""`perfectum-sms history`: what became of texts, searched and shown one by one."""

from typing import Annotated

import typer

from worker.cli.connections import ledger
from worker.cli.hands.filter_options import Filters, filter_of, warn_of
from worker.cli.hands.filtered import with_filters
from worker.cli.history.entry_view import columns, details, facts, line
from worker.cli.history.explanation_view import explanation_as_json, show_explanation, wanted_zone
from worker.cli.history.export import export
from worker.cli.history.phones import Phones
from worker.cli.moments import localized
from worker.cli.operate.text_ids import ids_of, named
from worker.cli.operator import operator_name
from worker.cli.period import zone_of
from worker.cli.terminal import AsJson, Exit, console, echo, emit, sheet, show, stop
from worker.core.history.filters import Filter, cursor, position
from worker.core.sending.nudge import NotificationId, text_id
from worker.language import _
from worker.steps.history.phones_seen import note_phones
from worker.steps.history.why import Reading, of_notification
from worker.store.accounts.account_zones import account_zones
from worker.store.db.postgres import clock
from worker.store.db.session import LOOKUPS
from worker.store.history.entries import load, page
from worker.store.sending.unconfirmed import Named

app = typer.Typer(invoke_without_command=True, rich_markup_mode="markdown")
app.command("export")(export)

After = Annotated[str | None, typer.Option(metavar="CURSOR", help="Go on where a page ended, with the same filters.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="How many.")]
Id = Annotated[Named, typer.Argument(parser=named, metavar="ID", help="As the list prints it: 2026-11/123.")]


@app.callback()
@with_filters()
def history(
    context: typer.Context,
    *,
    filters: Filters,
    limit: Limit = 30,
    after: After = None,
    phones: Phones = False,
    as_json: AsJson = False,
) -> None:
    """What became of texts, the newest first: of a client, a person, a phone, a record, an event, an account.

    One that was not sent, or did not arrive, says why; one that waits says until when. After `accepted` TurboSMS
    reports `sent`, `delivered`, `read` (in Viber) or `undelivered`. `history show ID` has all of one, `history export`
    a file for a spreadsheet. Phones are masked without `--phones`. The JSON has more, as every channel that was tried
    (`channels`) with what it cost, and what it means in English and in Ukrainian (`meaning`).

    - `perfectum-sms history --account demo --client 5 --search "рахунок ромашка"`
    - `perfectum-sms history --account demo --state undelivered --state refused --since yesterday`
    - `perfectum-sms history --account demo --search 4567` finds the end of a phone
    - `perfectum-sms history -n 500 --json | jq '.[] | select(.state == "undelivered") | .meaning.uk'`
    """
    if context.invoked_subcommand is not None:
        return
    with ledger(session=LOOKUPS) as connection:
        wanted = filter_of(connection, filters)
        listed = page(connection, wanted, limit=limit, after=begun(after, wanted))
        if phones:
            note_phones(connection, operator_name(), "history", wanted)
        zones, zone = account_zones(connection), zone_of(connection, wanted.account)
    if as_json:
        emit([details(entry, phones=phones) for entry in listed.entries])
    else:
        rows = [line(entry, zones, phones=phones) for entry in listed.entries]
        show(rows, as_json=False, columns=columns(console().width), zones=zones, empty=nothing(wanted))
    if listed.after:
        echo(_("There are more: add --after {cursor}", cursor=cursor(listed.after, wanted)))
    warn_of(listed.unsearched, zone)


def begun(after: str | None, wanted: Filter) -> NotificationId | None:
    try:
        return None if after is None else position(after, wanted)
    except ValueError as error:
        raise stop(f"--after: {error}.", Exit.USAGE) from None


def nothing(wanted: Filter) -> str:
    if wanted == Filter() or wanted == Filter(account=wanted.account):
        return _("No notification yet. Publish an event: perfectum-sms event publish --help")
    return _("Nothing of that. Look without some of the filters, or at events: perfectum-sms event list")


@app.command("show")
def show_(id_: Id, *, phones: Phones = False, as_json: AsJson = False) -> None:
    """Show one text with all that is known of it: to whom, about what, on which channels, at what price, and why.

    Below is its story, moment by moment, as `perfectum-sms why` tells it.

    - `perfectum-sms history show 2026-11/123`
    """
    with ledger(session=LOOKUPS) as connection:
        [entry] = load(connection, ids_of(connection, [id_]))
        if phones:
            note_phones(
                connection,
                operator_name(),
                f"history {text_id((entry.month, entry.id))}",
                Filter(account=entry.account),
            )
        zones = account_zones(connection)
        explanation = of_notification(
            Reading(connection, clock(connection), zone=wanted_zone()), (entry.month, entry.id)
        )
    if as_json:
        emit(
            {
                **details(entry, phones=phones),
                "timeline": explanation_as_json(explanation)["entries"] if explanation else [],
            }
        )
        return
    known = {name: value for name, value in facts(entry, zones, phones=phones).items() if value is not None}
    zone = localized(entry.created_at, zones, entry.account).tzinfo
    sheet(known, zones=zone or zones)
    if explanation:
        typer.echo()
        show_explanation(explanation)
