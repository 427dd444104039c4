"""Where a page of a stop-list ended, for its account alone."""

import base64
import binascii
import hashlib
from datetime import UTC, datetime, timedelta

from worker.store.consent.suppressions import Position

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
KEY = slice(8, 24)


def cursor(position: Position, account: str) -> str:
    since = (position.since - EPOCH) // MICROSECOND
    packed = since.to_bytes(8, signed=True) + position.recipient_key + digest(account)
    return base64.urlsafe_b64encode(packed).decode()


def position(text: str, account: str) -> Position | None:
    """Read where a page ended; None: it is no cursor, or one of another account."""
    try:
        packed = base64.b64decode(text.encode(), altchars=b"-_", validate=True)
        since = EPOCH + int.from_bytes(packed[:8], signed=True) * MICROSECOND
    except (ValueError, OverflowError, binascii.Error):
        return None
    return Position(since, packed[KEY]) if packed[KEY.stop :] == digest(account) else None


def digest(account: str) -> bytes:
    return hashlib.sha256(f"stop-list of {account}".encode()).digest()[:8]
