"""`perfectum-sms history`: what became of notifications."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from worker.cli.doors import ledger
from worker.cli.terminal import AsJson, phone_cell, show
from worker.core.receipt import Standing
from worker.core.receipt_words import words_of
from worker.store.history import Told, newest

TEXT_SHOWN = 60


def history(
    *,
    account: Annotated[str | None, typer.Option("--account", "-a", help="Only this account's.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="How many.")] = 30,
    as_json: AsJson = False,
) -> None:
    """The newest notifications and what became of each; one that was not sent, or did not arrive, says why.

    After `accepted` TurboSMS tells of `sent`, `delivered`, `read` (in Viber) or `undelivered`: `told` is when that
    was, `by` the channel, `price` what it costs in UAH with everything that was tried before. `no_receipt`: nothing
    was told for seven days.

    Phones are masked everywhere. The JSON tells more: the event, its type, the recipient, when somebody looks again,
    every channel that was tried (`legs`), and what it means in English and in Ukrainian (`meaning`).

    - `perfectum-sms history --account demo`
    - `perfectum-sms history -n 500 --json | jq '.[] | select(.state == "undelivered") | .meaning.uk'`
    """
    with ledger() as connection:
        found = newest(connection, account=account, limit=limit)
    rows = [details(told) if as_json else summary(told) for told in found]
    show(rows, as_json=as_json, empty="No notification yet. Publish an event: perfectum-sms event publish --help")


def details(told: Told) -> dict[str, object]:
    """A row of the JSON."""
    words = words_of(Standing(told.state, told.reason))
    return {
        **asdict(told),
        "phone": phone_cell(told.phone),
        "legs": told.legs or [],
        "price": told.price,
        "told_at": told.told_at,
        "meaning": asdict(words) if words else None,
    }


def summary(told: Told) -> dict[str, object]:
    """A row of the table."""
    return {
        "created": told.created_at,
        "account": told.account,
        "trigger": told.trigger,
        "phone": phone_cell(told.phone),
        "channel": told.channel,
        "state": told.state,
        "reason": told.reason,
        "told": told.told_at,
        "by": (told.receipt or {}).get("channel"),
        "price": told.price,
        "segments": told.segments,
        "text": told.text if len(told.text) <= TEXT_SHOWN else told.text[:TEXT_SHOWN] + "…",
    }
