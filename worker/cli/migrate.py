"""`perfectum-sms migrate`: the schema, up to what this code knows."""

from __future__ import annotations

from typing import Annotated

import typer

from worker.cli.doors import ledger
from worker.cli.terminal import AsJson, emit, say, stop
from worker.store import migrations, partitions
from worker.store.postgres import clock

#: Another migrator may be at work for long; we wait for it.
PATIENT = "-c statement_timeout=0"


def migrate(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be applied.")] = False,
    as_json: AsJson = False,
) -> None:
    """Apply the files of `sql/` that this database has not seen, and keep its partitions three months ahead.

    Forward only, one transaction a file, one migrator at a time; safe to run at every start. Needs only
    `SMS_DATABASE_URL`.
    """
    applied, made = would_apply() if dry_run else apply()
    if as_json:
        emit({"dry_run": dry_run, "applied": applied, "partitions": made})
        return
    verb = "Would apply" if dry_run else "Applied"
    say(f"{verb} {', '.join(applied)}." if applied else "The schema is up to date.")
    if made:
        say(f"Made {len(made)} partitions.")


def apply() -> tuple[list[str], list[str]]:
    """Migrate, and name the files applied and the partitions made."""
    with ledger(session=PATIENT) as connection:
        try:
            applied = migrations.migrate(connection)
        except migrations.MigrationError as error:
            raise stop(str(error)) from None
        return applied, partitions.keep(connection, now=clock(connection))


def would_apply() -> tuple[list[str], list[str]]:
    """The files that `apply` would apply."""
    with ledger() as connection:
        try:
            return migrations.unapplied(connection), []
        except migrations.MigrationError as error:
            raise stop(str(error)) from None
