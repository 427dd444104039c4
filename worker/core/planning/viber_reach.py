"""Phones that Viber does not reach by an answer of TurboSMS, which is believed for a while."""

from datetime import datetime, timedelta

NO_VIBER = "no_viber"


def is_hopeless(refused_at: datetime | None, days: int, *, now: datetime) -> bool:
    return refused_at is not None and refused_at + timedelta(days=days) > now
