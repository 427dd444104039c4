"""A scheduler's work under a clock that rows set as they like: PostgreSQL and RabbitMQ are real, `now` is given.

What a CRM saved is known from a day long before; whatever is published is taken out of the queues and noted with what
the clock showed.
"""

from collections import Counter
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from pika.adapters.blocking_connection import BlockingChannel

from schedules.reminders.fire_timers import emit
from schedules.reminders.publish_occurrences import publish
from schedules.reminders.schedule_timers import retime
from tests.faults.harness.environment import Stage
from tests.faults.harness.row import Result
from tests.faults.rabbitmq.queues import channel_to
from tests.support.crm import SALT, Json, delivery, rows
from worker.amqp.publisher import Publisher
from worker.amqp.topology import EVENT_QUEUES
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.db.postgres import Connection

#: When everything was saved: before all that the rows look at, and long before this machine's own clock.
SAVED = datetime(2025, 12, 20, tzinfo=UTC)
AT_ONCE = 500
SHOWN = 5


@dataclass(frozen=True, slots=True)
class ClockLine:
    """An event that RabbitMQ has: of which record, for which moment, and when by the clock that is given."""

    id: str
    record: str
    due: datetime
    at: datetime


@dataclass(slots=True)
class Clock:
    """The scheduler's steps, and what they have published so far."""

    stage: Stage
    publisher: Publisher
    channel: BlockingChannel
    now: datetime = SAVED
    lines: list[ClockLine] = field(default_factory=list[ClockLine])
    cache: ConfigurationCache = field(default_factory=ConfigurationCache)

    def save(self, record_kind: str, records: Iterable[Json]) -> None:
        """Publish these states of contacts, contracts or meetings."""
        made = [self._saved(record_kind, record) for record in records]
        intake = Intake(self.stage.pool, ConfigurationCache(), SALT)
        for first in range(0, len(made), AT_ONCE):
            accepted = accept(intake, [delivery(item) for item in made[first : first + AT_ONCE]])
            assert not sum(item.refused for item in accepted), rows(self.stage.pool, "SELECT detail FROM dead_letters")

    def shows(self, now: datetime) -> None:
        """Let the clock show this, and do all that is to be done then."""
        self.now = now
        pool, cache = self.stage.pool, self.cache
        while retime(pool, cache, ask=self._ask):
            pass
        while emit(pool, cache, ask=self._ask) is not None:
            pass
        while publish(pool, cache, self.publisher, ask=self._ask):
            self._collect()

    def missed_twice_early(self, expected: Mapping[str, Sequence[datetime]]) -> tuple[Counter[str], list[str]]:
        """Faults of the published reminders, by the moments at which each record was due; and some examples."""
        wanted = Counter((record, at) for record, moments in expected.items() for at in moments)
        counts = Counter((line.record, line.due) for line in self.lines)
        wrong = {
            "missed": list((wanted - counts).elements()),
            "twice": [key for key, count in counts.items() if count > 1],
            "early": [(line.record, line.due) for line in self.lines if line.at < line.due],
            "strange": list((+Counter(set(counts)) - Counter(set(wanted))).elements()),
        }
        examples = [
            f"{name}: {record} {at.isoformat()}" for name, moments in wrong.items() for record, at in moments[:SHOWN]
        ]
        return Counter({name: len(moments) for name, moments in wrong.items()}), examples

    def result(self, expected: Mapping[str, Sequence[datetime]], **figures: object) -> Result:
        """What a row came to."""
        wrong, examples = self.missed_twice_early(expected)
        return Result(
            runs=sum(map(len, expected.values())),
            events=len(self.lines),
            lost=wrong["missed"],
            doubled=wrong["twice"],
            wrong=wrong["early"] + wrong["strange"],
            faults=tuple(examples),
            figures={
                "published": len(self.lines),
                **{name: wrong[name] for name in ("missed", "twice", "early")},
                **figures,
            },
        )

    def _ask(self, _connection: Connection) -> datetime:
        return self.now

    def _saved(self, record_kind: str, record: Json) -> Json:
        person = {"kind": "contact", "id": record["id"], "phonenumber": self.stage.events.phones(1)[0]}
        return {
            "specversion": "1.0",
            "id": str(UUID(int=self.stage.random.getrandbits(128), version=4)),
            "source": f"/accounts/{record.pop('account', 'acme')}",
            "type": f"{record_kind}.saved",
            "time": SAVED.isoformat(),
            "data": {"recipients": [person], record_kind: {"version": 1, **record}},
        }

    def _collect(self) -> None:
        for queue in EVENT_QUEUES:
            while (body := self.channel.basic_get(queue, auto_ack=True)[2]) is not None:
                event = orjson.loads(body)
                record = next(item["id"] for name, item in event["data"].items() if name in {"contact", "contract"})
                self.lines.append(ClockLine(event["id"], record, datetime.fromisoformat(event["time"]), self.now))


@contextmanager
def clock_of(stage: Stage) -> Generator[Clock]:
    """A clock on a stage without processes."""
    publisher = Publisher(stage.amqp_url, name="clock")
    try:
        publisher.depth(EVENT_QUEUES[0]).result()
        with channel_to(stage.amqp_url) as channel:
            yield Clock(stage, publisher, channel)
    finally:
        publisher.close()


def first_at(local: datetime, zone: str) -> datetime:
    """When clocks in a zone first show this or more, by a look at every quarter of an hour."""
    zone_info, quarter = ZoneInfo(zone), timedelta(minutes=15)
    at = local.replace(tzinfo=UTC) - timedelta(hours=16)
    while at.astimezone(zone_info).replace(tzinfo=None) < local:
        at += quarter
    return at
