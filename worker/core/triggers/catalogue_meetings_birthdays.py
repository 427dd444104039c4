"""Triggers 10 to 13 of the settings page (reminders, meetings, birthdays, tasks), and what is sent by hand."""

from datetime import timedelta

from worker.core.contract.data import Contact, Meeting, StaffReminder, Task
from worker.core.contract.facts import NO
from worker.core.contract.fields import NOBODYS
from worker.core.contract.record_statuses import folded, spellings
from worker.core.triggers.trigger import DAY, Trigger, Unless

MEETING_CANCELLED = Unless(Meeting.status, spellings("meeting", "cancelled"), "meeting_cancelled")
TASK_DONE = Unless(Task.status, spellings("task", "done", "cancelled"), "task_done")
REMINDER_DONE = Unless(StaffReminder.status, spellings("staff_reminder", "done", "cancelled"), "reminder_done")
#: Whoever takes their consent back while a text waits is not congratulated.
UNWANTED = Unless(Contact.consent, NO, "no_consent")
NOBODYS_DAY = Unless(
    Contact.birthday,
    frozenset(folded(day + time) for day in NOBODYS for time in ("", " 00:00:00", "T00:00:00")),
    "birthday_unknown",
)
STAFF = frozenset({"staff"})
EVERYBODY = frozenset({"contact", "lead", "staff", "proposal", "order", "booking"})
SECTIONS = (
    *("clients", "contract", "invoice", "proposals", "leads", "requisites", "company", "orders"),
    *("payment", "booking", "meeting", "task", "staff"),
)

PEOPLE: tuple[Trigger, ...] = (
    Trigger(
        id="staff_reminder",
        event="staff.reminder_due",
        label="Нагадування співробітників",
        recipient_kinds=STAFF,
        message_class="staff",
        window="now",
        life=timedelta(hours=2),
        dedupe=("record.id", "staff_reminder.date"),
        sections=("staff", "clients", "leads", "company"),
        texts={
            "uk": "{staff_reminder_date} {staff_reminder_description}[ ({staff_reminder_relation_name})]",
            "en": "{staff_reminder_date} {staff_reminder_description}[ ({staff_reminder_relation_name})]",
        },
        unless=(REMINDER_DONE,),
    ),
    Trigger(
        id="meeting_reminder",
        event="meeting.reminder_due",
        label="Нагадування про майбутню зустріч",
        recipient_kinds=frozenset({"contact", "lead", "staff"}),
        life=30 * DAY,
        dedupe=("record.id", "meeting.start", "offset"),
        sections=("meeting", "clients", "leads", "company"),
        texts={
            "uk": "Нагадуємо: зустріч {meeting_date} о {meeting_time}[, {meeting_place}][. {company_name}]",
            "en": "Reminder: meeting on {meeting_date} at {meeting_time}[, {meeting_place}][. {company_name}]",
        },
        until="meeting.start",
        unless=(MEETING_CANCELLED,),
    ),
    Trigger(
        id="contact_birthday",
        event="contact.birthday",
        label="Привітання з днем народження",
        recipient_kinds=frozenset({"contact"}),
        message_class="marketing",
        dedupe=("record.id", "event.year"),
        sections=("clients", "company"),
        texts={
            "uk": "[{contact_firstname}, ]вітаємо з днем народження![ {company_name}]",
            "en": "Happy birthday[, {contact_firstname}]![ {company_name}]",
        },
        until="event.day",
        unless=(UNWANTED, NOBODYS_DAY),
        falls_back=True,
    ),
    Trigger(
        id="task_assigned",
        event="task.assigned",
        label="Сповіщення про нове завдання для співробітника",
        recipient_kinds=STAFF,
        message_class="staff",
        life=timedelta(hours=12),
        dedupe=("record.id", "person.role"),
        sections=("task", "staff"),
        texts={
            "uk": "Нове завдання: {task_name}[, до {task_duedate}]",
            "en": "New task: {task_name}[, due {task_duedate}]",
        },
        author=(Task.assigned_by_id, Task.assigned_by),
        unless=(TASK_DONE,),
    ),
)

#: What is sent by hand is no trigger of the page: its text comes with the event, or is a custom template.
BY_HAND: tuple[Trigger, ...] = (
    Trigger(
        id="sms_send_requested",
        event="sms.send_requested",
        label="SMS, надіслане вручну",
        recipient_kinds=EVERYBODY,
        life=3 * DAY,
        dedupe=("event.id",),
        sections=SECTIONS,
        until="expires_at",
    ),
)
