"""What a receipt means, in words: English for operators, Ukrainian for the CRM's admins."""

from collections.abc import Mapping
from dataclasses import dataclass

from worker.core.receipts.receipt import DeliveryStatus


@dataclass(frozen=True, slots=True)
class Label:
    en: str
    uk: str


_STATES = {
    "accepted": Label("TurboSMS has taken it", "TurboSMS прийняв повідомлення."),
    "sent": Label("on its way, delivery is awaited", "Повідомлення надіслано, доставку ще не підтверджено."),
    "delivered": Label("delivered", "Повідомлення доставлено."),
    "read": Label("read in Viber", "Повідомлення прочитано у Viber."),
}

_LOST = {
    "undelivered": Label(
        "the phone could not be reached", "Не доставлено: оператор не зміг передати повідомлення на телефон."
    ),
    "failed": Label("TurboSMS could not send it", "Не доставлено: TurboSMS не зміг надіслати повідомлення."),
    "expired": Label(
        "its time was over before the phone was reached",
        "Не доставлено: телефон був недоступний, доки не минув строк доставки.",
    ),
    "rejected": Label(
        "the operator, or Viber, did not take it", "Не доставлено: оператор або Viber відхилив повідомлення."
    ),
    "cancelled": Label(
        "the sending was cancelled and the money came back",
        "Не доставлено: надсилання скасовано, кошти повернулися на рахунок TurboSMS.",
    ),
    "not_viber_user": Label("nobody has Viber on this phone", "Не доставлено: на цьому номері немає Viber."),
    "viber_blocked": Label(
        "the person has blocked the sender in Viber", "Не доставлено: отримувач заблокував відправника у Viber."
    ),
    "no_viber_device": Label(
        "the person has no device on which Viber runs", "Не доставлено: отримувач не має пристрою з Viber."
    ),
}

_SILENT = {
    "no_receipt": Label(
        "TurboSMS has not reported for seven days whether it arrived",
        "TurboSMS за сім днів не повідомив, чи доставлено повідомлення.",
    ),
    "not_tracked": Label(
        "TurboSMS does not know the message, so whether it arrived is unknown",
        "TurboSMS не знає цього повідомлення, тому невідомо, чи його доставлено.",
    ),
}

LABELS: Mapping[DeliveryStatus, Label] = {
    **{DeliveryStatus(state): label for state, label in _STATES.items()},
    **{DeliveryStatus("undelivered", reason): label for reason, label in _LOST.items()},
    **{DeliveryStatus(state, reason): label for state in ("accepted", "sent") for reason, label in _SILENT.items()},
}


def label_of(status: DeliveryStatus) -> Label | None:
    return LABELS.get(status)
