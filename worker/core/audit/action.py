"""What people do that is noted, and what of a value may be kept."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

from worker.core.contract.phone import masked

Action = Literal[
    "account",
    "cancel",
    "consent",
    "dead_drop",
    "dead_edit",
    "dead_replay",
    "key",
    "pause",
    "phones_seen",
    "privacy_erase",
    "privacy_export",
    "resend",
    "resume",
    "retention",
    "send",
    "settings",
    "suppression",
    "template",
    "token",
    "trigger",
    "unconfirmed",
]
ACTIONS: tuple[str, ...] = get_args(Action)
#: Settings that hold a phone.
PHONES = frozenset({"alert_phone"})

Values = Mapping[str, Any]


def difference(before: Values, after: Values) -> tuple[dict[str, Any], dict[str, Any]]:
    """Keep of two states what differs between them; a phone is masked."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    was, now = ({name: shown(name, values[name]) for name in names if name in values} for values in (before, after))
    return was, now


def shown(name: str, value: object) -> object:
    return masked(value) if name in PHONES and isinstance(value, str) else value
