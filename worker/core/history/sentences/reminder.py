"""Sentences about a reminder of the clock."""

from worker.core.history.reminder_meanings import REMINDERS
from worker.core.history.sentences.moment import spelled
from worker.core.history.sentences.reason import remedy_of, words_of
from worker.core.history.story import ReminderFacts
from worker.core.receipts.receipt_labels import Label


def due_sentence(reminder: ReminderFacts, zone: str) -> Label:
    due = spelled(reminder.due_at, zone)
    return Label(
        f"The clock set it off: {reminder.trigger} of {reminder.record_kind} {reminder.record_id} was due at {due}.",
        f"Подію створив годинник: {reminder.trigger}, {reminder.record_kind} {reminder.record_id}, на {due}.",
    )


def unpublished_sentence(reminder: ReminderFacts, zone: str) -> Label:
    """That a reminder was missed or cancelled, and why."""
    due, words = spelled(reminder.due_at, zone), why(reminder.reason or "")
    name = f"{reminder.trigger}, {reminder.record_kind} {reminder.record_id}"
    return Label(
        f"The reminder of {due} was not published ({name}): {words.en}.",
        f"Нагадування на {due} не надіслано ({name}): {words.uk}.",
    )


def why(reason: str) -> Label:
    known = REMINDERS.get(reason)
    return known.sentence if known else words_of("", reason, {})


def remedy(reason: str) -> Label | None:
    known = REMINDERS.get(reason)
    return known.remedy if known else remedy_of("", reason)
