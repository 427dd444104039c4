"""Triggers on other channels, and what the provider made of them."""

from datetime import timedelta

from tests.steps.ledger import sweep
from tests.support.crm import execute
from tests.support.simulated_provider import Provider
from worker.core.sending.nudge import NotificationId
from worker.steps.ingest.plan import Intake

#: Active at the provider, in Viber.
VIBER = "Demo Viber"


def go_by(intake: Intake, channel: str) -> None:
    """Set every trigger to a channel."""
    execute(intake.pool, "UPDATE triggers SET channel = %s", channel)


def sent(provider: Provider) -> list[tuple[str, str]]:
    """The channel and the sender of each message, in the order they were made."""
    return [(message["channel"], message["sender"]) for message in provider.messages()]


def due(intake: Intake, *, after: timedelta = timedelta()) -> list[NotificationId]:
    """What the sweeper finds once so much time has passed."""
    return [
        notification_id for nudge in sweep(intake, after=after).nudges for notification_id in nudge.notification_ids
    ]
