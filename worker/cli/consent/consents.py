"""`perfectum-sms consent`: who agreed to advertising, and the proof of it."""

from dataclasses import asdict
from typing import Annotated

import typer

from worker.cli.account_argument import AccountId, insist_on_account
from worker.cli.connections import ledger
from worker.cli.terminal import AsJson, show
from worker.language import _
from worker.store.accounts.account_zones import account_zones
from worker.store.consent import consents
from worker.store.consent.consents import ConsentSummary

GIVEN_LABELS = {True: "given", False: "taken back", None: "deleted with the person"}


def consent(
    account: AccountId,
    *,
    person: Annotated[str | None, typer.Option(metavar="ID", help="Only of the contact with this id.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100_000, help="How many.")] = 100,
    as_json: AsJson = False,
) -> None:
    """What the CRM recorded of its contacts' consent to advertising, the newest first, with the event that recorded it.

    Events about a contact record it (`contact.saved`, `contact.birthday`): the newest counts, in whatever order they
    come. A consent that was taken back is still shown with its moment and its event. By which consent a text went, its
    event's own or a recorded one, is in `perfectum-sms history --json`.

    - `perfectum-sms consent acme --person 17`
    """
    with ledger() as connection:
        insist_on_account(connection, account)
        zones = account_zones(connection)[account]
        recorded = consents.list_consents(connection, account, person=person, limit=limit)
    rows = [row_of(summary) for summary in recorded]
    columns = ("id", "kind", "consent", "changed_at", "event_id", "agreed_at", "agreed_event_id")
    show(rows, as_json=as_json, columns=columns, empty=_("Nobody's consent was recorded."), zones=zones)


def row_of(summary: ConsentSummary) -> dict[str, object]:
    facts = asdict(summary)
    facts.pop("given")
    return {"kind": facts.pop("kind"), "id": facts.pop("id"), "consent": GIVEN_LABELS[summary.given], **facts}
