"""`perfectum-sms suppression`: the stop-list, phones that an account does not write to."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated

import typer

from worker.cli.account_argument import AccountId, insist_on_account
from worker.cli.connections import ledger, sealed_ledger
from worker.cli.consent.suppression_transfer import Scope, export, import_, report
from worker.cli.terminal import AsJson, Exit, echo, phone_cell, show, stop, who
from worker.core.contract.phone import BadPhone, normalise, numbers_in, only_phone
from worker.core.planning.suppression import ALL
from worker.core.triggers.recipients import key_of
from worker.steps.operate.suppress import suppress
from worker.store.accounts import secrets
from worker.store.accounts.secrets import Seal
from worker.store.consent import suppressions
from worker.store.consent.suppressions import Entry
from worker.store.db.postgres import Connection

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="The stop-list: who is not written to, why, and by whose word.",
)


#: A number as `suppression export` writes it.
AS_EXPORTED = re.compile(r"\+\d{8,15}", re.ASCII)


Phones = Annotated[list[str], typer.Argument(metavar="PHONE...", help="As people write them: 067 123 45 67.")]
Phone = Annotated[str, typer.Argument(metavar="PHONE", help="As people write it: 067 123 45 67.")]


@app.command()
def add(
    account: AccountId,
    phones: Phones,
    *,
    scope: Annotated[
        Scope,
        typer.Option(
            help="all: nothing goes, be it urgent, and to colleagues neither. marketing: advertising does not, while "
            "confirmations, invoices and reminders do."
        ),
    ] = ALL,
    reason: Annotated[str, typer.Option(help="Why, for whoever asks later.")] = "asked",
    as_json: AsJson = False,
) -> None:
    """Put phones on the stop-list, and take back what waits for them. What TurboSMS has already nobody can stop.

    A phone that is on it for `marketing` may be put on it for `all`; the other way round, remove it first. Phones that
    TurboSMS refuses because of its own stop-list come on it by themselves, for `all`.

    - `perfectum-sms suppression add acme "067 123 45 67" --scope marketing --reason "asked by phone"`
    """
    with sealed_ledger() as (connection, seal):
        insist_on_account(connection, account)
        salt = secrets.salt(connection, seal)
        numbers = read(phones)
        entries = [Entry(key_of(phone, salt=salt), phone, scope, reason, "operator", who()) for phone in numbers]
        done = suppress(connection, account, entries, by=who())
    report(done, as_json=as_json)
    if len(numbers) > len(phones) and not as_json:
        echo(f"{len(numbers)} phones stood in {len(phones)} arguments: all of them are taken.")


@app.command()
def remove(account: AccountId, phone: Phone) -> None:
    """Take a phone off the stop-list: what is planned from now on goes to it again. What was taken back stays so.

    - `perfectum-sms suppression remove acme "067 123 45 67"`
    """
    change(account, phone, suppressions.remove, "It is off the list.", otherwise="It is not on the list.")


@app.command()
def erase(account: AccountId, phone: Phone) -> None:
    """Forget how a phone on the list is written: it is still stopped, by a hash that nobody can read, and not exported.

    - `perfectum-sms suppression erase acme "067 123 45 67"`
    """
    otherwise = "It is not on the list, or was erased before."
    change(account, phone, suppressions.erase, "It is erased, and still stopped.", otherwise=otherwise)


def change(
    account: str, phone: str, act: Callable[[Connection, str, bytes], bool], done: str, *, otherwise: str
) -> None:
    with sealed_ledger() as (connection, seal):
        insist_on_account(connection, account)
        is_done = act(connection, account, key_in(connection, seal, phone))
    if not is_done:
        raise stop(otherwise, Exit.NOT_FOUND)
    echo(done)


@app.command("list")
def list_(
    account: AccountId,
    *,
    phone: Annotated[str | None, typer.Option(help="Only this one: is it on the list?")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100_000, help="How many.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List who is not written to, the newest first: what does not go, why, by whose word, since when.

    Phones are masked; `suppression export` has them whole.

    - `perfectum-sms suppression list acme --phone "067 123 45 67"`
    """
    if phone is None:
        with ledger() as connection:
            insist_on_account(connection, account)
            entries = suppressions.list_suppressions(connection, account, limit=limit)
    else:
        with sealed_ledger() as (connection, seal):
            insist_on_account(connection, account)
            key = key_in(connection, seal, phone)
            entries = suppressions.list_suppressions(connection, account, recipient_key=key, limit=limit)
    rows = [{**asdict(entry), "phone": phone_cell(entry.phone)} for entry in entries]
    show(rows, as_json=as_json, empty="It is not on the list." if phone else "Nobody is on the list.")


app.command("import")(import_)
app.command("export")(export)


def read(phones: list[str]) -> list[str]:
    """Phones in E.164 form, all of an argument that holds several; the end of the command where one is none."""
    in_e164: list[str] = []
    for index, text in enumerate(phones, 1):
        numbers = numbers_in(text)
        if not numbers.usable:
            first = normalise(text)
            reason = first.reason if isinstance(first, BadPhone) else "bad_phone"
            raise stop(f"PHONE {index} is no mobile number ({reason}): write it as 067 123 45 67.", Exit.USAGE)
        in_e164 += numbers.usable
    return in_e164


def key_in(connection: Connection, seal: Seal, text: str) -> bytes:
    """What a phone is called in the ledger; one that an older version put there, though it cannot exist, is found."""
    try:
        phone = text if AS_EXPORTED.fullmatch(text) else only_phone(text)
    except ValueError as error:
        raise stop(f"PHONE is {error}; write it as 067 123 45 67.", Exit.USAGE) from None
    return key_of(phone, salt=secrets.salt(connection, seal))
