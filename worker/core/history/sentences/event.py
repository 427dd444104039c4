"""Sentences about an event: received, matched or not and why."""

from collections.abc import Iterable
from datetime import timedelta

from worker.core.history.event_meanings import OUTCOMES
from worker.core.history.sentences.moment import spelled
from worker.core.history.story import EventFacts, TriggerFacts
from worker.core.receipts.receipt_labels import Label
from worker.core.sending.nudge import text_id
from worker.core.triggers.catalogue import BY_ID

#: An event that comes later than this after what it tells of was late.
LATE = timedelta(minutes=2)
NOBODY = Label("nobody", "нікого")


def received_sentence(event: EventFacts, zone: str) -> Label:
    en, uk = f"Received {event.type} as event {event.event_id}", f"Отримано {event.type}, подія {event.event_id}"
    if event.received_at - event.occurred_at > LATE:
        happened = spelled(event.occurred_at, zone)
        return Label(f"{en}; it happened at {happened}.", f"{uk}; сталося {happened}.")
    return Label(f"{en}.", f"{uk}.")


def repeated_sentence(repeats: int) -> Label:
    en = f"It came again ({repeats} more): a repeat changes nothing."
    return Label(en, f"Надійшла повторно (ще {repeats}): повтор нічого не змінює.")


def trigger_sentence(trigger: TriggerFacts, zone: str) -> Label:
    """Whether a trigger was on, who switched it, and whether the event meets its condition."""
    name, label = trigger.trigger, BY_ID[trigger.trigger].label
    on_en, on_uk = ("on", "увімкнений") if trigger.was_on else ("off", "вимкнений")
    en, uk = f"Trigger {name} was {on_en}", f"Тригер «{label}» ({name}) був {on_uk}"
    if switched := trigger.switched:
        at = spelled(switched.at, zone)
        en, uk = f"{en} ({switched.by} switched it {at})", f"{uk} (перемкнув {switched.by} {at})"
    if trigger.was_on and not trigger.is_met:
        en, uk = f"{en}, but its condition did not hold", f"{uk}, але його умова не виконана"
    if trigger.was_on != trigger.is_on:
        en = f"{en}; it is {'on' if trigger.is_on else 'off'} now"
        uk = f"{uk}; зараз {'увімкнений' if trigger.is_on else 'вимкнений'}"
    return Label(f"{en}.", f"{uk}.")


def outcome_sentence(event: EventFacts, zone: str) -> tuple[Label, Label | None]:
    """What an event came to, and what can be done about it."""
    meaning = OUTCOMES[event.outcome]
    match event.outcome:
        case "no_recipient":
            return no_recipient_sentence(event), meaning.remedy
        case "already_planned" if event.earlier:
            return already_planned_sentence(event, zone), meaning.remedy
        case "recorded" if event.triggers:
            return condition_sentence(event), None
        case _:
            return meaning.sentence, meaning.remedy


def no_recipient_sentence(event: EventFacts) -> Label:
    asked = sorted({kind for trigger in event.triggers if trigger.was_on for kind in trigger.recipient_kinds})
    named = sorted(set(event.recipient_kinds))
    return Label(
        f"Nobody got a text: the event names {listed(named) or NOBODY.en}, its triggers write to {listed(asked)}.",
        f"Нікому не надіслано: подія називає {listed(named) or NOBODY.uk}, а тригери пишуть: {listed(asked)}.",
    )


def already_planned_sentence(event: EventFacts, zone: str) -> Label:
    names = listed(f"{text_id(each.notification_id)} ({spelled(each.created_at, zone)})" for each in event.earlier)
    return Label(
        f"Nobody got a second text: these people were written to about this fact before, as {names}.",
        f"Другого повідомлення немає: про цей факт їм уже писали, {names}.",
    )


def condition_sentence(event: EventFacts) -> Label:
    names = listed(trigger.trigger for trigger in event.triggers)
    return Label(
        f"Its record was brought up to date; nobody was written to, for the condition of {names} did not hold"
        " (whose comment it is, or which status means sent: perfectum-sms trigger show).",
        f"Запис оновлено; нікому не писали, бо умова тригера {names} не виконана"
        " (чий коментар або який статус означає «надіслано»: perfectum-sms trigger show).",
    )


def listed(names: Iterable[str]) -> str:
    return ", ".join(names)
