"""The types of outcomes: what each means, and which change of a notification becomes which."""

from collections.abc import Mapping
from dataclasses import dataclass

from worker.core.outcomes.facts import BudgetOutcome, Facts, PauseOutcome, RefusalOutcome, TextOutcome
from worker.core.receipts.receipt_labels import Label


@dataclass(frozen=True, slots=True)
class OutcomeType:
    """A type, what it says, and what its `data` is."""

    name: str
    meaning: Label
    data: type[Facts]


ACCEPTED, DELIVERED, READ = "notification.accepted", "notification.delivered", "notification.read"
UNDELIVERED, SKIPPED, CANCELLED = "notification.undelivered", "notification.skipped", "notification.cancelled"
EXPIRED, FAILED, UNCONFIRMED = "notification.expired", "notification.failed", "notification.unconfirmed"
PAUSED, RESUMED = "account.paused", "account.resumed"
BUDGET_SPENT = "budget.spent"
REFUSED = "event.refused"

_OF_TEXTS: Mapping[str, Label] = {
    ACCEPTED: Label("TurboSMS has taken the text.", "TurboSMS прийняв повідомлення."),
    DELIVERED: Label("The text was delivered.", "Повідомлення доставлено."),
    READ: Label("The person has read the text in Viber.", "Людина прочитала повідомлення у Viber."),
    UNDELIVERED: Label("The text did not arrive.", "Повідомлення не доставлено."),
    SKIPPED: Label("The person gets no text, by a rule.", "За правилами людині не пишуть."),
    CANCELLED: Label(
        "The text was taken back before it was sent.", "Повідомлення скасовано до того, як його надіслали."
    ),
    EXPIRED: Label("The text came too late to be of use.", "Повідомлення вже не актуальне, його не надіслано."),
    FAILED: Label("The text could not be sent.", "Повідомлення не вдалося надіслати."),
    UNCONFIRMED: Label(
        "The answer of TurboSMS was lost: the text was perhaps sent.",
        "Відповідь TurboSMS втрачено: можливо, повідомлення надіслано.",
    ),
}
#: In the order in which people are shown them.
TYPES: Mapping[str, OutcomeType] = {
    **{name: OutcomeType(name, meaning, TextOutcome) for name, meaning in _OF_TEXTS.items()},
    PAUSED: OutcomeType(
        PAUSED, Label("Something of the account stands still.", "Надсилання призупинено."), PauseOutcome
    ),
    RESUMED: OutcomeType(RESUMED, Label("What stood still goes on.", "Надсилання відновлено."), PauseOutcome),
    BUDGET_SPENT: OutcomeType(
        BUDGET_SPENT, Label("A budget of one day is spent.", "Денний бюджет витрачено."), BudgetOutcome
    ),
    REFUSED: OutcomeType(REFUSED, Label("An event of the CRM was refused.", "Подію CRM не прийнято."), RefusalOutcome),
}

#: What a CRM hears of a notification's states; of the others it hears nothing, for they pass by themselves.
OF_STATES: Mapping[str, str] = {
    "accepted": ACCEPTED,
    "delivered": DELIVERED,
    "read": READ,
    "undelivered": UNDELIVERED,
    "skipped": SKIPPED,
    "cancelled": CANCELLED,
    "expired": EXPIRED,
    "unconfirmed": UNCONFIRMED,
    "refused": FAILED,
    "failed": FAILED,
}
