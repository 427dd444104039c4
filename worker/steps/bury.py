"""What RabbitMQ gave up on, kept for people with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from worker.core.delivery import Delivery
from worker.store import dead_letters
from worker.store.dead_letters import DeadLetter
from worker.store.postgres import Connection, Pool, clock, is_culprits, transaction


def bury(pool: Pool, deliveries: Sequence[Delivery]) -> None:
    """Keep each of these as a dead letter."""
    with transaction(pool) as connection:
        keep(connection, [letter(delivery) for delivery in deliveries], now=clock(connection))


def keep(connection: Connection, letters: Sequence[DeadLetter], *, now: datetime) -> None:
    """Bury these in the caller's transaction; one that cannot be kept as it is, is kept without its details."""
    try:
        with connection.transaction():
            dead_letters.bury(connection, letters, now=now)
        return
    except Exception as error:
        if not is_culprits(error):
            raise
        why = type(error).__name__
    if len(letters) == 1:
        dead_letters.bury(connection, [dead_letters.bare(letters[0], why)], now=now)
        return
    for one in letters:
        keep(connection, [one], now=now)


def letter(delivery: Delivery) -> DeadLetter:
    """A message of the dead-letter queue as a row; rejected ones are envelopes that our consumers do not take."""
    death = delivery.death or "published to the dead-letter queue"
    reason = "envelope" if death.startswith("rejected in sms.") else "left_by_rabbitmq"
    return DeadLetter(
        kind="message",
        reason=reason,
        detail=f"RabbitMQ moved it here: {death}. No notification is lost by it: send queues carry ids only.",
        body=delivery.body,
        whole=delivery.whole,
        queue=delivery.queue,
        routing_key=delivery.routing_key,
    )
