"""Send a text or a custom template by hand, to one person or many, through all that an event goes through."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from worker.core.hands.people import Addressee
from worker.core.hands.send_request import Message, delivery
from worker.core.lanes import lane_for
from worker.core.sending.notification_states import WAITING
from worker.core.sending.nudge import NotificationId
from worker.core.spending.cost_estimate import Spent, expected
from worker.steps.hands.rehearse import rehearse
from worker.steps.ingest.parse import Prepared, prepare
from worker.steps.ingest.plan import Intake, plan
from worker.steps.sending.post import Sender
from worker.store.audit.audit import note
from worker.store.db.postgres import Connection, clock, tried
from worker.store.hands import sends
from worker.store.hands.sends import Made
from worker.store.ingest import events

#: People of one transaction.
PART = 200
#: The outcome of an event that was accepted before.
BEFORE = "sent_before"


class RefusedError(ValueError):
    """No event can be made of it: the text names the field and the fix."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a part: people by outcome, how many get each text, what those cost at most."""

    outcomes: Counter[str] = field(default_factory=Counter[str])
    texts: Counter[str] = field(default_factory=Counter[str])
    cost: Spent = field(default_factory=Spent)
    ids: tuple[NotificationId, ...] = ()

    def __add__(self, other: "Sent") -> "Sent":
        return Sent(
            self.outcomes + other.outcomes, self.texts + other.texts, self.cost + other.cost, self.ids + other.ids
        )


@dataclass(frozen=True, slots=True)
class Sending:
    """How it is sent: by whom, to how many in all; a trial keeps nothing, and claims if it has a sender."""

    by: str
    people: int
    is_trial: bool = False
    sender: Sender | None = None


def send(intake: Intake, message: Message, people: Sequence[Addressee], how: Sending) -> Sent:
    """Accept an event for each of these people, at most PART of them, in one transaction.

    Raises:
        RefusedError: an event would be refused; nothing is kept, and no letter is made of it.
        Exception: PostgreSQL cannot take it now.
    """
    configuration, now = intake.cache.fresh(intake.pool)
    deliveries = [delivery(message, person, salt=intake.salt, now=now) for person in people]
    prepared = prepare(configuration, deliveries, salt=intake.salt, now=now)
    for letter in prepared.batch.dead:
        raise RefusedError(letter.detail)
    act = partial(accept, prepared, message, how)
    return tried(intake.pool, act, keeps=lambda _: not how.is_trial)


def accept(prepared: Prepared, message: Message, how: Sending, connection: Connection) -> Sent:
    now = clock(connection)
    keys = [event.key for event, _ in prepared.batch.firsts.values()]
    known = events.known_content(connection, keys)
    drafts = [draft for event, draft in prepared.drafted if event.key not in known]
    plan(fresh(prepared, set(known)), (), connection)
    made = sends.made(connection, [draft.key for draft in drafts])
    ids = [row.notification_id for row in made]
    sends.hurry(connection, ids, lane=lane_for(how.people), now=now)
    if message.at:
        sends.schedule(connection, ids, at=message.at, actor=f"operator/{how.by}", now=now)
    if made and not how.is_trial:
        subject = f"{len(made)} texts" if message.template is None else f"{len(made)} texts of {message.template}"
        after = {"at": message.at, "marketing": message.is_marketing, "people": len(made)}
        note(connection, how.by, "send", subject, account=message.account, after=after, now=now)
    outcomes = claimed(connection, message, how, made)
    return summed(prepared, message, made, outcomes + Counter({BEFORE: len(known)}))


def fresh(prepared: Prepared, known: set[bytes]) -> Prepared:
    """Leave out what was accepted before: it is counted by us, and is no repeat of a CRM's."""
    for key in known:
        prepared.batch.firsts.pop(key, None)
    prepared.batch.again.clear()
    return prepared


def claimed(connection: Connection, message: Message, how: Sending, made: Sequence[Made]) -> Counter[str]:
    """Outcomes as they are kept, or as a claim at this moment would make them."""
    waiting = [row for row in made if row.state in WAITING]
    others = Counter(outcome(row.state, row.reason) for row in made if row not in waiting)
    if how.sender is None or message.at:
        reason = "scheduled" if message.at else None
        return others + Counter(outcome("postponed" if reason else row.state, reason or row.reason) for row in waiting)
    ids = [row.notification_id for row in waiting]
    rehearsed = rehearse(how.sender, connection, message.account, ids)
    return others + Counter(outcome(row.state, row.reason) for row in rehearsed)


def outcome(state: str, reason: str | None) -> str:
    return f"{state}/{reason or ''}"


def summed(prepared: Prepared, message: Message, made: Sequence[Made], outcomes: Counter[str]) -> Sent:
    prices = prepared.configuration.accounts[message.account].prices
    going = [row for row in made if row.state in WAITING]
    cost = sum((expected(row.channel, row.segments, prices) for row in going), Spent())
    return Sent(outcomes, Counter(row.text for row in going), cost, tuple(row.notification_id for row in going))
