"""What became of a notification, as the demo says it to somebody who sees it for the first time."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from worker.core.receipts.receipt import Standing
from worker.core.receipts.receipt_labels import words_of
from worker.store.monitoring.event_outcomes import Outcome

NOT_SENT: Mapping[str, str] = MappingProxyType(
    {
        "bad_phone": "not sent, for this is no phone",
        "landline": "not sent, for a landline takes no SMS",
        "no_consent": "not sent, for advertising needs consent",
        "self_assigned": "not sent, for nobody is told of a task they gave themselves",
        "suppressed": "not sent, for the client is on our stop-list",
        "not_allowed_number_stoplist": "refused by TurboSMS: the phone is on its stop-list",
    }
)
CHANNELS: Mapping[str, str] = MappingProxyType({"sms": "SMS", "viber": "Viber"})
COLOURS: Mapping[str, str] = MappingProxyType(
    {"delivered": "green", "read": "green", "undelivered": "red", "refused": "red", "skipped": "yellow"}
)


def state(row: Outcome) -> str:
    """The state in words and in its colour, with the reason as it is written down."""
    said = words_of(Standing(row.state or "", row.reason))
    words = NOT_SENT.get(row.reason or "") or (said.en if said else row.state or "no SMS")
    if row.state == "undelivered":
        words = f"not delivered: {words}"
    code = f" ({row.reason})" if row.reason and row.reason != row.state else ""
    return f"[{COLOURS.get(row.state or '', 'white')}]{words}[/]{code}"


def way(row: Outcome) -> str:
    """The channels that were tried, in their order."""
    return ", then ".join(CHANNELS[leg.channel] for leg in row.legs) or "-"


def price(row: Outcome) -> str:
    """What each of them cost, in hryvnias."""
    return " + ".join("?" if leg.price is None else f"{leg.price:.2f}" for leg in row.legs) or "-"
