"""A budget in hryvnias that nobody could count: the end of the command."""

import typer

from worker.cli.terminal import Exit, stop
from worker.language import _
from worker.steps.accounts.budgets import lacks_price
from worker.store.db.postgres import Connection


def insist_on_price(connection: Connection, account: str) -> None:
    """The end of the command where hryvnias are to be counted and nobody knows what a segment costs."""
    if lacks_price(connection, account):
        raise no_price(account)


def no_price(account: str) -> typer.Exit:
    return stop(
        _(
            "Nobody knows yet what a segment costs {account}, so a budget in hryvnias would hold "
            "nothing: give account set {account} --segment-price too, or --daily-segments beside "
            "it. Nothing was changed.",
            account=account,
        ),
        Exit.USAGE,
    )
