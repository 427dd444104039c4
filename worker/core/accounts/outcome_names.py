"""Names of the types of outcomes, as settings, routing keys and the database have them."""

OUTCOME_TYPES = (
    "notification.accepted",
    "notification.delivered",
    "notification.read",
    "notification.undelivered",
    "notification.skipped",
    "notification.cancelled",
    "notification.expired",
    "notification.failed",
    "notification.unconfirmed",
    "account.paused",
    "account.resumed",
    "budget.spent",
    "event.refused",
)
