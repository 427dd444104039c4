"""`perfectum-sms migrate`: the schema, up to what this code knows."""

import sys
from typing import Annotated

import typer

from worker.cli.connections import ledger
from worker.cli.terminal import AsJson, Exit, echo, emit, stop
from worker.language import _, ngettext
from worker.store.db import migrations, partitions, roles
from worker.store.db.migration_steps import MigrationError
from worker.store.db.postgres import Connection, clock
from worker.store.db.session import SPEECH

#: Another migrator may be at work for long; we wait for it.
PATIENT = {**SPEECH, "statement_timeout": "0"}


def migrate(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what would be applied.")] = False,
    grants: Annotated[bool, typer.Option("--grants", help="Only print SQL that makes roles who merely work.")] = False,
    worker_role: Annotated[str, typer.Option(help="The role of workers, schedulers and commands.")] = "sms_worker",
    web_role: Annotated[str, typer.Option(help="The role of the console.")] = "sms_web",
    door_role: Annotated[str, typer.Option(help="The role of a console that takes callbacks alone.")] = "sms_door",
    as_json: AsJson = False,
) -> None:
    """Apply the files of `sql/` that this database has not seen, and keep its partitions three months ahead.

    Forward only, one statement a transaction, one migrator at a time; safe at every start and beside work and dumps.
    What holds a table is shown and waited for. A schema that a newer program made is left as it is: that is no fault
    where the two may run beside each other. Needs only `SMS_DATABASE_URL`.

    One role may serve all. With roles of their own, nobody who works can change the audit: the owner of the tables runs
    `migrate`, workers, schedulers and commands have a second role, the console a third. A console that takes callbacks
    alone, at the internet, has a fourth, which reads no token, text or phone.

    - `perfectum-sms migrate --grants | psql postgresql://postgres@localhost/sms`
    """
    if grants:
        print_grants(worker_role, web_role, door_role)
        return
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


def print_grants(worker: str, web: str, door: str) -> None:
    with ledger() as connection:
        database = roles.database(connection)
    if database is None:
        raise stop("The database is not migrated. Run: perfectum-sms migrate")
    if len({database.owner, worker, web, door}) < len(("owner", "worker", "web", "door")):
        raise stop(f"The owner is {database.owner}: give four roles four names.", Exit.USAGE)
    sys.stdout.write(roles.grants(database, worker=worker, web=web, door=door))


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
