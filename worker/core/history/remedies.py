"""What somebody can do about a text that did not go or arrive, by its reason; the words why are reason_labels'."""

from collections.abc import Mapping

from worker.core.receipts.receipt_labels import Label

_RECORD = Label(
    "Nothing: the text was not true any more. A later change of the record has an event of its own.",
    "Нічого: повідомлення вже не відповідало дійсності. Наступна зміна запису матиме власну подію.",
)
_SUPPORT = Label(
    "Look at it: perfectum-sms dead list. Once the cause is mended, replay the letter.",
    "Перегляньте: perfectum-sms dead list. Коли причину усунуть, повторіть надсилання.",
)
_UNKNOWN = Label(
    "See at TurboSMS whether it arrived, then decide: perfectum-sms unconfirmed list.",
    "Перевірте в кабінеті TurboSMS, чи дійшло, і вирішіть: perfectum-sms unconfirmed list.",
)
_LIMITS = Label(
    "It goes by itself later. To allow more texts a person: perfectum-sms account set ACCOUNT --person-hour.",
    "Піде саме пізніше. Дозволити більше повідомлень на людину: perfectum-sms account set ACCOUNT --person-hour.",
)
_RUNAWAY = Label(
    "See whether these texts are wanted, then: perfectum-sms account resume ACCOUNT.",
    "Переконайтеся, що ці повідомлення потрібні, тоді: perfectum-sms account resume ACCOUNT.",
)
_VIBER_ONLY = Label(
    "Let the trigger fall back to SMS: perfectum-sms trigger set ACCOUNT TRIGGER --channel viber_then_sms.",
    "Дозвольте SMS, коли Viber недоступний: perfectum-sms trigger set ACCOUNT TRIGGER --channel viber_then_sms.",
)
_UNREACHED = Label(
    "Check the phone with the person, or reach them another way.",
    "Уточніть номер в отримувача або зв'яжіться іншим способом.",
)
_PHONE = Label(
    "Put a mobile phone on the person in the CRM; the next event goes to it.",
    "Вкажіть у CRM мобільний номер отримувача: наступна подія піде на нього.",
)

