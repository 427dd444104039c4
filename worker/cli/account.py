"""`perfectum-sms account`: CRM installations, as an operator adds and looks at them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from worker.cli.account_words import fence, hours, hours_words, locale_known, sheet_of, zone_known
from worker.cli.doors import ledger, sealed_ledger
from worker.cli.terminal import AsJson, Exit, emit, say, sheet, show, stop
from worker.cli.token_source import read_token
from worker.core.catalogue import TRIGGERS
from worker.store import accounts, pauses
from worker.store.accounts import NewAccount

app = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown", help="Add CRM installations and look at them.")

Id = Annotated[
    str, typer.Argument(metavar="ID", help="a-z, 0-9 and -, at most 40: the first word of its routing keys.")
]
Token = Annotated[str | None, typer.Option(help="The TurboSMS token; shells remember it, so rather let it be asked.")]
TokenFile = Annotated[
    Path | None, typer.Option(help="A file that holds the token; - is stdin.", allow_dash=True, dir_okay=False)
]


@app.command()
def add(  # noqa: PLR0913 (one option for each thing an account needs)
    id_: Id,
    *,
    name: Annotated[str, typer.Option(help="What people call it.")],
    sender: Annotated[str, typer.Option(help="The SMS sender name, as registered with TurboSMS.")],
    token: Token = None,
    token_file: TokenFile = None,
    zone: Annotated[str, typer.Option(callback=zone_known, help="Its time zone.")] = "Europe/Kyiv",
    locale: Annotated[str, typer.Option(callback=locale_known, help="Language of its texts: uk or en.")] = "uk",
    opening: Annotated[
        str, typer.Option("--hours", help="When people may be disturbed, local time; 0:00-24:00 is always.")
    ] = "9:00-20:00",
) -> None:
    """Add an account, with every trigger on and the default texts in its language.

    The token is asked for, and kept sealed with `SMS_SECRET_KEY`. Workers notice the account by themselves.

    - `perfectum-sms account add acme --name "ТОВ «Акме»" --sender ACME --hours 10:00-19:00`
    """
    if not is_id(id_):
        raise stop(f"ID {id_}: use a-z, 0-9 and -, at most 40.", Exit.USAGE)
    window, secret = hours(opening), read_token(token, token_file)
    with sealed_ledger() as (connection, seal):
        wanted = NewAccount(id_, name, seal.close(secret.encode()), sender, zone, locale, window.opens, window.closes)
        if not accounts.add(connection, wanted, TRIGGERS):
            raise stop(f"The account {id_} is there already. Look: perfectum-sms account show {id_}")
    say(
        f"Added {id_}: {len(TRIGGERS)} triggers on, people are disturbed at {hours_words(window.opens, window.closes)}."
    )
    say(f"Its CRM publishes to exchange crm.events as {id_}.<type>. Try: perfectum-sms event types")


def is_id(text: str) -> bool:
    """Whether it can be one word of a routing key."""
    return 0 < len(text) <= 40 and set(text) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")  # noqa: PLR2004 (as the schema)


@app.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List the accounts and what is paused."""
    with ledger() as connection:
        found = accounts.listed(connection)
    rows = [sheet_of(account) for account in found]
    columns = ("id", "name", "sms_sender", "zone", "locale", "hours", "triggers_on", "paused")
    show(rows, as_json=as_json, columns=columns, empty="No account yet. Add one: perfectum-sms account add --help")


@app.command("show")
def show_(id_: Id, *, as_json: AsJson = False) -> None:
    """Show an account: its settings, its triggers and texts, and how RabbitMQ keeps its CRM to its own events."""
    with ledger() as connection:
        found = [account for account in accounts.listed(connection) if account.id == id_]
        triggers = accounts.triggers(connection, id_)
    if not found:
        raise stop(f"There is no account {id_}. Look: perfectum-sms account list", Exit.NOT_FOUND)
    if as_json:
        emit({**sheet_of(found[0]), "triggers": [asdict(trigger) for trigger in triggers], "fence": fence(id_)})
        return
    sheet(sheet_of(found[0]))
    rows = [{**asdict(trigger), "switched_on": "on" if trigger.switched_on else "off"} for trigger in triggers]
    typer.echo()
    show(rows, as_json=False, empty="It has no triggers.")
    typer.echo(
        "\nRabbitMQ lets its CRM publish only its own events, once you have run (the worker declares the exchange):"
    )
    for command in fence(id_):
        typer.echo(f"  {command}")


@app.command()
def resume(id_: Id) -> None:
    """Let a paused account send again, once its money, token or sender is mended."""
    with ledger() as connection:
        is_there = any(account.id == id_ for account in accounts.listed(connection))
        was_paused = pauses.resume(connection, id_)
    if not is_there:
        raise stop(f"There is no account {id_}. Look: perfectum-sms account list", Exit.NOT_FOUND)
    say(f"{id_} goes on; what waited is sent within a minute." if was_paused else f"{id_} was not paused.")


@app.command("token")
def token_(id_: Id, *, token: Token = None, token_file: TokenFile = None) -> None:
    """Replace an account's TurboSMS token; it is asked for. Workers use the new one at their next call."""
    secret = read_token(token, token_file)
    with sealed_ledger() as (connection, seal):
        if not accounts.replace_token(connection, id_, seal.close(secret.encode())):
            raise stop(f"There is no account {id_}. Look: perfectum-sms account list", Exit.NOT_FOUND)
    say(f"{id_} has a new token. If it was paused for the old one: perfectum-sms account resume {id_}")
