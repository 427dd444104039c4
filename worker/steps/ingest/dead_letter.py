"""What RabbitMQ gave up on, kept for people with its reason."""

from collections.abc import Sequence
from datetime import datetime

from worker.core.contract.event import Malformed, read
from worker.core.contract.inbound_message import Delivery
from worker.steps.effects import Buried
from worker.steps.ends import buried
from worker.steps.ingest import parse
from worker.store.db.postgres import Connection, Pool, clock, is_caused_by_input, transaction
from worker.store.ingest import dead_letters
from worker.store.ingest.dead_letters import DeadLetter

#: What takes messages from a queue without anybody's refusal; https://www.rabbitmq.com/docs/dlx
POLICIES = ("maxlen", "expired")
TAKEN_AWAY = "taken_away"


def bury(pool: Pool, deliveries: Sequence[Delivery]) -> tuple[Buried, ...]:
    """Bury deliveries of the dead-letter queue, but for nudges that RabbitMQ expired: their rows are swept."""
    with transaction(pool) as connection:
        now = clock(connection)
        to_keep = [
            event_dead_letter(delivery, now=now) if is_event(delivery) else message_dead_letter(delivery)
            for delivery in deliveries
            if not is_nudge(delivery)
        ]
        keep(connection, to_keep, now=now)
    return tuple(map(buried, to_keep))


def keep(connection: Connection, to_keep: Sequence[DeadLetter], *, now: datetime) -> None:
    """Bury these in the caller's transaction; one that PostgreSQL refuses is kept without its details."""
    try:
        with connection.transaction():
            dead_letters.bury(connection, to_keep, now=now)
        return
    except Exception as error:
        if not is_caused_by_input(error):
            raise
        why = type(error).__name__
    if len(to_keep) == 1:
        dead_letters.bury(connection, [dead_letters.bare(to_keep[0], why)], now=now)
        return
    for dead_letter in to_keep:
        keep(connection, [dead_letter], now=now)


def is_nudge(delivery: Delivery) -> bool:
    """Whether a policy of RabbitMQ (a time to live, a length) took it from a send queue."""
    return (delivery.death or "").startswith(tuple(f"{cause} in sms." for cause in POLICIES))


def is_event(delivery: Delivery) -> bool:
    return " in crm.events" in (delivery.death or "")


def event_dead_letter(delivery: Delivery, *, now: datetime) -> DeadLetter:
    """An event that nobody has accepted: it may be replayed."""
    parsed = read(delivery.body, routing_key=delivery.routing_key, now=now, size=delivery.size)
    detail = f"RabbitMQ moved it here: {delivery.death}. Nobody got a text."
    return parse.refused_dead_letter(delivery, Malformed(TAKEN_AWAY, detail, parsed.account, parsed.id, parsed.type))


def message_dead_letter(delivery: Delivery) -> DeadLetter:
    """A message of the dead-letter queue; rejected ones are envelopes that our consumers do not take."""
    death = delivery.death or "published to the dead-letter queue"
    reason = "envelope" if death.startswith("rejected in sms.") else "left_by_rabbitmq"
    return DeadLetter(
        letter_kind="message",
        reason=reason,
        detail=f"RabbitMQ moved it here: {death}. No notification is lost by it: send queues carry ids only.",
        body=delivery.body,
        whole=delivery.whole,
        queue=delivery.queue,
        routing_key=delivery.routing_key,
    )
