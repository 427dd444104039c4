"""Every endpoint of the API, in the order of its documentation."""

from collections.abc import Mapping, Sequence

from worker.web.api import events, letters, notifications
from worker.web.api.accounts import access, settings, shortcodes, templates, trials, triggers
from worker.web.api.endpoint import Endpoint
from worker.web.api.hands import consents, jobs, pauses, send, stop_list
from worker.web.api.monitoring import audit, reminders, stats

TAGS: Mapping[str, str] = {
    "notifications": "Texts: to whom, about what, and what became of each.",
    "events": "What the CRM published, and what came of it.",
    "send": "Texts by hand, to people that the CRM names.",
    "triggers": "When an event comes, who is written to, and how.",
    "templates": "Texts, their versions, what may stand in them, and trying them.",
    "stop-list": "Phones that are not written to.",
    "pauses": "What stands still until somebody, or a probe, ends it.",
    "stats": "What goes, what waits, and what it costs.",
    "access": "Who may enter, and which programs may call.",
}
ENDPOINTS: Sequence[Endpoint] = (
    notifications.list_notifications,
    notifications.show_notification,
    events.list_events,
    events.show_event,
    letters.list_letters,
    send.send_text,
    triggers.list_triggers,
    triggers.show_trigger,
    triggers.change_trigger,
    settings.show_settings,
    templates.list_templates,
    templates.show_template,
    templates.write_template,
    templates.list_versions,
    shortcodes.list_shortcodes,
    trials.preview_text,
    trials.lint_text,
    stop_list.list_stopped,
    stop_list.show_stopped,
    stop_list.stop_phone,
    stop_list.allow_phone,
    consents.list_recorded,
    pauses.list_pauses,
    pauses.pause_texts,
    pauses.resume_texts,
    stats.show_stats,
    stats.report_texts,
    stats.report_costs,
    reminders.list_coming,
    audit.list_audit,
    jobs.list_jobs,
    access.list_people,
    access.list_keys,
)
