"""A notification and what became of it, as a line of a table, as all that is known, and as JSON."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC

from worker.cli.history.phones import phone_of
from worker.cli.moments import Zones, localized, shown
from worker.cli.tables import TABLE_MIN
from worker.cli.terminal import format_price, shortened
from worker.core.sending.notification_states import WAITING
from worker.core.sending.nudge import text_id
from worker.language import _, of_pair
from worker.steps.history.meaning import meaning
from worker.store.history.entries import HistoryEntry

NARROW = ("id", "created", "account", "trigger", "whom", "state", "why", "text")
#: Columns of a terminal that has room for everything, and of cards, which have it always.
WIDE, WIDE_COLUMNS = 240, (*NARROW[:-1], "channel", "reported", "price", "text")


def columns(width: int) -> tuple[str, ...]:
    return NARROW if TABLE_MIN <= width < WIDE else WIDE_COLUMNS


def details(entry: HistoryEntry, *, phones: bool) -> dict[str, object]:
    label = meaning(entry)
    fields = asdict(entry)
    del fields["channels"]
    return {
        **fields,
        "phone": phone_of(entry.phone, whole=phones),
        "channels": entry.channels or [],
        "price": entry.price,
        "reported_at": entry.status_at,
        "meaning": asdict(label) if label else None,
    }


def line(entry: HistoryEntry, zones: Zones, *, phones: bool) -> dict[str, object]:
    return {**facts(entry, zones, phones=phones), "text": shortened(entry.text)}


def facts(entry: HistoryEntry, zones: Zones, *, phones: bool) -> dict[str, object]:
    """All that is known at a glance; what is not known is None."""
    phone = phone_of(entry.phone, whole=phones)
    return {
        "id": text_id((entry.month, entry.id)),
        "created": entry.created_at,
        "account": entry.account,
        "trigger": entry.trigger,
        "whom": "\n".join(filter(None, (entry.name, phone))) or f"{entry.recipient_kind}:{entry.recipient_id}",
        "channel": channel_of(entry),
        "state": entry.state,
        "why": why(entry, zones),
        "reported": entry.status_at,
        "price": None if entry.price is None else format_price(entry.price),
        "segments": entry.segments,
        "recipient": f"{entry.recipient_kind}:{entry.recipient_id}",
        "client": entry.client,
        "record": f"{entry.record_kind}:{entry.record_id}" if entry.record_kind else None,
        "event": entry.event_id,
        "type": entry.event_type,
        "message": entry.message_id,
        "text": entry.text,
    }


def channel_of(entry: HistoryEntry) -> str:
    return f"{entry.channel} ({entry.viber_fallback})" if entry.viber_fallback else entry.channel


def why(entry: HistoryEntry, zones: Zones) -> str | None:
    """Why it is in its state, and when it goes if it waits."""
    label = meaning(entry) if entry.reason else None
    reason = of_pair(label) if label else entry.reason
    if entry.due_at is None or entry.state not in WAITING:
        return reason
    due = localized(entry.due_at, zones, entry.account)
    when = _("goes at {moment}", moment=shown(due, due.tzinfo or UTC))
    return f"{reason.removesuffix('.')}; {when}" if reason else when


def exported(entry: HistoryEntry, zones: Zones, *, phones: bool) -> Mapping[str, object]:
    """What a spreadsheet gets of it, by column."""
    return facts(entry, zones, phones=phones) | {
        "whom": entry.name,
        "phone": phone_of(entry.phone, whole=phones),
        "price": entry.price,
    }
