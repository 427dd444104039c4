"""What people do that is noted, and what of a value may be kept."""

from collections.abc import Collection, Mapping
from typing import Any, Literal, get_args

from worker.core.contract.phone_mask import masked
from worker.core.sending.nudge import NotificationId, text_id

Action = Literal[
    "account",
    "api_key",
    "cancel",
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
    "session",
    "settings",
    "suppression",
    "template",
    "token",
    "trigger",
    "unconfirmed",
    "user",
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


def person_of(recipient_key: bytes) -> str:
    """`person/0a1b2c3d4e5f6071`: whose, for whoever can compute the key of a phone."""
    return f"person/{recipient_key.hex()[:16]}"


def texts_of(notification_ids: Collection[NotificationId]) -> str:
    """`2026-11/123`, or how many."""
    if len(notification_ids) == 1:
        return text_id(*notification_ids)
    return f"{len(notification_ids)} texts"
