"""A moment inside a sentence, by an account's clocks."""

from datetime import datetime

from worker.core.clock.quiet_hours import zone_of


def spelled(moment: datetime, zone: str) -> str:
    """`2026-12-01 09:00`: whoever shows the sentence names the zone."""
    return f"{moment.astimezone(zone_of(zone)):%Y-%m-%d %H:%M}"
