"""A filter as SQL: what each of its fields asks of a notification `n`."""

from collections.abc import Mapping
from typing import LiteralString, NamedTuple

from worker.core.contract.event import short_hash
from worker.core.history.filters import Filter

#: By the name of a value, which is there where the filter has it.
CONDITIONS: Mapping[str, LiteralString] = {
    "account": "n.account = %(account)s",
    "client": "n.client_id = %(client)s",
    "person": "n.recipient_kind = %(person_kind)s AND n.recipient_id = %(person)s",
    "phone_key": "n.recipient_key = %(phone_key)s",
    "record": "n.record_kind = %(record_kind)s AND n.record_id = %(record)s",
    "event_key": "(n.event_month, n.event) = (SELECT k.month, k.id FROM event_keys AS k WHERE k.key = %(event_key)s)",
    "triggers": "n.trigger = ANY(%(triggers)s)",
    "states": "n.state = ANY(%(states)s)",
    "reason": "n.reason = %(reason)s",
    "channel": "n.channel = %(channel)s",
    "since": "n.created_at >= %(since)s",
    "until": "n.created_at < %(until)s",
}


class Conditions(NamedTuple):
    """For a WHERE: conditions on `n`, and their values."""

    sql: LiteralString
    values: dict[str, object]


def conditions(wanted: Filter) -> Conditions:
    """All that a filter asks.

    Raises:
        ValueError: it has keywords, which `matching` looks for: else more would be found than is meant.
    """
    if wanted.text is not None:
        raise ValueError("keywords are looked for by worker.store.history.matching")
    return without_keywords(wanted)


def without_keywords(wanted: Filter) -> Conditions:
    """All that a filter asks but for its keywords."""
    values = values_of(wanted)
    parts: list[LiteralString] = [condition for name, condition in CONDITIONS.items() if name in values]
    return Conditions(" AND ".join(parts) or "TRUE", values)


def values_of(wanted: Filter) -> dict[str, object]:
    values: dict[str, object] = {
        "account": wanted.account,
        "client": wanted.client,
        "phone_key": wanted.phone_key,
        "triggers": list(wanted.triggers) or None,
        "states": list(wanted.states) or None,
        "reason": wanted.reason,
        "channel": wanted.channel,
        "since": wanted.since,
        "until": wanted.until,
    }
    if wanted.recipient:
        values |= {"person_kind": wanted.recipient.kind, "person": wanted.recipient.id}
    if wanted.record:
        values |= {"record_kind": wanted.record.kind, "record": wanted.record.id}
    if wanted.event:
        values["event_key"] = short_hash((wanted.account or "").encode(), wanted.event.encode())
    return {name: value for name, value in values.items() if value is not None}
