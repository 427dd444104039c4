"""`perfectum-sms account`: CRM installations, as an operator adds, sets and looks at them."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from worker.cli.account.callbacks import callback_row, explain_callbacks
from worker.cli.account.fence import fence
from worker.cli.account.provider_checks import Unchecked, insist_on_sender, insist_on_token
from worker.cli.account.remove import remove
from worker.cli.account.set_options import set_, typed
from worker.cli.account.token_input import read_token
from worker.cli.account.transfer import export, import_
from worker.cli.account.view import as_json_of, format_stop_list, in_words, row_of_list
from worker.cli.account_argument import Id, insist_on_account, is_id, no_account
from worker.cli.connections import ledger, sealed_ledger
from worker.cli.operate.pause_labels import GOES_ON, meant, resume_command, row_of, scope_known, scope_name, short
from worker.cli.operator import operator_name
from worker.cli.setting_options import Given, changes_of, with_options
from worker.cli.terminal import AsJson, Exit, echo, emit, format_price, group, sheet, show, stop
from worker.core.accounts.settings import SETTINGS, AccountSettings
from worker.core.clock.quiet_hours import zone_of
from worker.core.hands.pause_scope import is_by_hand
from worker.core.sending.pause import ACCOUNT, NO_TOKEN
from worker.language import _, ngettext
from worker.store.accounts import accounts, callback_keys
from worker.store.accounts.accounts import AccountSummary
from worker.store.accounts.sealed_places import token_of
from worker.store.audit.configuration import noting_changes
from worker.store.consent import suppressions
from worker.store.db.postgres import Connection
from worker.store.spending import prices

app = group("Add, set, resume and look at CRM installations.")

Token = Annotated[str | None, typer.Option(help="The TurboSMS token; shells remember it, so rather let it be asked.")]
TokenFile = Annotated[Path | None, typer.Option(help="A file that holds it; - is stdin.", allow_dash=True)]


@app.command()
@with_options([setting for setting in SETTINGS if setting.is_for_new], is_new=True)
def add(
    id_: Id,
    *,
    token: Token = None,
    token_file: TokenFile = None,
    unchecked: Unchecked = False,
    **given: Given | None,
) -> None:
    """Add an account, with every trigger on and the default texts in its language.

    The token is asked for, tried with TurboSMS, and kept sealed with `SMS_SECRET_KEY`. Workers notice the account by
    themselves.

    - `perfectum-sms account add acme --name "ТОВ «Акме»" --sender ACME --hours 10:00-19:00`
    """
    if not is_id(id_):
        raise stop(_("ID {id}: use a-z, 0-9 and -, at most 40.", id=id_), Exit.USAGE)
    settings = AccountSettings(**changes_of(given))
    insist_on_sender(settings.sms_sender, is_unchecked=unchecked)
    secret = read_token(token, token_file)
    insist_on_token(secret, is_unchecked=unchecked)
    from worker.core.triggers.catalogue import TRIGGERS  # noqa: PLC0415 (a listing must be quick)

    with sealed_ledger() as (connection, seal), noting_changes(connection, id_, by=operator_name()):
        if not accounts.add(connection, id_, seal.close(secret.encode(), token_of(id_)), settings, TRIGGERS):
            raise stop(_("The account {id} is there already. Look: perfectum-sms account show {id}", id=id_))
    added = ngettext(
        "Added {id}: {count} trigger on, people are disturbed at {hours}.",
        "Added {id}: {count} triggers on, people are disturbed at {hours}.",
        len(TRIGGERS),
        id=id_,
        hours=typed(settings)["--hours"],
    )
    echo(added)
    echo(_("Its CRM publishes to exchange crm.events as {id}.<type>. Try: perfectum-sms event types", id=id_))


app.command("set")(set_)
app.command("export")(export)
app.command("import")(import_)
app.command()(remove)


@app.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List the accounts and their pauses."""
    with ledger() as connection:
        summaries = accounts.list_accounts(connection)
    rows = [as_json_of(summary) if as_json else row_of_list(summary) for summary in summaries]
    columns = ("id", "name", "sms_sender", "hours", "triggers_on", "paused")
    show(rows, as_json=as_json, columns=columns, empty=_("No account yet. Add one: perfectum-sms account add --help"))


