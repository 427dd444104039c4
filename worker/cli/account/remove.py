"""`perfectum-sms account remove`: an account goes, once nothing of it waits and somebody has seen what goes with it."""

from collections.abc import Iterator

from worker.cli.account_argument import Id, no_account
from worker.cli.connections import ledger
from worker.cli.operator import operator_name
from worker.cli.terminal import Yes, agree, echo, stop
from worker.language import _, ngettext
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
    agree(_("Remove {id}? This cannot be taken back.", id=id_), yes=yes)
    with ledger() as connection, noting_changes(connection, id_, by=operator_name()):
        if removable(connection, id_) != seen:
            raise stop(_("{id} changed meanwhile: nothing was removed. Look at it again.", id=id_))
        account_removal.remove(connection, id_, now=clock(connection))
    echo(
        _(
            "{id} is removed. Its CRM's rights in RabbitMQ are not: rabbitmqctl delete_user crm-{id}, delete_user"
            " crm-{id}.outcomes, delete_queue crm-{id}.outcomes",
            id=id_,
        )
    )


def removable(connection: Connection, account: str) -> Belongings:
    belongings = account_removal.belongings(connection, account)
    if belongings is None:
        raise no_account(connection, account)
    if belongings.unsent:
        raise stop(
            ngettext(
                "{count} text of {account} waits or is on its way: nothing was removed. Switch it off "
                "(perfectum-sms trigger off {account} --all) and let it go first.",
                "{count} texts of {account} wait or are on their way: nothing was removed. Switch it off "
                "(perfectum-sms trigger off {account} --all) and let them go first.",
                belongings.unsent,
                account=account,
            )
        )
    return belongings


def goes(belongings: Belongings) -> Iterator[str]:
    yield _("What goes: its token and settings;")
    yield _("- texts with all their versions: {count}", count=belongings.texts)
    yield _(
        "- phones of its stop-list: {count}; recorded consents: {consents}",
        count=belongings.stopped,
        consents=belongings.consents,
    )
    yield _(
        "- entries of the calendar: {count}; records of its CRM: {records}",
        count=belongings.dated,
        records=belongings.records,
    )
    if belongings.keys:
        yield _("- keys of the API, whose callers are refused from then on: {count}", count=belongings.keys)
    if belongings.unreported:
        yield ngettext(
            "TurboSMS has yet to report on {count} text: it is not asked any more.",
            "TurboSMS has yet to report on {count} texts: it is not asked any more.",
            belongings.unreported,
        )
    yield _(
        "What stays: the history of its texts and events, so that an account of the same id sends nothing old again."
    )
