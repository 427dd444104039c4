"""Which texts a command means: named by their numbers, or whatever its filters find."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Annotated

import typer

from worker.cli.account_argument import account_or_only, whose
from worker.cli.connections import settings_for
from worker.cli.moments import shown
from worker.cli.operate.text_ids import named
from worker.cli.period import period
from worker.cli.terminal import Exit, as_parameter, echo, one_of, phone_given, stop
from worker.core.history.filters import CHANNELS, Filter, Subject, faults, subject
from worker.core.triggers.catalogue import BY_ID
from worker.core.triggers.recipient_key import key_of
from worker.core.unsearched import Unsearched
from worker.language import _
from worker.settings.environment import DATABASE, SECRET_KEY
from worker.store.accounts import secrets
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Connection
from worker.store.sending.unconfirmed import Named

Ids = Annotated[
    list[Named] | None,
    typer.Argument(parser=named, metavar="[ID]...", help="As lists print them: 2026-11/123, or the number."),
]
Account = Annotated[str | None, typer.Option("--account", "-a", help="Only of this account.")]
Triggers = Annotated[
    list[str] | None,
    typer.Option("--trigger", autocompletion=one_of(BY_ID), help="Only of this trigger; more than once for more."),
]
Reason = Annotated[
    str | None,
    typer.Option("--reason", help="Only those in that state for this reason, as the JSON has it: no_consent."),
]
Channel = Annotated[
    str | None,
    typer.Option(
        "--channel", autocompletion=one_of(CHANNELS), help="Only those that go by sms, viber or viber_then_sms."
    ),
]
Person = Annotated[
    Subject | None,
    typer.Option("--person", parser=as_parameter(subject), metavar="KIND:ID", help="Of a person, as contact:17."),
]
Client = Annotated[str | None, typer.Option("--client", metavar="ID", help="Of all people of a client of the CRM.")]
Phone = Annotated[str | None, typer.Option("--phone", help="Of this phone.")]
Record = Annotated[
    Subject | None,
    typer.Option("--record", parser=as_parameter(subject), metavar="KIND:ID", help="About a record, as invoice:901."),
]
Search = Annotated[
    str | None,
    typer.Option(
        "--search",
        "-s",
        metavar="WORDS",
        help="Whose text, name or phone has each of these words: any part of it, three letters or more.",
    ),
]
EventId = Annotated[str | None, typer.Option("--event", metavar="ID", help="That this event led to.")]


@dataclass(frozen=True, slots=True)
class Filters:
    """What was typed."""

    account: str | None = None
    triggers: Sequence[str] | None = None
    states: Sequence[str] | None = None
    reason: str | None = None
    channel: str | None = None
    person: Subject | None = None
    client: str | None = None
    phone: str | None = None
    record: Subject | None = None
    event: str | None = None
    since: str | None = None
    until: str | None = None
    search: str | None = None

    @property
    def are_given(self) -> bool:
        return any(getattr(self, name) for name in self.__slots__)

    @property
    def are_of_one_account(self) -> bool:
        """Whether they have a meaning in one account alone."""
        return any((self.person, self.client, self.phone, self.record, self.event)) or self.search is not None


def insist_on_ids_or_filters(ids: Sequence[Named] | None, filters: Filters) -> None:
    if bool(ids) == filters.are_given:
        raise stop(_("Name texts by their numbers, or say by filters which ones, as --trigger; not both."), Exit.USAGE)


def filter_of(connection: Connection, filters: Filters) -> Filter:
    """The filters, read; the end of the command where one of them is senseless."""
    account = account_of(connection, filters)
    span = period(connection, account, filters.since, filters.until)
    wanted = Filter(
        account=account,
        recipient=filters.person,
        client=filters.client,
        phone_key=key_of_phone(connection, filters.phone) if filters.phone else None,
        record=filters.record,
        event=filters.event,
        triggers=tuple(filters.triggers or ()),
        states=tuple(filters.states or ()),
        reason=filters.reason,
        channel=filters.channel,
        since=span.since,
        until=span.until,
        text=filters.search,
    )
    for fault in faults(wanted):
        if fault.field == "account":
            raise whose(connection)
        raise stop(f"--{fault.field} {fault.problem}.", Exit.USAGE)
    return wanted


def account_of(connection: Connection, filters: Filters) -> str | None:
    """Whose texts: of all accounts, those removed too, unless one is named or the filters are of one alone."""
    if filters.account is None and not filters.are_of_one_account:
        return None
    return account_or_only(connection, filters.account)


def warn_of(span: Unsearched | None, zone: tzinfo) -> None:
    """Say which texts a search could not look through yet: they are not shown, and nothing is done to them."""
    if span:
        first, last = shown(span.since, zone), shown(span.until, zone)
        echo(
            _(
                "Not searched yet, so left out: texts planned from {first} until {last}. Ask again later, or name a"
                " client.",
                first=first,
                last=last,
            )
        )


def key_of_phone(connection: Connection, phone: str) -> bytes:
    number = phone_given(phone, "--phone")
    keys = settings_for((DATABASE, SECRET_KEY)).secret_keys
    return key_of(number, salt=secrets.salt(connection, Seal(keys)))
