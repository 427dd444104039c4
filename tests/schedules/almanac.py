"""A calendar as tests write it: meetings, bookings and birthdays, and the scheduler's steps at any moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from schedules.due import emit
from schedules.publish import take
from schedules.retime import retime
from tests.crm import delivery, person, rows
from worker.core.event import Event, read
from worker.steps.accept import accept
from worker.steps.plan import Intake
from worker.store import occurrences
from worker.store.configuration import ConfigurationCache
from worker.store.occurrences import Pending
from worker.store.postgres import Connection, Pool, transaction

#: Noon in Kyiv, on a Tuesday.
NOON = datetime(2026, 12, 1, 10, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class Almanac:
    """The calendar of one database, whose clock shows `now`.

    Attributes:
        wire: events that were published, in their order.
    """

    pool: Pool
    intake: Intake
    now: datetime = NOON
    cache: ConfigurationCache = field(default_factory=ConfigurationCache)
    wire: list[Event] = field(default_factory=list[Event])

    def ask(self, _connection: Connection) -> datetime:
        """What PostgreSQL's clock would say."""
        return self.now

    def say(self, kind: str, record: Mapping[str, Any], *, people: Sequence[Mapping[str, Any]] | None = None) -> None:
        """The CRM says something of a record, now."""
        hears = {"contact": "contact", "booking": "booking", "staff_reminder": "staff"}.get(
            kind.split(".", maxsplit=1)[0], "contact"
        )
        data = {"recipients": [person(hears)] if people is None else people, kind.split(".", maxsplit=1)[0]: record}
        event = {
            "specversion": "1.0",
            "id": f"{kind}/{record['id']}/{self.now.isoformat()}/{orjson.dumps(record).decode()}",
            "source": "/accounts/acme",
            "type": kind,
            "time": self.now.isoformat(),
            "data": data,
        }
        accepted = accept(self.intake, [delivery(event)])
        assert [one.refused for one in accepted] == [0], rows(self.pool, "SELECT detail FROM dead_letters")

    def time(self) -> int:
        """Compute the timers of everything that changed."""
        count = 0
        while found := retime(self.pool, self.cache, ask=self.ask):
            count += found
        return count

    def emit(self) -> dict[str, int]:
        """Emit everything that is due."""
        made: dict[str, int] = {}
        while (found := emit(self.pool, self.cache, ask=self.ask)) is not None:
            for state, count in found.items():
                made[state] = made.get(state, 0) + count
        return made

    def take(self) -> list[Pending]:
        """Have everything in hand that waits."""
        hands: list[Pending] = []
        for is_urgent in (True, False):
            hands += take(self.pool, self.cache, is_urgent=is_urgent, limit=1000, ask=self.ask)[0]
        return hands

    def send(self, hands: Sequence[Pending]) -> None:
        """RabbitMQ gets these."""
        for one in hands:
            event = read(one.body, routing_key=one.routing_key, now=self.now)
            assert isinstance(event, Event), event
            self.wire.append(event)

    def mark(self, hands: Sequence[Pending]) -> int:
        with transaction(self.pool) as connection:
            return occurrences.mark(connection, [one.id for one in hands], now=self.now)

    def tick(self) -> list[str]:
        """One whole turn of a scheduler; the answer names the events that it published."""
        self.time()
        self.emit()
        hands = self.take()
        before = len(self.wire)
        self.send(hands)
        self.mark(hands)
        return [event.type for event in self.wire[before:]]

    def goes_to(self, moment: datetime) -> None:
        self.now = moment

    def found(self) -> list[tuple[str, str, int, str, str | None]]:
        """Every occurrence: its record, slot, offset, state and reason."""
        return [
            tuple(row)
            for row in rows(
                self.pool,
                "SELECT record_id, slot, offset_minutes, state, reason FROM occurrences ORDER BY due_at, record_id",
            )
        ]  # type: ignore[misc]
