"""Sentences about a notification: rendered from what, held until when, sent for how much, delivered or why not."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from worker.core.history.sentences.moment import spelled
from worker.core.history.sentences.reason import words_of
from worker.core.history.story import AttemptFacts, NotificationFacts, TransitionFacts
from worker.core.receipts.channel_status import CANCELLED
from worker.core.receipts.receipt_labels import Label
from worker.core.sending.nudge import NotificationId, text_id

CHANNELS: Mapping[str, Label] = {
    "sms": Label("SMS", "SMS"),
    "viber": Label("Viber", "Viber"),
    "viber_then_sms": Label("Viber, else SMS", "Viber, інакше SMS"),
}
#: Who is written to.
KINDS: Mapping[str, Label] = {
    "contact": Label("contact", "контакт"),
    "lead": Label("lead", "лід"),
    "staff": Label("colleague", "співробітник"),
    "proposal": Label("the proposal's person", "отримувач пропозиції"),
    "order": Label("the order's buyer", "покупець замовлення"),
    "booking": Label("the booking's guest", "клієнт бронювання"),
    "operator": Label("operator", "оператор"),
}
#: How a state is said before its reason.
HEADS: Mapping[str, Label] = {
    "skipped": Label("Not sent", "Не надіслано"),
    "failed": Label("Not sent", "Не надіслано"),
    "expired": Label("Not sent", "Не надіслано"),
    "cancelled": Label("Cancelled", "Скасовано"),
    "postponed": Label("Held", "Відкладено"),
    "refused": Label("Refused by TurboSMS", "Відхилено TurboSMS"),
    "undelivered": Label("Not delivered", "Не доставлено"),
    "unconfirmed": Label("Perhaps sent", "Можливо, надіслано"),
    "accepted": Label("Taken by TurboSMS", "Прийнято TurboSMS"),
    "sent": Label("Sent", "Надіслано"),
}
#: What is said of a state without a reason.
PLAIN: Mapping[str, Label] = {
    "sending": Label("Handed to TurboSMS", "Передано до TurboSMS"),
    "accepted": Label("TurboSMS has taken it", "TurboSMS прийняв повідомлення"),
    "sent": Label("On its way; delivery is awaited", "Надіслано, доставку ще не підтверджено"),
    "delivered": Label("Delivered", "Доставлено"),
    "read": Label("Read in Viber", "Прочитано у Viber"),
    "undelivered": Label("Not delivered", "Не доставлено"),
}
#: How a text comes to be planned, by who plans it; a person, or the same fact that came again.
PLANNED_BY: Mapping[str, Label] = {
    "accept": Label("The same fact came again: planned anew", "Той самий факт надійшов знову: заплановано ще раз"),
    "release": Label("Its time has come: it is checked again", "Настав час: перевіряється ще раз"),
}
BY_A_PERSON = Label("A person has it sent again", "Людина вирішила надіслати знову")


def addressed_sentence(notification: NotificationFacts, zone: str) -> Label:
    """To whom, by which trigger and channel, in which words."""
    kind = KINDS.get(notification.recipient_kind, Label(notification.recipient_kind, notification.recipient_kind))
    channel, phone = CHANNELS[notification.channel], notification.phone or "-"
    whom_en = f"{kind.en} {notification.recipient_id} ({phone})"
    whom_uk = f"{kind.uk} {notification.recipient_id} ({phone})"
    en = f"Text for {whom_en} by {channel.en}, trigger {notification.trigger}"
    uk = f"Повідомлення: {whom_uk}, {channel.uk}, тригер {notification.trigger}"
    if template := notification.template:
        at = spelled(template.created_at, zone)
        en = f"{en}, template version {template.version} in {notification.locale} ({template.author}, {at})"
        uk = f"{uk}, шаблон {notification.locale}, версія {template.version} ({template.author}, {at})"
    if notification.segments:
        en, uk = f"{en}, segments: {notification.segments}", f"{uk}, сегментів: {notification.segments}"
    return Label(f"{en}.", f"{uk}.")


def moved_sentence(
    transition: TransitionFacts,
    notification: NotificationFacts,
    *,
    until: datetime | None,
    attempt: AttemptFacts | None,
    zone: str,
    codes: Mapping[str, Label],
) -> Label:
    match transition.after:
        case "planned":
            return planned_sentence(transition)
        case "postponed":
            return held_sentence(transition, until=until, zone=zone, codes=codes)
        case "sending":
            return handed_sentence(attempt)
        case state if transition.reason and state in HEADS:
            return because(HEADS[state], words_of(state, transition.reason, codes), by=transition.actor)
        case "delivered" | "undelivered":
            return by_channel(PLAIN[transition.after], notification)
        case state:
            label = PLAIN.get(state, HEADS.get(state, Label(state, state)))
            return Label(f"{label.en}.", f"{label.uk}.")


def planned_sentence(transition: TransitionFacts) -> Label:
    person = person_of(transition.actor)
    if transition.before is None:
        return Label("Planned: it goes at once.", "Заплановано: надсилається одразу.")
    if person is not None:
        by = f": {person}" if person else ""
        return Label(f"{BY_A_PERSON.en}{by}.", f"{BY_A_PERSON.uk}{by}.")
    label = PLANNED_BY.get(transition.actor, PLANNED_BY["release"])
    return Label(f"{label.en}.", f"{label.uk}.")


def person_of(actor: str) -> str | None:
    """The name of a person among actors, `operator/ivan`; empty where nobody gave one, None where it was no person."""
    kind, _, name = actor.partition("/")
    return name if kind == "operator" else None


def held_sentence(
    transition: TransitionFacts, *, until: datetime | None, zone: str, codes: Mapping[str, Label]
) -> Label:
    head = HEADS["postponed"]
    if until:
        at = spelled(until, zone)
        head = Label(f"Held until {at}", f"Відкладено до {at}")
    return because(head, words_of("postponed", transition.reason or "", codes))


def because(head: Label, words: Label, *, by: str = "") -> Label:
    """Join a state and its reason: `Cancelled: the meeting was cancelled (ivan)`."""
    person = person_of(by)
    who = f" ({person})" if person else ""
    is_sentence = words.uk[:1].isupper()
    return Label(f"{head.en}: {words.en}{who}.", f"{head.uk}{'. ' if is_sentence else ': '}{words.uk}{who}.")


def handed_sentence(attempt: AttemptFacts | None) -> Label:
    label = PLAIN["sending"]
    if attempt is None or not attempt.segments:
        return Label(f"{label.en}.", f"{label.uk}.")
    en, uk = f"{label.en}, segments: {attempt.segments}", f"{label.uk}, сегментів: {attempt.segments}"
    if attempt.cost:
        cost = money(attempt.cost)
        en, uk = f"{en}, about {cost} UAH", f"{uk}, близько {cost} грн"
    return Label(f"{en}.", f"{uk}.")


def resent_sentence(first: NotificationId) -> Label:
    return Label(
        f"A person has {text_id(first)} sent again by this text.",
        f"Людина вирішила надіслати знову {text_id(first)}: це воно.",
    )


def posts_sentence(posts: int) -> Label:
    return Label(
        f"An answer was lost: TurboSMS was asked {posts} times under the same key, which makes one message.",
        f"Відповідь загубилася: TurboSMS запитано з тим самим ключем, разів: {posts}; повідомлення одне.",
    )


def by_channel(label: Label, notification: NotificationFacts) -> Label:
    arrived = next((receipt for receipt in notification.receipts if receipt.status == notification.state), None)
    if arrived is None:
        return Label(f"{label.en}.", f"{label.uk}.")
    channel = CHANNELS[arrived.channel]
    return Label(f"{label.en} by {channel.en}.", f"{label.uk}: {channel.uk}.")


def priced_sentence(notification: NotificationFacts) -> Label | None:
    """What TurboSMS took for it, all channels together; None while no price is known."""
    priced = [receipt for receipt in notification.receipts if receipt.price is not None]
    if not priced:
        return None
    paid = sum((each.price or Decimal(0) for each in priced if each.status != CANCELLED), Decimal(0))
    segments = sum(receipt.segments or 0 for receipt in priced)
    en, uk = f"Price: {money(paid)} UAH", f"Ціна: {money(paid)} грн"
    if segments:
        en, uk = f"{en}, segments: {segments}", f"{uk}, сегментів: {segments}"
    return Label(f"{en}.", f"{uk}.")


def money(amount: Decimal) -> str:
    """`0.95`, and no more figures than it needs."""
    return f"{amount.normalize():f}"


def rest_sentence(notification: NotificationFacts, *, zone: str, now: datetime) -> Label:
    """What a text waits for that nothing holds."""
    last, due = spelled(notification.expires_at, zone), notification.due_at
    when = spelled(due, zone) if due and due > now else None
    match notification.state:
        case "postponed":
            at_en, at_uk = (f"at {when}", f"о {when}") if when else ("within a minute", "за хвилину")
            return Label(
                f"Now: it is looked at again {at_en}; after {last} it would come too late.",
                f"Зараз: наступна спроба {at_uk}; після {last} буде пізно.",
            )
        case "planned":
            return Label(
                f"Now: a worker takes it within a minute; after {last} it would come too late. If it stays so, see"
                " perfectum-sms check.",
                f"Зараз: робочий процес візьме його за хвилину; після {last} буде пізно. Якщо нічого не змінюється:"
                " perfectum-sms check.",
            )
        case "sending":
            return Label(
                "Now: the answer of TurboSMS is awaited; if it is lost, the same key is asked for again.",
                "Зараз: чекаємо на відповідь TurboSMS; якщо вона загубиться, запитаємо ще раз з тим самим ключем.",
            )
        case _:
            asked_en, asked_uk = (f"; asked for at {when}", f"; запитаємо {when}") if when else ("", "")
            return Label(
                f"Now: the report of delivery is awaited{asked_en}.", f"Зараз: чекаємо на звіт про доставку{asked_uk}."
            )
