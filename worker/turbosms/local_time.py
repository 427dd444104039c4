"""Times as TurboSMS writes them: `2026-11-30 10:00:05`, by Kyiv's clocks, without an offset."""

from datetime import datetime

_EARLIEST = 2000
_LATEST = 2200


def local_time(written: object) -> datetime | None:
    """Parse a time, with an offset only if one was written; None where it cannot be read."""
    if not isinstance(written, str) or len(written) > 40:  # noqa: PLR2004 (more is no time)
        return None
    try:
        moment = datetime.fromisoformat(written.strip())
    except ValueError:
        return None
    # Years beyond these are a clock that was never set, and would not fit when moved to another zone.
    return moment if _EARLIEST <= moment.year <= _LATEST else None
