"""`perfectum-sms event`: what a CRM publishes, published by hand."""

import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from worker.cli.connections import ledger, settings_for
from worker.cli.event.contract import EVERY_TYPE, Files, insist_on_type, print_findings, schema, validate
from worker.cli.event.examples import PHONE, example
from worker.cli.event.input_files import Outbound, Refused, read_files
from worker.cli.event.outcome_examples import outcome_example
from worker.cli.terminal import AsJson, Exit, echo, emit, group, one_of, show, stop
from worker.core.clock.kyiv_time import KYIV
from worker.core.contract.event import UNSTORABLE
from worker.core.outcomes.outcome_types import TYPES as OUTCOME_TYPES
from worker.core.triggers.catalogue import BY_EVENT, TYPES
from worker.language import _, marked, ngettext, of_pair
from worker.settings.environment import AMQP
from worker.store.accounts.account_zones import account_zones
from worker.store.ingest.events import newest

app = group("Publish events by hand, and learn their shape.")

#: So many ids are named after publishing.
NAMED = 5

Account = Annotated[str | None, typer.Option("--account", "-a", help="Refuse events of any other account.")]
Force = Annotated[bool, typer.Option(help="Publish unchecked, to see what becomes of it.")]
OUTCOMES = {
    "planned": marked("notifications: see perfectum-sms history"),
    "already_planned": marked("nothing: these people were written to about this fact before"),
    "no_recipient": marked("nothing: no recipient is of a kind that its triggers write to (perfectum-sms event types)"),
    "switched_off": marked("nothing: no trigger is switched on for it"),
    "recorded": marked("kept: its record and the calendar know it; nobody is written to at once"),
}
RoutingKey = Annotated[str | None, typer.Option(help="Instead of `ACCOUNT.TYPE`; with --force.")]


@app.command()
def publish(
    files: Files,
    *,
    account: Account = None,
    force: Force = False,
    routing_key: RoutingKey = None,
    as_json: AsJson = False,
) -> None:
    """Publish events to exchange `crm.events`, and wait until RabbitMQ has confirmed each.

    All of them are checked first, as by `event validate`, and hints are shown; if one is refused, none is published.

    - `perfectum-sms event example invoice.overdue > event.json && perfectum-sms event publish event.json`
    - `perfectum-sms event example order.created --phone 0501234567 | perfectum-sms event publish -`
    - `printf '{' | perfectum-sms event publish - --force --routing-key demo.order.created` makes a dead letter
    """
    if routing_key and not force:
        raise stop(_("--routing-key changes what is checked: give --force too."), Exit.USAGE)
    settings = settings_for((AMQP,))
    checked = read_files(files, account=account, routing_key=routing_key, force=force, now=now())
    if not force:
        print_findings(checked)
    outbound = [item for item in checked if isinstance(item, Outbound)]
    for item in checked:
        if isinstance(item, Refused):
            echo(str(item))
    if len(outbound) < len(checked):
        raise stop(
            ngettext(
                "{wrong} of {count} event refused, none published.",
                "{wrong} of {count} events refused, none published.",
                len(checked),
                wrong=len(checked) - len(outbound),
            )
        )
    from worker.cli.event.publish import publish_all  # noqa: PLC0415 (help must be quick)

    publish_all(settings.amqp_url, outbound)
    if as_json:
        emit([{"id": item.id, "routing_key": item.routing_key} for item in outbound])
        return
    ids = [item.id for item in outbound[:NAMED]]
    more = " …" if len(outbound) > NAMED else ""
    echo(_("Published {count}, confirmed by RabbitMQ: {ids}{more}", count=len(outbound), ids=", ".join(ids), more=more))
    echo(
        _("What becomes of it: perfectum-sms history and dead list; reminders that it leads to: perfectum-sms calendar")
    )


@app.command("example")
def example_(
    event_type: Annotated[
        str, typer.Argument(metavar="TYPE", autocompletion=one_of(EVERY_TYPE), help="See: perfectum-sms event types")
    ],
    *,
    account: Annotated[str, typer.Option("--account", "-a", help="Whose it is.")] = "demo",
    phone: Annotated[str, typer.Option(help="Who shall get the SMS.")] = PHONE,
) -> None:
    """Print a valid event, with a fresh id, fresh record numbers and the current time; or an outcome that a CRM hears.

    - `perfectum-sms event example booking.confirmed`
    - `perfectum-sms event example notification.delivered`
    """
    insist_on_type(event_type)
    if event_type in OUTCOME_TYPES:
        emit(outcome_example(event_type, account=account, now=now()))
        return
    emit(example(event_type, account=account, phone=UNSTORABLE.sub("", phone), now=now().astimezone(KYIV)))


app.command()(schema)
app.command()(validate)


@app.command()
def types(
    *,
    outcomes: Annotated[bool, typer.Option("--outcomes", help="Those that the CRM hears instead.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the types of events and the triggers of each; the last ones have none, they keep records.

    - `perfectum-sms event types --outcomes` lists what a CRM can hear of its events, texts and account
    """
    if outcomes:
        heard = [{"type": name, "means": of_pair(type_.meaning)} for name, type_ in OUTCOME_TYPES.items()]
        show(heard, as_json=as_json, columns=("type", "means"), empty="")
        return
    rows = [
        {
            "type": name,
            "record": event_type.record or "",
            "trigger": trigger.id if trigger else "",
            "recipients": ", ".join(sorted(trigger.recipient_kinds)) if trigger else "",
            "means": trigger.label if trigger else "",
        }
        for name, event_type in TYPES.items()
        for trigger in BY_EVENT[name] or (None,)
    ]
    columns = ("type", "record", "trigger", "recipients", "means")
    show(rows, as_json=as_json, columns=columns, empty=_("There are none."))


@app.command("list")
def list_(
    *,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="How many.")] = 30,
    as_json: AsJson = False,
) -> None:
    """The newest accepted events and what came of each; those that were refused are in `perfectum-sms dead list`."""
    with ledger() as connection:
        zones = account_zones(connection)
        events = newest(connection, limit=limit)
    rows = [{**asdict(event), "result": _(OUTCOMES[event.outcome])} for event in events]
    empty = _("No event yet. Publish one: perfectum-sms event publish --help")
    columns = ("event_id", "received_at", "account", "type", "result")
    show(rows, as_json=as_json, columns=columns, empty=empty, zones=zones)


def now() -> datetime:
    """The publisher's own clock: a CRM has no other either."""
    return datetime.fromtimestamp(time.time(), UTC)
