"""`perfectum-sms apikey`: who may call the API of an account, and who may sign addresses of its clients' pages."""

from dataclasses import asdict
from typing import Annotated, cast

import typer

from worker.cli.account_argument import account_or_only, insist_on_account, whose
from worker.cli.connections import ledger, sealed_ledger
from worker.cli.hands.moment_option import moment_ahead
from worker.cli.moments import shown
from worker.cli.operator import operator_name
from worker.cli.period import zone_of
from worker.cli.terminal import AsJson, Exit, Yes, agree, echo, emit, group, one_of, show, stop
from worker.core.access.api_key import EMBED, RATE, RATE_MAX, SCOPES, Scope, fault
from worker.language import _
from worker.steps.access import api_keys as keys
from worker.steps.access.api_keys import Wanted
from worker.store.access import api_keys
from worker.store.accounts.account_zones import account_zones
from worker.store.db.postgres import clock

app = group("Keys by which other programs call the API, or sign addresses of clients' pages.")

Account = Annotated[str | None, typer.Option("--account", "-a", help="Whose; may be left out where there is one.")]
COLUMNS = ("id", "account", "name", "scopes", "sees_phones", "rate", "state", "expires_at", "last_used_at")


@app.command()
def add(  # noqa: PLR0913 (one for each option)
    *,
    account: Account = None,
    name: Annotated[str, typer.Option(help="Who will call with it, as the audit shall name it.")],
    scope: Annotated[
        list[str],
        typer.Option(
            autocompletion=one_of(SCOPES),
            help="May be repeated. read looks, send writes to people and stops texts, settings changes triggers "
            "and texts; embed signs addresses of clients' pages, and stands alone.",
        ),
    ],
    phones: Annotated[bool, typer.Option("--phones", help="It may see whole phones; else they are masked.")] = False,
    expires: Annotated[str | None, typer.Option(metavar="WHEN", help="As 90d, or 2027-01-01 00:00.")] = None,
    rate: Annotated[
        int,
        typer.Option(min=1, max=RATE_MAX, help="Requests a second to each console process; twice as many at once."),
    ] = RATE,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it, this one time: of its secret a hash is kept, or, where it signs, the secret, sealed.

    It belongs to one account and learns nothing of others. Callers send it as `Authorization: Bearer psms_…`.

    - `perfectum-sms apikey add --account acme --name CRM --scope read --scope send --phones --expires 90d`
    - `perfectum-sms apikey add --account acme --name "CRM, client's card" --scope embed --phones`
    """
    if wrong := fault(name, scope, rate):
        raise stop(f"{wrong}.", Exit.USAGE)
    with sealed_ledger() as (connection, seal):
        whose_is = account_or_only(connection, account)
        if whose_is is None:
            raise whose(connection)
        until = moment_ahead(connection, expires, whose_is, option="--expires")
        wanted = Wanted(whose_is, name.strip(), frozenset(cast("list[Scope]", scope)), phones, rate, until)
        made = keys.make(connection, seal, wanted, by=operator_name(), now=clock(connection))
        ends = until and shown(until, zone_of(connection, whose_is))
    if as_json:
        emit({"id": made.id, "key": made.text, "account": whose_is, "expires_at": until})
        return
    typer.echo(made.text)
    echo(_("Keep it now: it is shown this one time. Its number is {id}.", id=made.id))
    if EMBED in scope:
        echo(_("How a CRM signs addresses with it: worker/core/access/client-page.md"))
    if ends:
        echo(_("It is valid until {moment}.", moment=ends))
    else:
        echo(_("It is valid until: perfectum-sms apikey revoke {id}", id=made.id))


@app.command("list")
def list_(*, account: Account = None, as_json: AsJson = False) -> None:
    """List keys, also those that have expired or were revoked: what each may do, until when, and its last use.

    - `perfectum-sms apikey list --account acme`
    """
    with ledger() as connection:
        if account is not None:
            insist_on_account(connection, account)
        zones, now = account_zones(connection), clock(connection)
        found = api_keys.list_keys(connection, account)
    rows = [{**asdict(key), "state": key.state(now)} for key in found]
    if not as_json:
        rows = [{**row, "scopes": ", ".join(row["scopes"])} for row in rows]
    empty = _("No key yet. Make one: perfectum-sms apikey add --help")
    show(rows, as_json=as_json, columns=COLUMNS, empty=empty, zones=zones)


@app.command()
def revoke(
    id_: Annotated[int, typer.Argument(metavar="ID", min=1, help="Its number, as the list has it.")],
    *,
    yes: Yes = False,
) -> None:
    """End a key at once: its next call is refused, and so are the addresses that it has signed.

    - `perfectum-sms apikey revoke 7`
    """
    agree(_("Revoke the key {id}?", id=id_), yes=yes)
    with ledger() as connection:
        key = keys.revoke(connection, id_, by=operator_name(), now=clock(connection))
    if key is None:
        raise stop(_("There is no valid key {id}: look at perfectum-sms apikey list", id=id_), Exit.NOT_FOUND)
    echo(_("The key {id} ({name}) of {account} is revoked.", id=id_, name=key.name, account=key.account))
