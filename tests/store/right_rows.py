"""One right row of every table, and how to write it with something else in it."""

from __future__ import annotations

from typing import Any, LiteralString, cast

from worker.store.postgres import Connection

MONTH = "date_trunc('month', now())::date"
HASH = "decode(repeat('ab', 16), 'hex')"
KEY = "repeat('a', 32)"
#: Column and SQL expression, by table.
RIGHT: dict[str, dict[str, str]] = {
    "configuration": {"one": "TRUE"},
    "accounts": {"id": "'new'", "name": "'x'", "token": "'x'", "sms_sender": "'x'", "created_at": "now()"},
    "triggers": {"account": "'acme'", "trigger": "'new'", "switched_on": "TRUE"},
    "templates": {"account": "'acme'", "trigger": "'new'"},
    "template_versions": {
        "template": "(SELECT min(id) FROM templates)",
        "version": "2",
        "text": "'x'",
        "author": "'x'",
        "created_at": "now()",
    },
    "suppressions": {"account": "'acme'", "recipient_key": "'x'", "reason": "'x'", "source": "'x'", "since": "now()"},
    "pauses": {"account": "'acme'", "reason": "'x'", "since": "now()", "paused_by": "'x'"},
    "rates": {"account": "'acme'"},
    "tellings": {
        "account": "'acme'",
        "recipient_key": "'x'",
        "month": MONTH,
        "notification": "1",
        "text_hash": HASH,
        "at": "now()",
    },
    "volumes": {"account": "'acme'", "trigger": "'x'", "hour": "now()", "sent": "1"},
    "secrets": {"name": "'x'", "sealed": "'x'"},
    "write_probes": {"at": "now()"},
    "event_keys": {"key": HASH, "content": HASH, "month": MONTH},
    "events": {
        "month": MONTH,
        "id": "1",
        "account": "'acme'",
        "event_id": "'x'",
        "type": "'x'",
        "routing_key": "'x'",
        "occurred_at": "now()",
        "received_at": "now()",
        "body": "'x'",
        "outcome": "'planned'",
    },
    "records": {"account": "'acme'", "kind": "'x'", "id": "'x'", "changed_at": "now()", "facts": "'{}'"},
    "dead_letters": {
        "kind": "'event'",
        "reason": "'x'",
        "detail": "'x'",
        "size": "1",
        "hash": "'x'",
        "head": "'x'",
        "created_at": "now()",
        "last_at": "now()",
    },
    "suspects": {"hash": "'x'", "times": "1", "first_at": "now()", "last_at": "now()"},
    "notification_keys": {"key": HASH, "month": MONTH},
    "notifications": {
        "month": MONTH,
        "id": "1",
        "account": "'acme'",
        "trigger": "'x'",
        "dedupe_key": "'x'",
        "channel": "'sms'",
        "recipient_key": "'x'",
        "recipient_kind": "'contact'",
        "recipient_id": "'17'",
        "phone": "'+380671234567'",
        "class": "'transactional'",
        "lane": "'normal'",
        "locale": "'uk'",
        "zone": "'Europe/Kyiv'",
        "sender": "'x'",
        "text": "'x'",
        "segments": "1",
        "event_month": MONTH,
        "event": "1",
        "state": "'planned'",
        "due_at": "now()",
        "expires_at": "now()",
        "created_at": "now()",
    },
    "moves": {"month": MONTH, "notification": "1", "id": "1", "at": "now()", "to_state": "'x'", "actor": "'x'"},
    "attempts": {
        "month": MONTH,
        "key": KEY,
        "account": "'acme'",
        "lane": "'normal'",
        "row_months": f"ARRAY[{MONTH}]",
        "row_ids": "ARRAY[1]",
        "body": "'x'",
        "body_hash": "'x'",
        "created_at": "now()",
        "key_expires_at": "now()",
        "leased_until": "now()",
    },
    "provider_messages": {
        "account": "'acme'",
        "message_id": "'x'",
        "month": MONTH,
        "notification": "1",
        "attempt": "'x'",
        "accepted_at": "now()",
    },
    "legs": {"account": "'acme'", "message_id": "'told'", "channel": "'sms'", "status": "'sent'"},
    "callbacks": {
        "account": "'acme'",
        "event_id": "'x'",
        "message_id": "'x'",
        "status": "'sent'",
        "first_at": "now()",
        "last_at": "now()",
    },
    "follow_ups": {"account": "'acme'", "message_id": "'told'", "due_at": "now()"},
    "calendar": {
        "account": "'acme'",
        "kind": "'x'",
        "record_id": "'x'",
        "moment": "'start'",
        "local_at": "now()",
        "zone": "'x'",
        "changed_at": "now()",
    },
    "world_clocks": {"tzdata": "'2026a'"},
    "timers": {
        "account": "'acme'",
        "kind": "'x'",
        "record_id": "'x'",
        "moment": "'start'",
        "rule": "'x'",
        "rules_version": "1",
    },
    "occurrences": {
        "account": "'acme'",
        "rule": "'x'",
        "kind": "'x'",
        "record_id": "'x'",
        "offset_minutes": "0",
        "slot": "'x'",
        "event_id": "'x'",
        "routing_key": "'x'",
        "body": "'x'",
        "moment": "'start'",
        "due_at": "now()",
        "worth_until": "now()",
        "changed_at": "now()",
        "rank": "0",
        "created_at": "now()",
    },
    "task_runs": {
        "task": "'x'",
        "runner": "'x'",
        "every": "interval '1 s'",
        "last_at": "now()",
        "next_at": "now()",
        "lag": "interval '0'",
        "took": "interval '0'",
        "runs": "1",
        "said_at": "now()",
    },
}


def add(connection: Connection, table: str, spoilt: dict[str, str]) -> None:
    columns = {**RIGHT[table], **spoilt}
    rows(connection, f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(columns.values())})")  # noqa: S608 (our own words)


def rows(connection: Connection, sql: str, *values: object) -> list[tuple[Any, ...]]:
    cursor = connection.execute(cast("LiteralString", sql), values or None)
    return cursor.fetchall() if cursor.description else []
