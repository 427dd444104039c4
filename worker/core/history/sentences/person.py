"""Sentences about a person whom perhaps no event reached."""

from collections.abc import Iterator

from worker.core.history.sentences.moment import spelled
from worker.core.history.story import PersonFacts, Suppressed
from worker.core.receipts.receipt_labels import Label


def suppressed_sentence(suppressed: Suppressed, zone: str) -> Label:
    since = spelled(suppressed.since, zone)
    if suppressed.scope == "marketing":
        return Label(
            f"Since {since} the phone is on the stop-list for advertising ({suppressed.reason}).",
            f"Від {since} номер у стоп-листі для реклами ({suppressed.reason}).",
        )
    return Label(
        f"Since {since} the phone is on the stop-list ({suppressed.reason}): nothing is sent to it.",
        f"Від {since} номер у стоп-листі ({suppressed.reason}): на нього нічого не надсилається.",
    )


def unreached_sentence(person: PersonFacts, zone: str) -> Label:
    since = spelled(max(person.since, person.looked_back_to), zone)
    en = f"No event with {person.phone} came since {since}: {person.events} events of {person.account} were looked at."
    uk = f"Від {since} не було жодної події з номером {person.phone}: переглянуто подій {person.account}: "
    uk = f"{uk}{person.events}."
    if person.last_event_at is None:
        return Label(f"{en} The account has sent no event at all.", f"{uk} Цей обліковий запис не надсилав подій.")
    last = spelled(person.last_event_at, zone)
    return Label(f"{en} Its newest came at {last}.", f"{uk} Найновіша надійшла {last}.")


def unreached_remedies(person: PersonFacts) -> Iterator[Label]:
    account = person.account
    yield Label(
        "See in the CRM whether the person has this very phone, and whether the CRM published the event:"
        " perfectum-sms event list.",
        "Перевірте в CRM, чи в людини саме цей номер і чи надіслала CRM подію: perfectum-sms event list.",
    )
    if person.dead_letters:
        yield Label(
            f"{person.dead_letters} events of {account} were refused: perfectum-sms dead list --account {account}.",
            f"Відхилено подій {account}: {person.dead_letters}. Перегляньте:"
            f" perfectum-sms dead list --account {account}.",
        )
    yield Label(
        f"For reminders see whether the record is in the calendar: perfectum-sms calendar {account}.",
        f"Для нагадувань перевірте, чи є запис у календарі: perfectum-sms calendar {account}.",
    )
