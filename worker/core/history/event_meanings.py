"""What became of an accepted event, in words."""

from collections.abc import Mapping

from worker.core.history.meaning import Meaning, meaning

OUTCOMES: Mapping[str, Meaning] = {
    "planned": meaning(
        "The event led to notifications.",
        "За подією створено сповіщення.",
    ),
    "already_planned": meaning(
        "These people were written to about this fact before, so nobody gets a second text.",
        "Цим людям уже писали про цей факт, тому другого повідомлення немає.",
        "If it is a new fact, the CRM must publish it with its own record, date or version.",
        "Якщо факт новий, CRM має надіслати його з власним записом, датою або версією.",
    ),
    "no_recipient": meaning(
        "The event names nobody of a kind that its triggers write to.",
        "Подія не називає нікого, кому пишуть її тригери.",
        "The CRM must name such a recipient (perfectum-sms event types), and publish a new event.",
        "CRM має назвати такого отримувача (perfectum-sms event types) і надіслати нову подію.",
    ),
    "switched_off": meaning(
        "No trigger was switched on for it.",
        "Жоден тригер для цієї події не був увімкнений.",
        "Switch the trigger on (perfectum-sms trigger on ACCOUNT TRIGGER); later events go, this one stays.",
        "Увімкніть тригер (perfectum-sms trigger on ACCOUNT TRIGGER): надсилатимуться наступні події, але не ця.",
    ),
    "recorded": meaning(
        "Its record and the calendar were brought up to date; such an event writes to nobody at once.",
        "Запис і календар оновлено; за такою подією одразу нікому не пишуть.",
        "See which reminders it leads to: perfectum-sms calendar ACCOUNT.",
        "Подивіться, до яких нагадувань вона веде: perfectum-sms calendar ACCOUNT.",
    ),
}