REMEDIES: Mapping[str, Label] = {
    "no_phone": _PHONE,
    "bad_phone": _PHONE,
    "landline": _PHONE,
    "suppressed": Label(
        "If the person wants texts again: perfectum-sms suppression remove ACCOUNT PHONE.",
        "Якщо людина знову хоче повідомлень: perfectum-sms suppression remove ACCOUNT PHONE.",
    ),
    "no_consent": Label(
        "Note the person's consent in the CRM, which publishes it; see perfectum-sms consent.",
        "Зазначте згоду отримувача в CRM; що відомо про згоду: perfectum-sms consent.",
    ),
    "do_not_notify": Label(
        "The CRM decides this by the event's own mark; correct it there if it is wrong.",
        "Це вирішує позначка в події CRM; якщо вона хибна, виправте її в CRM.",
    ),
    "blank_text": Label(
        "Write the template's text in the person's language: perfectum-sms template edit ACCOUNT TRIGGER.",
        "Заповніть текст шаблону мовою отримувача: perfectum-sms template edit ACCOUNT TRIGGER.",
    ),
    "missing_value": Label(
        "The CRM publishes the fact with its value; or correct the template, then replay: perfectum-sms dead list.",
        "CRM надсилає факт зі значенням; або виправте шаблон і повторіть: perfectum-sms dead list.",
    ),
    "document_too_old": Label(
        "To write about older documents, change the trigger's age: perfectum-sms trigger set ACCOUNT TRIGGER.",
        "Щоб писати про давніші документи, змініть вік документа в тригері: perfectum-sms trigger set ACCOUNT TRIGGER.",
    ),
    "not_overdue": Label(
        "Check the last day that the CRM has sent; the event must come after it.",
        "Перевірте строк, який надіслала CRM: подія має прийти після нього.",
    ),
    "record_changed": _RECORD,
    "record_moved": _RECORD,
    "record_deleted": _RECORD,
    "invoice_settled": _RECORD,
    "nothing_due": _RECORD,
    "birthday_unknown": Label(
        "Write the right birthday in the CRM.",
        "Вкажіть у CRM справжню дату народження.",
    ),
    "no_viber": _VIBER_ONLY,
    "viber_sender_not_set": Label(
        "Set it: perfectum-sms account set ACCOUNT --viber-sender.",
        "Вкажіть його: perfectum-sms account set ACCOUNT --viber-sender.",
    ),
    "viber_text_too_long": Label(
        "Shorten the template: perfectum-sms template edit ACCOUNT TRIGGER.",
        "Скоротіть шаблон: perfectum-sms template edit ACCOUNT TRIGGER.",
    ),
    "viber_sender": Label(
        "Have the Viber sender activated at TurboSMS, then: perfectum-sms account resume ACCOUNT.",
        "Активуйте відправника Viber у TurboSMS, тоді: perfectum-sms account resume ACCOUNT.",
    ),
    "quiet_hours": Label(
        "It goes by itself. To change the hours: perfectum-sms account set ACCOUNT --hours.",
        "Піде саме. Змінити дозволені години: perfectum-sms account set ACCOUNT --hours.",
    ),
    "budget_spent": Label(
        "It goes by itself the next day. To send now: perfectum-sms account set ACCOUNT --daily-budget.",
        "Піде саме наступного дня. Щоб надіслати зараз: perfectum-sms account set ACCOUNT --daily-budget.",
    ),
    "paced": Label(
        "It goes by itself. To send faster, raise the account's pace: perfectum-sms account set ACCOUNT --rate.",
        "Піде саме. Щоб надсилати швидше, збільште темп облікового запису: perfectum-sms account set ACCOUNT --rate.",
    ),
    "person_hour": _LIMITS,
    "person_day": _LIMITS,
    "paused": Label(
        "See who paused it and why: perfectum-sms pauses. Let it go on: perfectum-sms resume --help.",
        "Подивіться, хто і чому призупинив: perfectum-sms pauses. Відновити: perfectum-sms resume --help.",
    ),
    "runaway": _RUNAWAY,
    "money": Label(
        "Top up the TurboSMS account: sending goes on by itself within a few minutes.",
        "Поповніть рахунок TurboSMS: надсилання відновиться саме за кілька хвилин.",
    ),
    "token": Label(
        "Give a token that works: perfectum-sms account token ACCOUNT.",
        "Вкажіть чинний ключ доступу: perfectum-sms account token ACCOUNT.",
    ),
    "sender": Label(
        "Have the sender activated at TurboSMS, or set another: perfectum-sms account set ACCOUNT --sender.",
        "Активуйте ім'я відправника в TurboSMS або вкажіть інше: perfectum-sms account set ACCOUNT --sender.",
    ),
    "provider_unreachable": Label(
        "It is tried again by itself. See whether TurboSMS answers: perfectum-sms check.",
        "Спроба повториться сама. Перевірте зв'язок із TurboSMS: perfectum-sms check.",
    ),
    "failing": _SUPPORT,
    "poison": _SUPPORT,
    "too_late": Label(
        "Nothing is left to do for this one; see below or above what it waited for.",
        "Для цього повідомлення вже нічого не зробити; подивіться, чого воно чекало.",
    ),
    "not_now": Label("Send it again.", "Надішліть ще раз."),
    "account_removed": Label(
        "Add the account again: perfectum-sms account add ACCOUNT.",
        "Додайте обліковий запис знову: perfectum-sms account add ACCOUNT.",
    ),
    "unknown_code": Label("Ask TurboSMS what the code means.", "Запитайте підтримку TurboSMS, що означає цей код."),
    "key_expired": _UNKNOWN,
    "not_wanted": _UNKNOWN,
    "repeat": _UNKNOWN,
    "recipient_repeat": _UNKNOWN,
    "left_out": _UNKNOWN,
    "duplicate": Label(
        "If the same words are meant twice, change the template so that the texts differ.",
        "Якщо однакові слова потрібні двічі, змініть шаблон так, щоб тексти відрізнялися.",
    ),
    "undelivered": _UNREACHED,
    "failed": _UNREACHED,
    "expired": _UNREACHED,
    "rejected": _UNREACHED,
    "cancelled": Label(
        "Somebody cancelled it in the TurboSMS account; ask who has access to it.",
        "Хтось скасував його в кабінеті TurboSMS; з'ясуйте, хто має доступ.",
    ),
    "not_viber_user": _VIBER_ONLY,
    "viber_blocked": _VIBER_ONLY,
    "no_viber_device": _VIBER_ONLY,
    "no_receipt": Label("Look the message up in the TurboSMS account.", "Перевірте повідомлення в кабінеті TurboSMS."),
    "not_tracked": Label("Look the message up in the TurboSMS account.", "Перевірте повідомлення в кабінеті TurboSMS."),
    "invalid_phone": Label(
        "Correct the phone in the CRM; the next event goes to it.",
        "Виправте номер у CRM: наступна подія піде на нього.",
    ),
    "not_allowed_number_stoplist": Label(
        "Only the person can ask TurboSMS to take the phone off its stop-list.",
        "Лише сама людина може попросити TurboSMS вилучити номер зі стоп-листа.",
    ),
    "not_allowed_message_text": Label(
        "Change the template: perfectum-sms template edit ACCOUNT TRIGGER.",
        "Змініть шаблон: perfectum-sms template edit ACCOUNT TRIGGER.",
    ),
    "not_allowed_message_text_length": Label(
        "Shorten the template: perfectum-sms template edit ACCOUNT TRIGGER.",
        "Скоротіть шаблон: perfectum-sms template edit ACCOUNT TRIGGER.",
    ),
}

#: What TurboSMS has refused for a reason of its own.
REFUSED = Label(
    "See the provider's words above; ask TurboSMS support if they do not help.",
    "Зважайте на пояснення TurboSMS вище; якщо не допомагає, зверніться до підтримки TurboSMS.",
)
