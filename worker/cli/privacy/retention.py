"""`perfectum-sms privacy retention`: how long each kind of data is kept."""

from typing import Annotated

import typer

from worker.cli.connections import ledger
from worker.cli.operator import operator_name
from worker.cli.terminal import AsJson, Exit, Yes, agree, echo, show, stop
from worker.core.authoring.nearest_name import suggestion
from worker.core.privacy.retention import BY_NAME, KINDS, kept_since, refusal_of
from worker.language import _
from worker.store.audit.audit import note
from worker.store.db.postgres import clock
from worker.store.privacy import retention_days

app = typer.Typer(rich_markup_mode="markdown", invoke_without_command=True)


@app.callback()
def retention(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Show how long each kind of data is kept, and since when it is there.

    The scheduler drops whole months and deletes in small batches, every hour.

    - `perfectum-sms privacy retention`
    - `perfectum-sms privacy retention set texts 180`
    """
    if context.invoked_subcommand:
        return
    with ledger() as connection:
        days, now = retention_days.days_of(connection), clock(connection)
    since = kept_since(now, days)
    rows = [
        {
            "kind": kind.name,
            "days": days[kind.name],
            "kept_since": since[kind.name] if as_json else since[kind.name].date(),
            "default": kind.days,
            "at_least": kind.least,
            "means": kind.what if as_json else _(kind.what),
        }
        for kind in KINDS
    ]
    columns = ("kind", "days", "kept_since", "default", "at_least", "means")
    show(rows, as_json=as_json, columns=columns, empty="")


@app.command("set")
def set_(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="As privacy retention names it.")],
    days: Annotated[int, typer.Argument(metavar="DAYS", help="For how many days it is kept.")],
    *,
    yes: Yes = False,
) -> None:
    """Keep a kind of data for so many days; what is older goes within hours, and does not come back.

    - `perfectum-sms privacy retention set bodies 30`
    """
    if kind not in BY_NAME:
        raise stop(
            _(
                "KIND {kind}: {hint}",
                kind=kind,
                hint=suggestion(kind, BY_NAME, _("choose from {actions}", actions=", ".join(BY_NAME))),
            ),
            Exit.USAGE,
        )
    with ledger() as connection:
        before = retention_days.days_of(connection)
    if reason := refusal_of(BY_NAME[kind], days, before):
        raise stop(_("DAYS {days}: {reason}.", days=days, reason=reason), Exit.USAGE)
    if days < before[kind]:
        agree(_("Delete {what} older than {days} days?", what=_(BY_NAME[kind].what), days=days), yes=yes)
    with ledger() as connection:
        retention_days.save(connection, kind, days)
        note(connection, operator_name(), "retention", kind, before={"days": before[kind]}, after={"days": days})
    echo(_("{kind}: kept for {days} days, before {before}.", kind=kind, days=days, before=before[kind]))
