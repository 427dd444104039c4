"""What became of an event or a text and why, as a list of moments with a sentence for each, in both languages."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from worker.core.hands.pause_scope import scopes_of
from worker.core.history.dead_letter_meanings import DEAD_LETTERS
from worker.core.history.pause_meanings import meaning_of_pause
from worker.core.history.sentences.event import outcome_sentence, received_sentence, repeated_sentence, trigger_sentence
from worker.core.history.sentences.notification import (
    addressed_sentence,
    moved_sentence,
    posts_sentence,
    priced_sentence,
    resent_sentence,
    rest_sentence,
)
from worker.core.history.sentences.pause import paused_sentence
from worker.core.history.sentences.person import suppressed_sentence, unreached_remedies, unreached_sentence
from worker.core.history.sentences.reason import filled, remedy_of, words_of
from worker.core.history.sentences.reminder import due_sentence, unpublished_sentence
from worker.core.history.sentences.reminder import remedy as reminder_remedy
from worker.core.history.story import (
    DeadLetterFacts,
    EventFacts,
    NotificationFacts,
    PauseFacts,
    PersonFacts,
    ReminderFacts,
    Story,
    TransitionFacts,
)
from worker.core.receipts.receipt_labels import Label
from worker.core.sending.notification_states import TO_SEND, WAITING
from worker.core.sending.nudge import text_id

#: States that go on by themselves.
OPEN = frozenset({*TO_SEND, "accepted", "sent"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One moment of a timeline.

    Attributes:
        code: what it is, as `text.postponed`, for programs.
        about: the notification or dead letter that it is of, as `2026-11/56` or `17`.
        remedies: what somebody can do about it now.
    """

    at: datetime
    code: str
    sentence: Label
    reason: str | None = None
    about: str | None = None
    remedies: tuple[Label, ...] = ()


def timeline(story: Story, *, now: datetime) -> list[Entry]:
    """Tell a story in the order in which it happened; what it waits for comes last, at `now`."""
    entries = [*event_entries(story.event, story.zone)] if story.event else []
    entries += [reminder_entry(reminder, story) for reminder in story.reminders]
    for dead_letter in story.dead_letters:
        entries += dead_letter_entries(dead_letter, story.account)
    for notification in story.notifications:
        entries += notification_entries(notification, story, now=now)
    return sorted(entries, key=lambda entry: entry.at)


def remedies(entries: Iterable[Entry]) -> list[Label]:
    """What somebody can do, each once, in the order of the timeline."""
    return list(dict.fromkeys(remedy for entry in entries for remedy in entry.remedies))


def event_entries(event: EventFacts, zone: str) -> Iterator[Entry]:
    yield Entry(event.received_at, "event.received", received_sentence(event, zone))
    if event.reminder:
        yield Entry(event.received_at, "event.reminder", due_sentence(event.reminder, zone))
    if event.repeats:
        yield Entry(event.received_at, "event.repeated", repeated_sentence(event.repeats))
    for trigger in event.triggers:
        yield Entry(event.received_at, "event.trigger", trigger_sentence(trigger, zone), about=trigger.trigger)
    sentence, remedy = outcome_sentence(event, zone)
    first = event.triggers[0].trigger if event.triggers else None
    yield Entry(event.received_at, f"event.{event.outcome}", sentence, remedies=filled(remedy, event.account, first))


def reminder_entry(reminder: ReminderFacts, story: Story) -> Entry:
    """Tell a reminder that was not published."""
    reason = reminder.reason or ""
    done = filled(reminder_remedy(reason), story.account, reminder.trigger)
    sentence = unpublished_sentence(reminder, story.zone)
    return Entry(reminder.settled_at or reminder.due_at, f"reminder.{reminder.state}", sentence, reason, remedies=done)


def dead_letter_entries(dead_letter: DeadLetterFacts, account: str) -> Iterator[Entry]:
    meaning, number = DEAD_LETTERS[dead_letter.reason], str(dead_letter.id)
    en, uk = meaning.sentence.en, meaning.sentence.uk
    detail = f" {dead_letter.detail}" if dead_letter.detail and dead_letter.detail != en else ""
    sentence = Label(f"Dead letter {number}: {en}{detail}", f"Недоставлена подія {number}: {uk}{detail}")
    is_open = dead_letter.state == "open"
    todo = filled(meaning.remedy, account, None) if is_open else ()
    code = f"dead_letter.{dead_letter.reason}"
    yield Entry(dead_letter.created_at, code, sentence, dead_letter.reason, number, todo)
    if dead_letter.closed_at and not is_open:
        yield Entry(
            dead_letter.closed_at, f"dead_letter.{dead_letter.state}", closed_sentence(dead_letter), about=number
        )


