"""The states of a notification and the moves between them.

::

    planned ◄──────────► postponed          every wait is `postponed`; the sweeper plans it when due
       │  └──────┬──────────┘
       │         └─► expired, cancelled, failed
       ▼
    sending ─► accepted ─► sent ─► delivered ─► read
       │                     └───► undelivered
       └─► refused, unconfirmed; postponed only after a definite refusal

`skipped` rows are born finished, and so are `failed` ones whose template does not forgive a missing value. A cancelled,
expired or failed row that was never sent may be planned anew; an unconfirmed one only by a person, who would rather
tell twice than never. An acceptance that comes late, from a worker that was frozen, is true whatever was believed
meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

MOVES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "planned": frozenset({"sending", "postponed", "expired", "cancelled", "failed", "accepted"}),
        "postponed": frozenset({"planned", "postponed", "sending", "expired", "cancelled", "failed", "accepted"}),
        "sending": frozenset({"accepted", "postponed", "refused", "unconfirmed"}),
        "accepted": frozenset({"sent", "delivered", "read", "undelivered"}),
        "sent": frozenset({"delivered", "read", "undelivered"}),
        "delivered": frozenset({"read"}),
        "unconfirmed": frozenset({"planned", "accepted", "sent", "delivered", "read", "undelivered"}),
        "failed": frozenset({"planned", "postponed", "accepted"}),
        "expired": frozenset({"planned", "postponed", "accepted"}),
        "cancelled": frozenset({"planned", "postponed", "accepted"}),
        "refused": frozenset({"accepted"}),
        "read": frozenset(),
        "undelivered": frozenset(),
        "skipped": frozenset(),
    }
)


def may_move(before: str, after: str) -> bool:
    """Whether a row may go from one state to another."""
    return after in MOVES[before]
