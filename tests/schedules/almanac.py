"""A calendar as tests write it: meetings, bookings and birthdays, and the scheduler's steps at any moment."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from schedules.reminders.fire_timers import emit
from schedules.reminders.publish_occurrences import take
from schedules.reminders.schedule_timers import retime
from tests.support.crm import delivery, execute, person, row, rows
from worker.core.contract.event import Event, read
from worker.core.contract.inbound_message import Delivery
from worker.steps.ingest.parse import prepare
from worker.steps.ingest.plan import Intake, plan
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.db.postgres import Connection, Pool, transaction
from worker.store.reminders import occurrences
from worker.store.reminders.occurrences import Pending

#: Noon in Kyiv, on a Tuesday.
NOON = datetime(2026, 12, 1, 10, tzinfo=UTC)
KYIV = ZoneInfo("Europe/Kyiv")
RECIPIENT_KINDS = {"booking": "booking", "staff_reminder": "staff"}
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


@dataclass
class Almanac:
    """The calendar of one database, whose clock shows `now`.

    Attributes:
        wire: events that were published, in their order.
        has_recipient: whether a worker accepts them at once.
    """

    pool: Pool
    intake: Intake
    now: datetime = NOON
    cache: ConfigurationCache = field(default_factory=ConfigurationCache)
    wire: list[Event] = field(default_factory=list[Event])
    has_recipient: bool = False

    def ask(self, _connection: Connection) -> datetime:
        """The time of PostgreSQL's clock."""
        return self.now

    def publish(
        self,
        event_type: str,
        record: Mapping[str, Any],
        *,
        people: Sequence[Mapping[str, Any]] | None = None,
        at: datetime | None = None,
    ) -> None:
        """Publish an event about a record, now."""
        name = event_type.split(".", maxsplit=1)[0]
        recipients = [person(RECIPIENT_KINDS.get(name, "contact"))] if people is None else people
        event = {
            "specversion": "1.0",
            "id": uuid.uuid4().hex,
            "source": "/accounts/acme",
            "type": event_type,
            "time": (at or self.now).isoformat(),
            "data": {"recipients": recipients, name: record},
        }
        self.accept(delivery(event))

    def accept(self, delivered: Delivery) -> None:
        """A worker accepts an event, now."""
        configuration, _ = self.intake.cache.fresh(self.pool)
        prepared = prepare(configuration, [delivered], salt=self.intake.salt, now=self.now)
        with transaction(self.pool) as connection:
            accepted = plan(prepared, [delivered], connection)
            assert accepted.refused == 0, connection.execute("SELECT detail FROM dead_letters").fetchall()

    def switch(self, trigger: str, *, on: bool) -> None:
        """An admin switches a trigger, now."""
        execute(self.pool, "UPDATE triggers SET switched_on = %s WHERE trigger = %s", on, trigger)
        execute(self.pool, "UPDATE accounts SET rules_since = %s", self.now)

    def time(self) -> int:
        """Compute the timers of everything that changed."""
        count = 0
        while timed := retime(self.pool, self.cache, ask=self.ask):
            count += timed
        return count

    def emit(self) -> dict[str, int]:
        """Emit everything that is due."""
        made: dict[str, int] = {}
        while (by_state := emit(self.pool, self.cache, ask=self.ask)) is not None:
            for state, count in by_state.items():
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
        for pending in hands:
            event = read(pending.body, routing_key=pending.routing_key, now=self.now)
            assert isinstance(event, Event), event
            self.wire.append(event)
            if self.has_recipient:
                self.accept(Delivery(pending.body, pending.routing_key, "crm.events", 0))

    def mark(self, hands: Sequence[Pending]) -> int:
        with transaction(self.pool) as connection:
            return occurrences.mark(connection, [pending.id for pending in hands], now=self.now)

    def tick(self) -> list[str]:
        """One whole turn of a scheduler; the answer names the events that it published."""
        self.time()
        self.emit()
        hands = self.take()
        before = len(self.wire)
        self.send(hands)
        self.mark(hands)
        return [event.type for event in self.wire[before:]]

    def goes_on(self, span: timedelta) -> list[datetime]:
        """Let time pass, with a whole turn just before each moment that is due, at it, and in the end.

        Return when each event was published.
        """
        moments: list[datetime] = []
        until = self.now + span
        while self.now < until:
            moments += [self.now for _ in self.tick()]
            waits = row(self.pool, "SELECT min(next_at) FROM timers WHERE next_at > %s", self.now)[0] or until
            self.now = min(until, waits - SECOND if waits - SECOND > self.now else waits)
        return moments + [self.now for _ in self.tick()]

    def occurrences(self) -> list[tuple[str, int, str, str | None]]:
        """Every occurrence: its record, offset, state and reason."""
        results = rows(
            self.pool, "SELECT record_id, offset_minutes, state, reason FROM occurrences ORDER BY due_at, record_id"
        )
        return [(record, offset, state, reason) for record, offset, state, reason in results]

    def states(self) -> list[str]:
        return [state for _, _, state, _ in self.occurrences()]


def meeting(
    start: datetime,
    *,
    id: str = "1",  # noqa: A002 (the field's name)
    version: int = 1,
    **more: object,
) -> dict[str, Any]:
    """A meeting as a CRM in Kyiv writes it."""
    return {"id": id, "version": version, "start": start.astimezone(KYIV).isoformat(), **more}


def contact(birthday: str, *, id: str = "17", version: int = 1) -> dict[str, Any]:  # noqa: A002 (the field's name)
    return {"id": id, "version": version, "birthday": f"1990-{birthday}", "phonenumber": "067 123 45 67"}
