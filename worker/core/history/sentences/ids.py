"""A notification's id as commands take it."""

from worker.core.sending.nudge import NotificationId


def name_of(notification_id: NotificationId) -> str:
    """`2026-11/56`."""
    month, number = notification_id
    return f"{month:%Y-%m}/{number}"