@app.command("show")
def show_(id_: Id, *, as_json: AsJson = False) -> None:
    """Show an account: its settings, pauses, triggers and texts, and its CRM's rights in RabbitMQ."""
    with ledger() as connection:
        account = known(connection, id_)
        triggers = accounts.triggers(connection, id_)
        has_key = callback_keys.is_set(connection, id_)
        stopped, of_marketing = suppressions.count(connection, id_)
        account_prices = prices.prices_of(connection, id_)
    callbacks = callback_row(id_, has_key=has_key)
    costs = {
        name: None if price.amount is None else f"{format_price(price.amount)} ({price.source})"
        for name, price in (("segment", account_prices.sms), ("viber_message", account_prices.viber))
    }
    if as_json:
        stop_list = {"phones": stopped, "marketing_only": of_marketing}
        rest = {"stop_list": stop_list, "prices": costs, "triggers": [*map(asdict, triggers)], "fence": fence(id_)}
        emit({**as_json_of(account), **callbacks, **rest})
        return
    fields = {**{f"price_of_{name}": cost for name, cost in costs.items()}, **callbacks}
    stop_list = format_stop_list(id_, stopped, of_marketing)
    sheet({**in_words(account), "stop_list": stop_list, **fields}, zones=zone_of(account.settings.zone))
    explain_callbacks(id_, has_key=has_key)
    print_pauses(account)
    typer.echo()
    columns = ("trigger", "switched_on", "channel", "locale", "text")
    show([*map(asdict, triggers)], as_json=False, columns=columns, empty=_("It has no triggers."))
    typer.echo()
    typer.echo(
        _(
            "RabbitMQ lets its CRM publish its own events and hear its own outcomes, each by a user that may do nothing"
            " else, once these have run (a worker and a scheduler declare the exchanges):"
        )
    )
    for command in fence(id_):
        typer.echo(f"  {command}")


def print_pauses(account: AccountSummary) -> None:
    if account.stopped:
        typer.echo()
        zone, command = zone_of(account.settings.zone), resume_command(account.id, account.stopped[0].scope)
        columns = ("scope", "detail", "since", "by", "next_probe")
        show([row_of(pause) for pause in account.stopped], as_json=False, columns=columns, empty="", zones=zone)
        echo(_("Once it is fixed: {command}", command=command))


@app.command("resume")
def resume_(
    id_: Id,
    *,
    scope: Annotated[
        str | None, typer.Option(parser=scope_known, metavar="SCOPE", help="As account show names it.")
    ] = None,
) -> None:
    """End what was paused by itself once its cause is fixed: all of it, or one scope.

    What a person paused goes on by `perfectum-sms resume`.

    `account` waits for money, token or sender, and `provider` for TurboSMS: both are also tried by themselves now and
    then. `trigger/…` and `person/…` were stopped because they ran away, and `viber` because TurboSMS does not take the
    Viber sender: they wait for you.

    - `perfectum-sms account resume acme`
    - `perfectum-sms account resume acme --scope trigger/order_created`
    """
    with ledger() as connection:
        account = known(connection, id_)
        scopes = meant(account, scope) if scope else None
        if scopes and len(scopes) > 1:
            raise stop(_("{scope} is more than one person: give more of the key.", scope=scope), Exit.USAGE)
        if any(pause.reason == NO_TOKEN and (scopes is None or pause.scope in scopes) for pause in account.stopped):
            raise stop(_("{id} has no token. Give it one: perfectum-sms account token {id}", id=id_))
        from worker.steps.operate.resume import resume  # noqa: PLC0415 (a listing must be quick)

        resumed = resume(connection, id_, scopes, by=operator_name())
    for name in resumed:
        echo(_("{name} goes on: {goes_on}.", name=short(name), goes_on=_(GOES_ON[scope_name(name)])))
    if not resumed:
        echo(_("{scope} was not paused.", scope=scope or id_))
    if any(is_by_hand(pause.scope) for pause in account.stopped):
        echo(_("What a person paused still waits: perfectum-sms pauses"))


def known(connection: Connection, account: str) -> AccountSummary:
    for item in accounts.list_accounts(connection):
        if item.id == account:
            return item
    raise no_account(connection, account)


@app.command("token")
def token_(id_: Id, *, token: Token = None, token_file: TokenFile = None, unchecked: Unchecked = False) -> None:
    """Replace an account's TurboSMS token; it is asked for and tried. Workers use the new one at their next call."""
    with ledger() as connection:
        insist_on_account(connection, id_)
    secret = read_token(token, token_file)
    insist_on_token(secret, is_unchecked=unchecked)
    from worker.steps.accounts.credentials import set_token  # noqa: PLC0415 (a listing must be quick)

    with sealed_ledger() as (connection, seal):
        goes_on = set_token(connection, seal, id_, secret, by=operator_name())
        if goes_on is None:
            raise no_account(connection, id_)
    if goes_on:
        echo(_("{id} has a token again: {goes_on}.", id=id_, goes_on=_(GOES_ON[ACCOUNT])))
    else:
        echo(_("{id} has a new token. If it was paused for the old one: perfectum-sms account resume {id}", id=id_))
