"""An outcome, and the CloudEvent that tells a CRM of it."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

import orjson

from worker.core.history.sentences.notification import money
from worker.core.outcomes.facts import DETAILS, Facts

SPECVERSION, DATA_TYPE = "1.0", "application/json"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One thing that a CRM hears; `id` and `at` are the same each time it is published."""

    id: int
    account: str
    type: str
    at: datetime
    facts: Facts

    @property
    def event_id(self) -> str:
        """Numbers come again in a database that was restored; at another moment."""
        return f"outcome-{self.id}-{int(self.at.timestamp())}"

    @property
    def routing_key(self) -> str:
        return f"{self.account}.{self.type}"


def body(outcome: Outcome) -> bytes:
    """The CloudEvent as JSON; the same outcome gives the same bytes."""
    event = {
        "specversion": SPECVERSION,
        "id": outcome.event_id,
        "source": f"/accounts/{outcome.account}",
        "type": outcome.type,
        "subject": outcome.facts.subject,
        "time": outcome.at.astimezone(UTC),
        "datacontenttype": DATA_TYPE,
        "data": data_of(outcome.facts),
    }
    return orjson.dumps(event, default=spelled, option=orjson.OPT_UTC_Z)


def data_of(facts: Facts) -> dict[str, object]:
    named = ((name, getattr(facts, name)) for name in names_of(type(facts)))
    return {name: value for name, value in named if value is not None or name not in DETAILS}


@cache
def names_of(kind: type[Facts]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def spelled(value: object) -> str:
    """An amount as a string, and no more figures than it needs."""
    if isinstance(value, Decimal):
        return money(value)
    raise TypeError
