"""What people call the states of a text and its channels."""

from collections.abc import Mapping

from worker.language import marked

STATE_LABELS: Mapping[str, str] = {
    "planned": marked("planned"),
    "postponed": marked("waits"),
    "sending": marked("being sent"),
    "accepted": marked("accepted by TurboSMS"),
    "sent": marked("sent"),
    "delivered": marked("delivered"),
    "read": marked("read"),
    "undelivered": marked("not delivered"),
    "refused": marked("refused by TurboSMS"),
    "failed": marked("failed"),
    "expired": marked("expired"),
    "cancelled": marked("cancelled"),
    "skipped": marked("not sent"),
    "unconfirmed": marked("unconfirmed"),
}
CHANNEL_LABELS: Mapping[str, str] = {
    "sms": marked("SMS"),
    "viber": marked("Viber"),
    "viber_then_sms": marked("Viber, then SMS"),
    "both": marked("Viber and SMS"),
}
LANE_LABELS: Mapping[str, str] = {"urgent": marked("urgent"), "normal": marked("normal"), "bulk": marked("bulk")}
