"""Every endpoint of the API, in the order of its documentation."""

from collections.abc import Mapping, Sequence

from worker.web.api import events, notifications
from worker.web.api.accounts import triggers
from worker.web.api.endpoint import Endpoint

TAGS: Mapping[str, str] = {
    "notifications": "Texts: to whom, about what, and what became of each.",
    "events": "What the CRM published, and what came of it.",
    "triggers": "When an event comes, who is written to, and how.",
}
ENDPOINTS: Sequence[Endpoint] = (
    notifications.list_notifications,
    notifications.show_notification,
    events.list_events,
    events.show_event,
    triggers.list_triggers,
    triggers.show_trigger,
    triggers.change_trigger,
)
