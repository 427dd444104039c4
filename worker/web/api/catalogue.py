"""Every endpoint of the API, in the order of its documentation."""

from collections.abc import Mapping, Sequence

from worker.web.api import events, notifications
from worker.web.api.endpoint import Endpoint

TAGS: Mapping[str, str] = {
    "notifications": "Texts: to whom, about what, and what became of each.",
    "events": "What the CRM published, and what came of it.",
}
ENDPOINTS: Sequence[Endpoint] = (
    notifications.list_notifications,
    notifications.show_notification,
    events.list_events,
    events.show_event,
)
