"""What stands still, and what lets it go on."""

from collections.abc import Mapping

from worker.core.hands.pause_scope import BY_HAND
from worker.core.history.meaning import Meaning, meaning
from worker.core.history.remedies import REMEDIES
from worker.core.receipts.receipt_labels import Label
from worker.core.sending.pause import NO_TOKEN, RUNAWAY, SENDER, VIBER_SENDER

#: Of an account as a whole, of TurboSMS as it sees it, and of its Viber.
PAUSES: Mapping[str, Meaning] = {
    "money": Meaning(
        Label("TurboSMS wants money", "на рахунку TurboSMS недостатньо коштів"),
        REMEDIES["money"],
    ),
    "token": Meaning(
        Label("TurboSMS does not take the token", "TurboSMS не приймає ключ доступу"),
        REMEDIES["token"],
    ),
    NO_TOKEN: meaning(
        "its token was lost with the secret key: perfectum-sms account token",
        "ключ доступу втрачено разом із секретним ключем",
        "Give the token anew: perfectum-sms account token ACCOUNT.",
        "Введіть ключ доступу знову: perfectum-sms account token ACCOUNT.",
    ),
    SENDER: Meaning(
        Label("TurboSMS does not take the sender", "TurboSMS не приймає ім'я відправника"),
        REMEDIES[SENDER],
    ),
    VIBER_SENDER: Meaning(
        Label("TurboSMS does not take the Viber sender", "TurboSMS не приймає відправника Viber"),
        REMEDIES[VIBER_SENDER],
    ),
    BY_HAND: meaning(
        "a person paused it",
        "надсилання призупинила людина",
        "It goes on when a person resumes it, or at the moment that they named: perfectum-sms pauses.",
        "Відновиться, коли це зробить людина або настане вказаний нею час: perfectum-sms pauses.",
    ),
    "provider_failing": meaning(
        "TurboSMS fails or crawls",
        "TurboSMS відповідає помилками або надто повільно",
        "It goes on by itself once TurboSMS works again: perfectum-sms check.",
        "Надсилання відновиться саме, щойно TurboSMS запрацює: perfectum-sms check.",
    ),
}

#: A pause for RUNAWAY, by what ran away.
RUNAWAYS: Mapping[str, Meaning] = {
    "trigger": Meaning(
        Label("it sent far more in an hour than ever before", "за годину надіслано набагато більше, ніж будь-коли"),
        REMEDIES[RUNAWAY],
    ),
    "person": Meaning(
        Label(
            "somebody was to get far more in a day than ever before",
            "одна людина мала отримати за добу набагато більше, ніж будь-коли",
        ),
        REMEDIES[RUNAWAY],
    ),
}


def meaning_of_pause(scope: str, reason: str) -> Meaning | None:
    return RUNAWAYS.get(scope.partition("/")[0]) if reason == RUNAWAY else PAUSES.get(reason)
