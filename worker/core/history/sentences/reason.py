"""A reason as part of a sentence, in both languages."""

from collections.abc import Mapping

from worker.core.history.remedies import REFUSED, REMEDIES
from worker.core.receipts.reason_labels import REASONS
from worker.core.receipts.receipt import DeliveryStatus
from worker.core.receipts.receipt_labels import Label, label_of

#: How our own labels begin in Ukrainian, where a state's word is said before them.
_BEGINNINGS = ("Не надіслано: ", "Не доставлено: ", "Скасовано: ", "Очікує: ", "Очікує своєї черги: ")
#: Where a reason means something else while the text still waits.
_WHILE_WAITING: Mapping[str, Label] = {
    "failing": Label("something broke before it could be sent; it is tried again", "стався збій; спроба повториться"),
    "duplicate": Label(
        "TurboSMS has made the same message a moment ago; it is tried once more",
        "таке саме повідомлення щойно створено; спроба повториться",
    ),
    "key_expired": Label(
        "the answer of TurboSMS was lost, and its trigger prefers twice to never",
        "відповідь TurboSMS втрачено, а тригер радше надішле двічі, ніж жодного разу",
    ),
    "too_late": Label("its time runs out", "строк повідомлення спливає"),
}


def words_of(state: str, reason: str, codes: Mapping[str, Label]) -> Label:
    """Why a text is in a state: `the person has no phone`, `у отримувача немає номера телефону`."""
    waiting = _WHILE_WAITING.get(reason) if state == "postponed" else None
    reported = [label_of(DeliveryStatus(each, reason)) for each in (state, "undelivered", "sent")]
    known = (waiting, reported[0], REASONS.get(reason), codes.get(reason), *reported[1:])
    label = next(filter(None, known), None)
    if label is None:
        return Label(f"TurboSMS reports {reason}", f"TurboSMS повідомляє {reason}")
    return Label(label.en.rstrip("."), without_beginning(label.uk).rstrip("."))


def without_beginning(text: str) -> str:
    beginning = next((beginning for beginning in _BEGINNINGS if text.startswith(beginning)), "")
    return text.removeprefix(beginning)


def remedy_of(state: str, reason: str | None) -> Label | None:
    """What can be done about a text that did not go; what TurboSMS refuses and nobody explains is asked there."""
    return REMEDIES.get(reason or "") or (REFUSED if state == "refused" else None)


def filled(remedy: Label | None, account: str, trigger: str | None) -> tuple[Label, ...]:
    """A remedy with the names that its commands are for; none, if there is none."""
    if remedy is None:
        return ()
    en, uk = (
        text.replace("ACCOUNT", account).replace("TRIGGER", trigger or "TRIGGER") for text in (remedy.en, remedy.uk)
    )
    return (Label(en, uk),)
