"""`perfectum-sms account remove`: an account goes, once nothing of it waits and somebody has seen what goes with it."""

from collections.abc import Iterator

from worker.cli.account_argument import Id, no_account
from worker.cli.connections import ledger
from worker.cli.operator import operator_name
from worker.cli.terminal import Yes, agree, echo, stop
from worker.store.accounts import account_removal
from worker.store.accounts.account_removal import Belongings
from worker.store.audit.configuration import noting_changes
from worker.store.db.postgres import Connection, clock


def remove(id_: Id, *, yes: Yes = False) -> None:
    """Take an account away, with its token, settings, texts and stop-list; what it sent stays in the history.

    Nothing goes while a text of it waits. Keep what you may need first: `account export`, `suppression export`.

    - `perfectum-sms account remove acme`
    """
    with ledger() as connection:
        seen = removable(connection, id_)
    for line in goes(seen):
        echo(line)
    agree(f"Remove {id_}? This cannot be taken back.", yes=yes)
    with ledger() as connection, noting_changes(connection, id_, by=operator_name()):
        if removable(connection, id_) != seen:
            raise stop(f"{id_} changed meanwhile: nothing was removed. Look at it again.")
        account_removal.remove(connection, id_, now=clock(connection))
    echo(f"{id_} is removed. Its CRM's rights in RabbitMQ are not: rabbitmqctl delete_user crm-{id_}")


def removable(connection: Connection, account: str) -> Belongings:
    belongings = account_removal.belongings(connection, account)
    if belongings is None:
        raise no_account(connection, account)
    if belongings.unsent:
        raise stop(
            f"{belongings.unsent} texts of {account} wait or are on their way: nothing was removed. Switch it off "
            f"(perfectum-sms trigger off {account} --all) and let them go first."
        )
    return belongings


def goes(belongings: Belongings) -> Iterator[str]:
    yield f"What goes: its token and settings, {belongings.texts} texts with all their versions,"
    yield f"  {belongings.stopped} phones of its stop-list, {belongings.consents} recorded consents,"
    yield f"  {belongings.dated} entries of the calendar and {belongings.records} records of its CRM."
    if belongings.unreported:
        yield f"TurboSMS has yet to report on {belongings.unreported} texts: they are not polled any more."
    yield "What stays: the history of its texts and events, so that an account of the same id sends nothing old again."
