"""The event of a due reminder: its exact bytes and id, how urgent it is, and until when."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from worker.core.accounts.account import Account
from worker.core.clock.quiet_hours import zone_of
from worker.core.contract.data import Data, Document, Invoice, Record
from worker.core.contract.event import Event
from worker.core.contract.facts import Facts, as_text
from worker.core.lanes import LANES
from worker.core.reminders.calendar_entry import DATED, Entry
from worker.core.reminders.schedule import DAY_MINUTES, Due, ReminderRule, start_of
from worker.core.triggers.catalogue import BY_ID
from worker.core.triggers.match import expiry
from worker.core.triggers.matching import matching
from worker.core.triggers.trigger import Trigger

#: What a CRM counts from the day of an event, and is counted anew.
COUNTED = (Document.days_left, Document.days_overdue, Invoice.notice_date)


def event_of(entry: Entry, rule: ReminderRule, due: Due, newest: Record, *, account: Account) -> tuple[str, str, bytes]:
    """Routing key, id and body of the event of one due moment.

    What the newest known state of the record holds wins; it is empty where nothing is known but the entry.
    """
    name = BY_ID[rule.trigger].event
    record = entry.record.having(newest.json).without(*COUNTED).having(dated(entry, rule, due))
    data = entry.data.having(distinguishing_facts(rule, due), **{entry.record_kind: record})
    event: dict[str, Any] = {
        "specversion": "1.0",
        "source": f"/accounts/{account.id}",
        "type": name,
        "time": stamp(due.at),
        "asof": stamp(entry.changed_at),
        "datacontenttype": "application/json",
        "data": data.json,
    }
    digest = hashlib.sha256(written(event)).hexdigest()[:16]
    id_ = f"{rule.trigger}/{entry.record_id}/{due.slot}/{due.offset_minutes}/{digest}"
    return f"{account.id}.{name}", id_, written({"id": id_, **event})


def written(event: Facts) -> bytes:
    """JSON with its keys in order; PostgreSQL spells 1e300 as a whole number, which only Python's own writer takes."""
    try:
        return orjson.dumps(event, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        return json.dumps(event, sort_keys=True).encode()


def dated(entry: Entry, rule: ReminderRule, due: Due) -> Facts:
    match rule.dated.shape:
        case "instant":
            return {entry.moment: written_start(entry)}
        case "birthday":
            return {}
        case "day":
            today = due.at.astimezone(zone_of(rule.zone)).date()
            last = datetime.fromisoformat(due.slot).date()
            if rule.record_kind == "invoice":
                return {entry.moment: due.slot, "notice_date": today.isoformat()}
            return {entry.moment: due.slot, "days_left": (last - today).days}


def written_start(entry: Entry) -> str:
    """The start as the CRM wrote it, while it is the moment that counts; else by the clocks of its zone."""
    field, start = DATED[entry.record_kind].field, start_of(entry)
    if field.of(entry.record) == start or entry.zone is None:
        return as_text(field.written(entry.record))
    return start.astimezone(ZoneInfo(entry.zone)).isoformat()


def distinguishing_facts(rule: ReminderRule, due: Due) -> Facts:
    """`offset_minutes` where more than one text may speak of a moment.

    The last notice before a last day, the one on that day and the first one after it have none, as in the events of a
    CRM that knows but one of each: it and we announce the same thing.
    """
    if rule.record_kind in {"meeting", "booking"}:
        return {"offset_minutes": due.offset_minutes}
    if rule.dated.shape != "day" or rule.record_kind == "invoice":
        return {}
    timing = rule.timing
    ahead = min((days for days in timing.days_before if days), default=0)
    plain = {ahead, 0, -(timing.after_days or timing.every_days)}
    days = due.offset_minutes // DAY_MINUTES
    return {} if days in plain else {"offset_minutes": abs(due.offset_minutes)}


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds" if at.microsecond else "seconds")


@dataclass(frozen=True, slots=True)
class Emission:
    """The event of a due moment; after `expires_at` nobody would get a text of it. `rank` 0 is the most urgent."""

    due: Due
    event_id: str
    routing_key: str
    body: bytes
    expires_at: datetime
    rank: int
    reason: str | None = None

    @property
    def state(self) -> str:
        return "missed" if self.reason else "pending"


def emitted(rule: ReminderRule, entry: Entry, due: Due, newest: Record, account: Account) -> Emission | None:
    routing_key, event_id, body = event_of(entry, rule, due, newest, account=account)
    event = event_read(account.id, routing_key, event_id, body, due.at)
    triggers = tuple(matching(event, account))
    if not triggers:
        return None
    expires_at = max(expiry(event, trigger, account) for trigger in triggers)
    return Emission(due, event_id, routing_key, body, expires_at, rank_of(triggers))


def worthless_after(rule: ReminderRule, entry: Entry, due: Due, account: Account) -> datetime:
    """After this moment a rule's own trigger would remind nobody, whether it has a text yet or not."""
    routing_key, event_id, body = event_of(entry, rule, due, Record(), account=account)
    return expiry(event_read(account.id, routing_key, event_id, body, due.at), BY_ID[rule.trigger], account)


def rank_of(triggers: Sequence[Trigger]) -> int:
    return min(tuple(LANES).index(trigger.lane) for trigger in triggers)


def event_read(account: str, routing_key: str, event_id: str, body: bytes, at: datetime) -> Event:
    """An event of our own as the rules see it: its bytes need no checking."""
    event_type = routing_key.removeprefix(f"{account}.")
    return Event(account, event_id, event_type, at, Data(orjson.loads(body)["data"]), routing_key, body, b"", b"")
