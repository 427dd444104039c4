"""Outcomes are published to CRMs, in a thread and over a connection of their own: no queue of a CRM delays a text."""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from worker.amqp.connection import CONNECTION_ERRORS, REFUSALS, describe, fix
from worker.amqp.publisher import Outgoing, Publisher
from worker.amqp.topology import EVENT_QUEUES, OUTCOMES_EXCHANGE, SEND_QUEUES
from worker.core.clock.timeouts import OUTCOMES_HOLD
from worker.core.contract.event_types import CONTENT_TYPE
from worker.health import metrics
from worker.logs.setup import log
from worker.steps.outcomes.publish import Published, Turns, are_texts_due, drop_old, publish, waiting
from worker.steps.outcomes.tell import Message
from worker.steps.upkeep.sweeper import DEEP
from worker.store.db.postgres import Pool

#: A run lasts no longer, so that a long day's work is seen to go on.
RUN_S = 2.0
ANSWER_S = 10.0
#: How often the exchange is declared: somebody may have deleted it, or declared it as one that tells all to everybody.
DECLARED_EVERY_S = 10.0
#: With more messages in a queue than this, texts are due now: outcomes wait, but not for long.
DEEP_QUEUES = {**dict.fromkeys(EVENT_QUEUES, 500), **dict.fromkeys(SEND_QUEUES, DEEP)}


class Outcomes:
    """Publishes what waits, account by account; one whose queue refuses waits alone."""

    def __init__(self, pool: Pool, publisher: Publisher, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._pool = pool
        self._publisher = publisher
        self._clock = clock
        self._turns = Turns()
        self._refusing = set[str]()
        self._declare_at = 0.0
        self._refusal: str | None = None

    def publish(self) -> None:
        """Publish what may go, for RUN_S at most.

        Raises:
            one of CONNECTION_ERRORS: RabbitMQ is away; everything waits.
        """
        try:
            if self._is_declared():
                self._publish()
        except CONNECTION_ERRORS:
            self._declare_at = 0.0
            raise

    def _publish(self) -> None:
        ends_at = self._clock() + RUN_S
        accounts = waiting(self._pool)
        held_for = OUTCOMES_HOLD if accounts and self._is_busy() else None
        while accounts and self._round(accounts, held_for, ends_at):
            accounts = waiting(self._pool)

    def _is_declared(self) -> bool:
        """Whether the exchange is ours, so that each CRM hears only what it has bound; otherwise nothing goes there."""
        if self._clock() < self._declare_at:
            return self._refusal is None
        error = self._publisher.declare_outcomes().result(ANSWER_S)
        self._declare_at = self._clock() + DECLARED_EVERY_S
        known, self._refusal = self._refusal, describe(error) if error else None
        if error and self._refusal != known:
            log.warning("outcomes.shut", reason=self._refusal, hint=fix(error))
        if known and not error:
            log.info("outcomes.open")
        return error is None

    def _round(self, accounts: Sequence[str], held_for: timedelta | None, ends_at: float) -> bool:
        """Give each account a turn, and return whether there is more to do, and time for it."""
        is_more = False
        for those in self._turns.round_of(accounts, now=self._clock()):
            is_more |= self._turn(those, held_for)
            if self._clock() >= ends_at:
                return False
        return is_more

    def _turn(self, accounts: Sequence[str], held_for: timedelta | None) -> bool:
        done = publish(self._pool, accounts, self._turns, self._offer, now=self._clock(), held_for=held_for)
        metrics.count_outcomes(
            published=done.published, refused=done.refused.total(), gone=done.gone, broken=len(done.broken)
        )
        self._log_refused(done)
        for each in done.broken:
            log.error("outcome.broken", outcome=each.outcome.id, account=each.outcome.account, exc_info=each.error)
        return done.is_more

    def _offer(self, messages: Sequence[Message]) -> list[bool | None]:
        outgoing = [
            Outgoing(
                OUTCOMES_EXCHANGE,
                each.outcome.routing_key,
                each.body,
                CONTENT_TYPE,
                is_mandatory=False,
                traceparent=each.traceparent,
            )
            for each in messages
        ]
        words = self._publisher.offer(outgoing).result(ANSWER_S)
        return [None if word == "unanswered" else word == "confirmed" for word in words]

    def _is_busy(self) -> bool:
        try:
            depths = {queue: self._publisher.depth(queue) for queue in DEEP_QUEUES}
            is_deep = any(depth.result(ANSWER_S) > DEEP_QUEUES[queue] for queue, depth in depths.items())
        except (TimeoutError, *REFUSALS):
            # One that is not there may have many before it.
            return True
        # What workers hold lies in no queue.
        return is_deep or are_texts_due(self._pool)

    def _log_refused(self, done: Published) -> None:
        """Log once of an account that a queue of its CRM refuses, and once that it takes outcomes again."""
        for account in sorted(done.refused.keys() - self._refusing):
            log.warning(
                "outcomes.refused",
                account=account,
                hint="a queue of its CRM is full, or does not answer; the others are published meanwhile",
            )
        for account in sorted(self._refusing & done.offered - done.refused.keys()):
            log.info("outcomes.accepted", account=account)
        self._refusing = (self._refusing - done.offered) | done.refused.keys()


def drop_old_outcomes(pool: Pool) -> None:
    if dropped := drop_old(pool, for_s=RUN_S):
        metrics.count_outcomes(dropped=dropped)
        log.warning("outcomes.dropped", outcomes=dropped)