def closed_sentence(dead_letter: DeadLetterFacts) -> Label:
    why = f": {dead_letter.close_reason}" if dead_letter.close_reason else ""
    who = f"{dead_letter.id}, {dead_letter.closed_by}{why}."
    if dead_letter.state == "replayed":
        return Label(f"Dead letter replayed: {who}", f"Недоставлену подію повторено: {who}")
    return Label(f"Dead letter closed: {who}", f"Недоставлену подію закрито: {who}")


def notification_entries(notification: NotificationFacts, story: Story, *, now: datetime) -> Iterator[Entry]:
    yield from begun(notification, story)
    for nth, transition in enumerate(notification.transitions):
        following = notification.transitions[nth + 1 : nth + 2]
        yield transition_entry(notification, transition, following, story)
    yield from sent_entries(notification, now=now)
    for dead_letter in notification.dead_letters:
        yield from dead_letter_entries(dead_letter, notification.account)
    if notification.state in OPEN:
        yield from current(notification, story, now=now)


def begun(notification: NotificationFacts, story: Story) -> Iterator[Entry]:
    """Tell whom a text is for, in place of which it goes, and why not by Viber."""
    at, about = notification.created_at, text_id(notification.notification_id)
    yield Entry(at, "text.addressed", addressed_sentence(notification, story.zone), about=about)
    if first := notification.resend_of:
        yield Entry(at, "text.resent", resent_sentence(first), about=about)
    if why := notification.viber_fallback:
        fallback = words_of("", why, story.codes)
        sentence = Label(f"It goes as an SMS, not by Viber: {fallback.en}.", f"Іде як SMS, а не Viber: {fallback.uk}.")
        yield Entry(at, "text.viber_fallback", sentence, why, about)


def sent_entries(notification: NotificationFacts, *, now: datetime) -> Iterator[Entry]:
    """Tell how often TurboSMS was asked, and what it took."""
    about = text_id(notification.notification_id)
    for attempt in notification.attempts:
        if attempt.posts > 1:
            yield Entry(attempt.settled_at or now, "text.asked_again", posts_sentence(attempt.posts), about=about)
    if (priced := priced_sentence(notification)) and notification.transitions:
        yield Entry(notification.transitions[-1].at, "text.priced", priced, about=about)


def transition_entry(
    notification: NotificationFacts, transition: TransitionFacts, following: Sequence[TransitionFacts], story: Story
) -> Entry:
    until = following[0].at if following else notification.due_at
    attempt = next((each for each in notification.attempts if each.key == transition.attempt), None)
    sentence = moved_sentence(
        transition, notification, until=until, attempt=attempt, zone=story.zone, codes=story.codes
    )
    remedy = None if following else remedy_of(transition.after, transition.reason)
    return Entry(
        transition.at,
        f"text.{transition.after}",
        sentence,
        transition.reason,
        text_id(notification.notification_id),
        filled(remedy, notification.account, notification.trigger),
    )


def current(notification: NotificationFacts, story: Story, *, now: datetime) -> Iterator[Entry]:
    """Tell what a text that has not ended waits for: first what stands still, then until when."""
    about = text_id(notification.notification_id)
    held = [pause for pause in story.pauses if notification.state in WAITING and holds(pause, notification)]
    for pause in held:
        meaning = meaning_of_pause(pause.scope, pause.reason)
        remedy = filled(meaning and meaning.remedy, notification.account, notification.trigger)
        yield Entry(now, "now.paused", paused_sentence(pause, meaning, story.zone), pause.reason, about, remedy)
    if not held:
        sentence = rest_sentence(notification, zone=story.zone, now=now)
        yield Entry(now, f"now.{notification.state}", sentence, notification.reason, about)


def holds(pause: PauseFacts, notification: NotificationFacts) -> bool:
    key = bytes.fromhex(notification.recipient_key)
    return pause.scope in scopes_of(notification.trigger, notification.lane, notification.channel, key)


def person_entries(person: PersonFacts, zone: str, *, is_reached: bool, now: datetime) -> list[Entry]:
    """Tell what holds for a person beside their texts; `is_reached`: some event named them."""
    entries: list[Entry] = []
    if person.suppressed:
        remedy = filled(remedy_of("skipped", "suppressed"), person.account, None)
        sentence = suppressed_sentence(person.suppressed, zone)
        entries.append(Entry(person.suppressed.since, "person.suppressed", sentence, remedies=remedy))
    if not is_reached:
        sentence = unreached_sentence(person, zone)
        entries.append(Entry(now, "person.unreached", sentence, remedies=tuple(unreached_remedies(person))))
    return entries
