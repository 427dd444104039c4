"""`perfectum-sms history`: what became of notifications."""

from dataclasses import asdict
from typing import Annotated

import typer

from worker.cli.account_argument import insist_on_account
from worker.cli.connections import ledger
from worker.cli.terminal import AsJson, console, phone_cell, shortened, show
from worker.core.receipts.reason_labels import reason_label, reason_of_status
from worker.core.receipts.receipt import DeliveryStatus
from worker.core.receipts.receipt_labels import Label, label_of
from worker.store.monitoring.notification_history import HistoryEntry, newest
from worker.turbosms.codes import of_reason

#: Columns below which a table of twelve is unreadable.
WIDE = 190


def history(
    *,
    account: Annotated[str | None, typer.Option("--account", "-a", help="Only this account's.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="How many.")] = 30,
    as_json: AsJson = False,
) -> None:
    """The newest notifications and what became of each; one that was not sent, or did not arrive, has its reason.

    After `accepted` TurboSMS reports `sent`, `delivered`, `read` (in Viber) or `undelivered`: `reported` is when
    that was, `by` the channel, `price` what it costs in UAH with everything that was tried before. `no_receipt`:
    nothing was reported for seven days. Beside an SMS that Viber was to be tried for is the reason why it was not.

    Phones are masked everywhere. The JSON has more: the event, its type, the recipient, the consent by which
    advertising goes, when somebody looks again, every channel that was tried (`channels`), and what it means in
    English and in Ukrainian (`meaning`).

    - `perfectum-sms history --account demo`
    - `perfectum-sms history -n 500 --json | jq '.[] | select(.state == "undelivered") | .meaning.uk'`
    """
    with ledger() as connection:
        if account is not None:
            insist_on_account(connection, account)
        entries = newest(connection, account=account, limit=limit)
    row_of = details if as_json else summary if console().width >= WIDE else line
    rows = [row_of(entry) for entry in entries]
    show(rows, as_json=as_json, empty="No notification yet. Publish an event: perfectum-sms event publish --help")


def details(entry: HistoryEntry) -> dict[str, object]:
    label = meaning(DeliveryStatus(entry.state, entry.reason))
    fields = asdict(entry)
    del fields["channels"]
    return {
        **fields,
        "phone": phone_cell(entry.phone),
        "channels": entry.channels or [],
        "price": entry.price,
        "reported_at": entry.status_at,
        "meaning": asdict(label) if label else None,
    }


def meaning(status: DeliveryStatus) -> Label | None:
    """What became of a text in words: by its receipt, by a reason of ours, or by a code of TurboSMS."""
    if label := label_of(status) or reason_label(status):
        return label
    code = of_reason(reason_of_status(status) or "")
    return Label(code.en, code.uk) if code else None


def summary(entry: HistoryEntry) -> dict[str, object]:
    return {
        "created": entry.created_at,
        "account": entry.account,
        "trigger": entry.trigger,
        "phone": phone_cell(entry.phone),
        "channel": f"{entry.channel} ({entry.viber_fallback})" if entry.viber_fallback else entry.channel,
        "state": entry.state,
        "reason": entry.reason,
        "reported": entry.status_at,
        "by": (entry.receipt or {}).get("channel"),
        "price": entry.price,
        "segments": entry.segments,
        "text": shortened(entry.text),
    }


def line(entry: HistoryEntry) -> dict[str, object]:
    whole = summary(entry)
    ends = (f"{entry.state}: {entry.reason}" if entry.reason else entry.state, whole["channel"])
    price = () if entry.price is None else (f"{entry.price} UAH",)
    return {
        "created": f"{entry.created_at:%m-%d %H:%M}",
        "trigger": entry.trigger,
        "whom": f"{entry.account} {whole['phone'] or '-'}",
        "outcome": ", ".join(map(str, (*ends, *price))),
        "text": whole["text"],
    }
