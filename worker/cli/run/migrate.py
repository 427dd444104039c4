"""`perfectum-sms migrate`: the schema, up to what this code knows."""

from typing import Annotated

import typer

from worker.cli.connections import ledger
from worker.cli.terminal import AsJson, echo, emit, stop
from worker.language import _, ngettext
from worker.store.db import migrations, partitions
from worker.store.db.migration_steps import MigrationError
from worker.store.db.postgres import Connection, clock
from worker.store.db.session import SPEECH

#: Another migrator may be at work for long; we wait for it.
PATIENT = {**SPEECH, "statement_timeout": "0"}


def migrate(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what would be applied.")] = False,
    as_json: AsJson = False,
) -> None:
    """Apply the files of `sql/` that this database has not seen, and keep its partitions three months ahead.

    Forward only, one statement a transaction, one migrator at a time; safe at every start and beside work and dumps.
    What holds a table is shown and waited for. A schema that a newer program made is left as it is: that is no fault
    where the two may run beside each other. Needs only `SMS_DATABASE_URL`.
    """
    applied, made, newer = would_apply() if dry_run else apply()
    if as_json:
        emit({"dry_run": dry_run, "applied": applied, "partitions": made, "newer": newer})
        return
    files = ", ".join(applied)
    if not applied:
        echo(_("The schema is up to date."))
    else:
        echo(_("Would apply {files}.", files=files) if dry_run else _("Applied {files}.", files=files))
    if newer:
        echo(_("It is newer than this program, which may run on it all the same: {newer}.", newer=", ".join(newer)))
    if made:
        echo(ngettext("Made {count} partition.", "Made {count} partitions.", len(made)))


def apply() -> tuple[list[str], list[str], list[str]]:
    """Migrate, and name the files applied, the partitions made and the files of a newer program."""
    with ledger(session=PATIENT) as connection:
        try:
            applied = migrations.migrate(connection, report=echo)
        except MigrationError as error:
            raise stop(str(error)) from None
        return applied, keep_partitions(connection), migrations.newer(connection)


def keep_partitions(connection: Connection) -> list[str]:
    made = partitions.keep_if_free(connection, now=clock(connection))
    if isinstance(made, str):
        echo(_("{made}: the scheduler makes the months ahead once it is free.", made=made))
        return []
    return made


def would_apply() -> tuple[list[str], list[str], list[str]]:
    with ledger() as connection:
        try:
            return migrations.unapplied(connection), [], migrations.newer(connection)
        except MigrationError as error:
            raise stop(str(error)) from None
