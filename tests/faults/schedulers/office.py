"""An office whose meetings the scheduler reminds people of: saved as events save them, and counted singly."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from tests.faults.harness.environment import Stage, moment
from tests.faults.harness.events import SENT, Fate, Publication
from tests.faults.harness.generator import Confirmed
from tests.faults.harness.row import Result
from tests.support.crm import SALT, Json, delivery, row, rows
from tests.support.waiting import wait_until
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.db.postgres import clock, transaction

#: Meetings that are saved together, and how long before each people are reminded of it.
AT_ONCE, BEFORE = 200, timedelta(minutes=60)
OPEN = """
SELECT
    (
        SELECT count(*) FROM calendar AS c INNER JOIN accounts AS a ON c.account = a.id
        WHERE c.rules_version < a.rules_version
    )
    + (SELECT count(*) FROM timers WHERE next_at < clock_timestamp() + interval '1 minute')
    + (SELECT count(*) FROM occurrences WHERE state = 'pending')
"""
UNKNOWN = """
SELECT count(*) FROM occurrences WHERE state = 'published' AND event_id NOT IN (SELECT event_id FROM events)
"""
PUBLISHED_ROWS = "SELECT record_id, event_id, routing_key, body FROM occurrences WHERE state = 'published'"
EMITTED = "SELECT count(*) FROM occurrences"
PUBLISHED = "SELECT count(*) FROM occurrences WHERE state = 'published'"
#: Meetings with more than one occurrence or more than one accepted event.
TWICE = """
SELECT
    (SELECT count(*) - count(DISTINCT (account, record_id)) FROM occurrences WHERE state = 'published')
    + (
        SELECT count(*) - count(DISTINCT (account, split_part(event_id, '/', 2)))
        FROM events WHERE type = 'meeting.reminder_due'
    )
"""
EARLY = "SELECT count(*) FROM occurrences WHERE published_at < due_at OR created_at < due_at"
STATES = "SELECT state, count(*) FROM occurrences GROUP BY 1 ORDER BY 1"


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting by its mark, the phone of whoever is reminded of it, and what must come of the reminder.

    Attributes:
        fate: None where nothing may be published.
    """

    mark: str
    account: str
    phone: str
    start: datetime
    fate: Fate | None = SENT

    @property
    def id(self) -> str:
        """Its id in the CRM, which logs may name; the mark stands for the words of a text, and is in no log."""
        return self.mark[1:]


class Office:
    """Meetings that were saved; the stage waits for their reminders as for everything that is published."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.meetings: list[Meeting] = []
        self.confirmed: Sequence[Confirmed] = ()
        self._intake = Intake(stage.pool, ConfigurationCache(), SALT)
        stage.loads.append(self)

    def save(
        self, count: int, *, due: timedelta = timedelta(), within: timedelta = timedelta(), fate: Fate | None = SENT
    ) -> list[Meeting]:
        """Save so many meetings whose reminders are due so far from now, and at most `within` later."""
        now, random = self.now(), self.stage.random
        made = [self._meeting(now + due + within * random.random(), fate) for _ in range(count)]
        since = min(now, now + due - timedelta(minutes=5))
        self.record([self.body(meeting, version=1, at=since) for meeting in made])
        self.meetings += made
        return made

    def body(self, meeting: Meeting, *, version: int, at: datetime, **more: object) -> Json:
        """The event of a meeting that is saved."""
        person = {"kind": "contact", "id": meeting.id, "phonenumber": meeting.phone, "firstname": "Олена"}
        record = {"id": meeting.id, "version": version, "place": meeting.mark, "start": meeting.start.isoformat()}
        minutes = int(BEFORE.total_seconds() // 60)
        return {
            "specversion": "1.0",
            "id": str(UUID(int=self.stage.random.getrandbits(128), version=4)),
            "source": f"/accounts/{meeting.account}",
            "type": "meeting.saved",
            "time": at.isoformat(),
            "data": {"recipients": [person], "meeting": {**record, "remind_before": [minutes], **more}},
        }

    def record(self, bodies: Sequence[Json]) -> None:
        """The events of the CRM, as workers accept them."""
        for first in range(0, len(bodies), AT_ONCE):
            accepted = accept(self._intake, [delivery(body) for body in bodies[first : first + AT_ONCE]])
            assert not sum(item.refused for item in accepted), rows(self.stage.pool, "SELECT detail FROM dead_letters")

    def now(self) -> datetime:
        """PostgreSQL's clock, by which the schedulers go."""
        with transaction(self.stage.pool) as connection:
            return clock(connection)

    def emitted(self) -> int:
        """How many occurrences there are."""
        return row(self.stage.pool, EMITTED)[0]

    def published(self) -> int:
        """How many of them are published."""
        return row(self.stage.pool, PUBLISHED)[0]

    def wait(self) -> None:
        """Wait until every hour that was saved has come and every event of it is accepted."""
        if not self.confirmed:
            pool = self.stage.pool
            wait_until(lambda: not row(pool, OPEN)[0], "every moment is published")
            wait_until(lambda: not row(pool, UNKNOWN)[0], "every event is accepted")
            self.confirmed = self._expected()

    def abandon(self) -> None:
        """Nothing is on its way from here."""

    def counted(self, result: Result) -> Result:
        """The same with what was missed, published twice and published early; none of it may be."""
        pool = self.stage.pool
        expected = sum(meeting.fate is not None for meeting in self.meetings)
        [twice], [early], published = row(pool, TWICE), row(pool, EARLY), self.published()
        figures: dict[str, object] = {
            "emitted": self.emitted(),
            "missed": max(0, expected - published),
            "twice": twice,
            "early": early,
        }
        wrong = [f"{figures[name]} {name}" for name in ("missed", "twice", "early") if figures[name]]
        if published > expected:
            wrong.append(f"{published} published of {expected}: {dict(rows(pool, STATES))}")
        return replace(result, figures={**figures, **result.figures}, faults=(*result.faults, *wrong))

    def _meeting(self, due: datetime, fate: Fate | None) -> Meeting:
        events = self.stage.events
        [phone] = events.phones(1)
        return Meeting(events.mark(), events.random.choice(events.accounts), phone, due + BEFORE, fate)

    def _expected(self) -> list[Confirmed]:
        """The expected event of each meeting: a reminder that was not published has no id, and counts as lost."""
        occurrences = {record: rest for record, *rest in rows(self.stage.pool, PUBLISHED_ROWS)}
        return [
            Confirmed(publication(meeting, occurrences.get(meeting.id)), moment())
            for meeting in self.meetings
            if meeting.fate
        ]


def publication(meeting: Meeting, occurrence: Sequence[object] | None) -> Publication:
    """The event of a meeting's reminder."""
    event_id, routing_key, body = occurrence or ("", "", b"")
    return Publication(
        mark=meeting.mark,
        id=str(event_id),
        account=meeting.account,
        routing_key=str(routing_key),
        body=bytes(body),  # type: ignore[arg-type] # a column of bytes
        phones=(f"38{meeting.phone}",),
        fate=meeting.fate or SENT,
    )
