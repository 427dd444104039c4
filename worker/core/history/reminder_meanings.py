"""Why a reminder of the clock was not published, where no notification has the same reason."""

from collections.abc import Mapping

from worker.core.history.meaning import Meaning, meaning
from worker.core.reminders.fire import CANCELLED, NO_RULE, OVERTAKEN

REMINDERS: Mapping[str, Meaning] = {
    OVERTAKEN: meaning(
        "the next reminder of the same moment was due already",
        "настав час уже наступного нагадування про те саме",
    ),
    CANCELLED: meaning(
        "the record was cancelled",
        "запис скасовано",
    ),
    NO_RULE: meaning(
        "its trigger was off, or set otherwise, by then",
        "на той час її тригер був вимкнений або налаштований інакше",
        "See when it goes now: perfectum-sms trigger show ACCOUNT TRIGGER.",
        "Подивіться, коли вона надсилається тепер: perfectum-sms trigger show ACCOUNT TRIGGER.",
    ),
}
