"""Why an event, a notification or a message became a dead letter, and what to do about it."""

from collections.abc import Mapping

from worker.core.history.meaning import Meaning, meaning

_MEND = (
    "Mend it (perfectum-sms dead edit) and replay; or the CRM publishes it anew, then drop this letter.",
    "Виправте її (perfectum-sms dead edit) і повторіть; або CRM надішле її знову, тоді закрийте цей запис.",
)

DEAD_LETTERS: Mapping[str, Meaning] = {
    "not_json": meaning(
        "The body is not JSON.",
        "Тіло події не є JSON.",
        *_MEND,
    ),
    "not_utf8": meaning(
        "The body is not UTF-8.",
        "Тіло події не в кодуванні UTF-8.",
        _MEND[0],
        "Виправте її (perfectum-sms dead edit) і повторіть; або CRM надішле її знову в UTF-8, тоді закрийте цей запис.",
    ),
    "schema": meaning(
        "A field is missing or wrong.",
        "У події бракує поля або поле неправильне.",
        *_MEND,
    ),
    "too_large": meaning(
        "The body is larger than an event may be.",
        "Подія більша, ніж дозволено.",
        "Only its head was kept: the CRM must publish it anew, smaller; then drop this letter.",
        "Збережено лише початок: CRM має надіслати подію знову, меншу; потім закрийте цей запис.",
    ),
    "unknown_type": meaning(
        "The type is not in the contract.",
        "Такого типу події немає в договорі.",
        "A newer worker may know the type: update, then replay; else drop it.",
        "Можливо, тип знає новіша версія: оновіть програму й повторіть подію; інакше закрийте запис.",
    ),
    "unknown_account": meaning(
        "Nobody added this account.",
        "Такого облікового запису не додано.",
        "Add the account (perfectum-sms account add), then replay the letter.",
        "Додайте обліковий запис (perfectum-sms account add) і повторіть подію.",
    ),
    "account_mismatch": meaning(
        "Source and routing key name different accounts.",
        "`source` і ключ маршрутизації називають різні облікові записи.",
        *_MEND,
    ),
    "id_reused": meaning(
        "The id was accepted before with another content; the first counts.",
        "Цей id уже прийнято з іншим вмістом; діє перша подія.",
        "The CRM must give a new fact a new id and publish it again; then drop this letter.",
        "CRM має дати новому факту новий id і надіслати його знову; потім закрийте цей запис.",
    ),
    "too_many": meaning(
        "Its account had no room for more letters; they are only counted here.",
        "Недоставлених подій облікового запису забагато: наступні лише рахуються тут.",
        "Fix what publishes them, replay or drop the others, then drop this letter.",
        "Виправте те, що їх надсилає, повторіть або закрийте решту, потім закрийте цей запис.",
    ),
    "poison": meaning(
        "Workers kept dying while they handled it.",
        "Під час обробки раз у раз завершувався робочий процес.",
        "Look at the body and at the workers' last lines before you replay it.",
        "Перегляньте подію та останні рядки журналу, перш ніж повторювати.",
    ),
    "failed": meaning(
        "It broke while it was being accepted.",
        "Під час приймання події сталася внутрішня помилка.",
        "The traceback shows where; report it. Once it is fixed, replay the letter.",
        "Повідомте розробника: місце помилки збережено. Коли її виправлять, повторіть подію.",
    ),
    "failing": meaning(
        "It kept breaking before it could be sent.",
        "Надсилання раз у раз переривала внутрішня помилка.",
        "The traceback shows where. Fix the cause, then replay the letter: the notification is planned anew.",
        "Місце помилки збережено. Усуньте причину й повторіть: сповіщення буде заплановано знову.",
    ),
    "too_much_work": meaning(
        "Its texts come to more work than one event may ask for.",
        "Тексти цієї події потребують більше роботи, ніж дозволено одній події.",
        "The CRM must shorten text and values, or name fewer people at once; then drop this letter.",
        "CRM має скоротити текст і значення або назвати менше людей одразу; потім закрийте цей запис.",
    ),
    "unknown_template": meaning(
        "It names a custom template that its account does not have.",
        "Подія називає власний шаблон, якого в облікового запису немає.",
        "Add the template under that name (perfectum-sms template add), then replay the letter.",
        "Додайте шаблон із такою назвою (perfectum-sms template add) і повторіть подію.",
    ),
    "missing_value": meaning(
        "A value is missing that its template does not go without.",
        "Бракує значення, без якого шаблон не надсилається.",
        "The CRM publishes the fact with its value; or correct the template, then replay the letter.",
        "CRM надсилає факт зі значенням, або виправте шаблон і повторіть.",
    ),
    "envelope": meaning(
        "It lay on a send queue and is none of our messages.",
        "У черзі надсилання лежало чуже повідомлення.",
        "Find out who publishes to our send queues; the rows are swept anyway. Drop the letter.",
        "З'ясуйте, хто пише в наші черги надсилання; самі сповіщення не втрачено. Закрийте запис.",
    ),
    "left_by_rabbitmq": meaning(
        "RabbitMQ gave up on it.",
        "RabbitMQ відмовився від цього повідомлення.",
        "Nothing is lost by it: the rows are swept anyway. Drop the letter.",
        "Нічого не втрачено: сповіщення знайдуться самі. Закрийте запис.",
    ),
    "taken_away": meaning(
        "A time to live or a limit of its queue took it away before anybody accepted it.",
        "Строк життя або обмеження черги забрали подію раніше, ніж її прийняли.",
        "Clear the policy (rabbitmqctl list_policies) or the CRM's `expiration`, then replay the letter.",
        "Приберіть обмеження (rabbitmqctl list_policies) або `expiration` у CRM і повторіть подію.",
    ),
}
