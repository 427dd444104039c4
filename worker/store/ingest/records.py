"""The newest known facts of the CRM's records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from worker.core.contract.data import Record
from worker.core.reminders.calendar_entry import Entry
from worker.core.triggers.match import RecordRef
from worker.store.db.postgres import NEWER_WINS

UPSERT = (
    """
INSERT INTO records AS known (account, kind, id, version, changed_at, facts, deleted)
SELECT r.account, r.kind, r.id, r.version, r.changed_at, r.facts, r.deleted
FROM json_to_recordset(%(records)s::json) AS r(
    account text, kind text, id text, version bigint, changed_at timestamptz, facts jsonb, deleted boolean
)
ORDER BY 1, 2, 3
ON CONFLICT (account, kind, id) DO UPDATE SET
    version = excluded.version,
    changed_at = excluded.changed_at,
    facts = excluded.facts,
    deleted = excluded.deleted
"""
    + NEWER_WINS
)


@dataclass(frozen=True, slots=True)
class RecordState:
    """The state of its record in one event; `entry` is its calendar entry, if it has one."""

    account: str
    ref: RecordRef
    record: Record
    deleted: bool = False
    entry: Entry | None = None

    @property
    def identity(self) -> tuple[str, str, str]:
        return self.account, self.ref.record_kind, self.ref.id

    def is_newer_than(self, other: RecordState) -> bool:
        return self.ref.is_newer_than(other.ref)


def newest(states: Iterable[RecordState]) -> Iterable[RecordState]:
    record_states: dict[tuple[str, str, str], RecordState] = {}
    for state in states:
        known = record_states.get(state.identity)
        if known is None or state.is_newer_than(known):
            record_states[state.identity] = state
    return record_states.values()


def columns(state: RecordState) -> dict[str, object]:
    return {
        "account": state.account,
        "kind": state.ref.record_kind,
        "id": state.ref.id,
        "version": state.ref.version,
        "changed_at": state.ref.changed_at,
        "facts": state.record.kept,
        "deleted": state.deleted,
    }
