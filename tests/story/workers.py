"""What workers do on the stage: all the steps of the pipeline, whole, in pieces, or cut off by a death."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from tests.steps.ledger import nothing_lies
from tests.story.environment import Hand, Stage
from tests.story.worker_death import dying
from tests.support.crm import Json, delivery
from worker.core.contract.inbound_message import SUSPECT_FROM
from worker.core.sending.nudge import NotificationId
from worker.failpoint import Boundary
from worker.steps.effects import Alert
from worker.steps.ingest.ingest import accept
from worker.steps.sending.retry_unknown import prepare, repeat
from worker.steps.sending.send import claim_safely, send, send_alone
from worker.steps.upkeep.sweeper import release, rescue
from worker.store.db.postgres import committed, transaction
from worker.store.sending import claims
from worker.store.sending.attempts import HandedOver


@dataclass(frozen=True, slots=True)
class QueuedNudge:
    """A nudge in its queue, and how often it came back."""

    notification_ids: tuple[NotificationId, ...]
    returns: int = 0


@dataclass(frozen=True, slots=True)
class Order:
    """Attempts handed over, in their queue."""

    attempts: tuple[HandedOver, ...]


@dataclass(frozen=True, slots=True)
class Death:
    """Where a process dies: at the boundary, when it comes there for the time after so many."""

    at: Boundary
    after: int = 0


Task = Hand | Order | QueuedNudge
Fate = Literal["done", "done_twice", "lost", "in_hand"] | Death


@dataclass
class Workers:
    """All replicas, and what lies in the queues between them."""

    stage: Stage
    nudges: list[QueuedNudge] = field(default_factory=list[QueuedNudge])
    orders: list[Order] = field(default_factory=list[Order])

    def accept(self, body: Json) -> None:
        for accepted in accept(self.stage.intake, [delivery(body)]):
            assert not accepted.refused, "the story says what no CRM says"
            self.stage.take(post for claim in accepted.claims for post in claim.posts)
            self.nudges += [QueuedNudge(nudge.notification_ids) for nudge in accepted.nudges]

    def sweep(self) -> None:
        rescued = rescue(self.stage.pool, nothing_lies)
        released = release(self.stage.pool, nothing_lies)
        self.nudges += [QueuedNudge(nudge.notification_ids) for nudge in released.nudges]
        self.orders += [Order(tuple(attempts)) for attempts in rescued.handed_over.values()]

    @property
    def waiting(self) -> list[Task]:
        """What somebody has to do next, whoever it is: who has begun something goes first."""
        return [*self.stage.hands, *self.orders, *self.nudges]

    def do(self, task: Task, fate: Fate) -> None:
        """Let somebody do this; a task that was lying in a queue leaves it."""
        match task:
            case Hand():
                self.go_on(task, fate)
            case Order():
                self.orders = [other for other in self.orders if other is not task]
                self.take_order(task, fate)
            case QueuedNudge():
                self.nudges = [other for other in self.nudges if other is not task]
                self.take_nudge(task, fate)

    def go_on(self, hand: Hand, fate: Fate) -> None:
        """What becomes of a POST in hand: a step further, or its worker dies."""
        match fate:
            case "lost":
                self.stage.drop(hand)
            case Death() as death:
                with dying(death.at, after=death.after) as died:
                    self.stage.go_on(hand)
                if died:
                    self.stage.drop(hand)
            case _:
                self.stage.go_on(hand)

    def take_nudge(self, nudge: QueuedNudge, fate: Fate) -> None:
        """Deliver a nudge; a nudge whose worker dies comes back."""
        match fate:
            case "lost":
                pass
            case "in_hand":
                self.claim(nudge.notification_ids)
            case Death() as death:
                with dying(death.at, after=death.after) as died:
                    self.send(nudge)
                if died:
                    self.nudges.append(QueuedNudge(nudge.notification_ids, nudge.returns + 1))
            case _:
                self.send(nudge)
                self.nudges += [nudge] if fate == "done_twice" else []

    def take_order(self, order: Order, fate: Fate) -> None:
        """What becomes of attempts that were handed over."""
        with self.stage.booking():
            match fate:
                case "lost":
                    pass
                case "in_hand":
                    self.prepare(order.attempts)
                case Death() as death:
                    with dying(death.at, after=death.after):
                        repeat(self.stage.sender, order.attempts)
                case _:
                    repeat(self.stage.sender, order.attempts)
                    self.orders += [order] if fate == "done_twice" else []

    def send(self, nudge: QueuedNudge) -> None:
        act = send_alone if nudge.returns >= SUSPECT_FROM else send
        act(self.stage.sender, nudge.notification_ids)

    def claim(self, notification_ids: Sequence[NotificationId]) -> None:
        """Take rows in hand, and no more than that."""
        with transaction(self.stage.pool) as connection:
            parts = claims.by_account(claims.whose(connection, notification_ids))
        for account, its in parts.items():
            self.stage.take(claim_safely(self.stage.sender, account, its).posts)

    def prepare(self, attempts: Sequence[HandedOver]) -> None:
        """Take attempts in hand, and no more than that."""
        alerts: list[Alert] = []
        for handed_over in attempts:
            prepared = committed(self.stage.pool, partial(prepare, self.stage.sender, handed_over, alerts))
            self.stage.take([prepared.post] if prepared.post else [])

    def do_everything(self) -> None:
        """Empty the queues."""
        while self.waiting:
            self.do(self.waiting[0], "done")
