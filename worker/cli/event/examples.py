"""A valid event of each type, as a Ukrainian CRM would publish it: fresh ids, so that each one is news."""

import secrets
import uuid
from datetime import datetime

from worker.core.authoring.event_examples import PHONE, Json, example_of

__all__ = ["PHONE", "example"]


def example(event_type: str, *, account: str, phone: str, now: datetime) -> Json:
    """Make an event of a type that is written to this phone."""
    number = 10_000 + secrets.randbelow(90_000)
    return example_of(event_type, account=account, phone=phone, now=now, number=number, name=str(uuid.uuid4()))
