"""`perfectum-sms user`: who signs in to the console in a browser, and what each may do there."""

from dataclasses import replace
from typing import Annotated

import typer

from worker.cli.account_argument import insist_on_account
from worker.cli.connections import ledger, settings_for
from worker.cli.moments import shown
from worker.cli.operator import operator_name
from worker.cli.terminal import AsJson, Exit, Yes, agree, echo, emit, group, one_of, show, stop
from worker.core.access.user import ROLES, User, wrong_name
from worker.language import _, ngettext
from worker.steps.access import users as people
from worker.steps.access.users import Invited
from worker.store.access import users
from worker.store.access.users import NewUser
from worker.store.accounts.account_zones import account_zones
from worker.store.db.postgres import Connection, clock

app = group("People who sign in to the console in a browser: their roles, rights and one-time links.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="Their name, as they sign in with it.")]
Account = Annotated[str | None, typer.Option("--account", "-a", help="Of an admin: the account that is theirs.")]
Phones = Annotated[bool | None, typer.Option("--phones/--no-phones", help="Whole phones, and texts; else masked.")]
Spends = Annotated[bool | None, typer.Option("--spends/--no-spends", help="May send by hand, and send again.")]
Prices = Annotated[bool | None, typer.Option("--prices/--no-prices", help="Sees what texts cost.")]
COLUMNS = ("name", "role", "account", "sees_phones", "spends", "sees_prices", "state", "sessions", "last_seen_at")


@app.command()
def add(  # noqa: PLR0913 (one for each option)
    name: Name,
    *,
    role: Annotated[
        str,
        typer.Option(
            autocompletion=one_of(ROLES),
            help="admin: everything of one account. operator: state, desk and pauses of all. auditor: looks at all.",
        ),
    ] = "admin",
    account: Account = None,
    phones: Phones = None,
    spends: Spends = None,
    prices: Prices = None,
    as_json: AsJson = False,
) -> None:
    """Invite somebody: prints a link that works once, for three days, behind which they choose a password.

    An admin sees phones and prices and may send, unless told otherwise; the others do not, unless told so.

    - `perfectum-sms user add olena --role admin --account acme`
    - `perfectum-sms user add petro --role operator`
    """
    if wrong := wrong_name(name):
        raise stop(f"NAME: {wrong}.", Exit.USAGE)
    rights = (phones, spends, prices)
    with ledger() as connection:
        wanted = wanted_of(connection, name.strip(), role, account, rights)
        invited = people.invite(connection, wanted, by=operator_name(), now=clock(connection))
    if invited is None:
        raise stop(_("There is a {name} already: perfectum-sms user list", name=name), Exit.FAILED)
    tell(invited, name, as_json=as_json)


def wanted_of(
    connection: Connection,
    name: str,
    role: str,
    account: str | None,
    rights: tuple[bool | None, bool | None, bool | None],
) -> NewUser:
    if role not in ROLES:
        raise stop(_("--role: write {roles}.", roles=", ".join(ROLES)), Exit.USAGE)
    if (role == "admin") != (account is not None):
        hint = _("an admin has one: give --account") if role == "admin" else _("only an admin has one")
        raise stop(f"--account: {hint}.", Exit.USAGE)
    if account is not None:
        insist_on_account(connection, account)
    by_default = role == "admin"
    return NewUser(name, role, account, *(by_default if right is None else right for right in rights))


def tell(invited: Invited, name: str, *, as_json: bool) -> None:
    settings = settings_for(())
    link = f"{settings.public_url or f'http://{settings.receipts_at}'}/entry/{invited.secret}"
    if as_json:
        emit({"id": invited.id, "link": link, "until": invited.until})
        return
    typer.echo(link)
    echo(_("Give this link to {name}: it works once, until {until}.", name=name, until=shown(invited.until)))
    if not settings.public_url:
        echo(_("Its address is the console's own. Behind a proxy, set SMS_PUBLIC_URL."))


@app.command("list")
def list_(*, account: Account = None, as_json: AsJson = False) -> None:
    """List people: role, rights, whether they have entered, where they are signed in, and when they were seen last.

    - `perfectum-sms user list`
    """
    with ledger() as connection:
        if account is not None:
            insist_on_account(connection, account)
        now, zones = clock(connection), account_zones(connection)
        found = people.list_users(connection, account, now=now)
    rows = [
        {
            "id": each.user.id,
            "name": each.user.name,
            "role": each.user.role,
            "account": each.user.account,
            "sees_phones": each.user.sees_phones,
            "spends": each.user.spends,
            "sees_prices": each.user.sees_prices,
            "state": each.state(now),
            "sessions": each.sessions,
            "last_seen_at": each.last_seen_at,
        }
        for each in found
    ]
    show(
        rows,
        as_json=as_json,
        columns=COLUMNS,
        empty=_("Nobody yet. Invite: perfectum-sms user add --help"),
        zones=zones,
    )


@app.command()
def link(name: Name, *, as_json: AsJson = False) -> None:
    """Print a new one-time link, for who has lost the first one, or the password; the old link is over.

    - `perfectum-sms user link olena`
    """
    with ledger() as connection:
        user, now = known(connection, name), clock(connection)
        invited = people.invite_again(connection, user, by=operator_name(), now=now)
    tell(invited, user.name, as_json=as_json)


@app.command()
def change(
    name: Name,
    *,
    phones: Phones = None,
    spends: Spends = None,
    prices: Prices = None,
) -> None:
    """Give somebody other rights; the next page that they open is as they are now.

    - `perfectum-sms user change petro --phones`
    """
    with ledger() as connection:
        user, now = known(connection, name), clock(connection)
        given = {"sees_phones": phones, "spends": spends, "sees_prices": prices}
        before = NewUser(user.name, user.role, user.account, user.sees_phones, user.spends, user.sees_prices)
        wanted = replace(before, **{right: is_on for right, is_on in given.items() if is_on is not None})
        if wanted == before:
            raise stop(_("Nothing to change: give --phones, --spends or --prices, or their --no-."), Exit.USAGE)
        people.change(connection, user, wanted, by=operator_name(), now=now)
    echo(_("Changed: {name}.", name=user.name))


@app.command("sign-out")
def sign_out(name: Name) -> None:
    """Sign somebody out everywhere, at once; they may sign in again.

    - `perfectum-sms user sign-out olena`
    """
    with ledger() as connection:
        user, now = known(connection, name), clock(connection)
        ended = people.end_sessions(connection, user, by=operator_name(), now=now)
    echo(ngettext("Ended {count} session.", "Ended {count} sessions.", ended))


@app.command()
def remove(name: Name, *, yes: Yes = False) -> None:
    """Remove somebody, and sign them out at once; what they did stays in the audit.

    - `perfectum-sms user remove olena`
    """
    agree(_("Remove {name}?", name=name), yes=yes)
    with ledger() as connection:
        user, now = known(connection, name), clock(connection)
        people.remove(connection, user, by=operator_name(), now=now)
    echo(_("Removed: {name}.", name=user.name))


def known(connection: Connection, name: str) -> User:
    found = users.by_name(connection, name.strip())
    if found is None:
        raise stop(_("There is no {name}: perfectum-sms user list", name=name), Exit.NOT_FOUND)
    return found.user
