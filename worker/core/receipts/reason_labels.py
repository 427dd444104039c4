"""Why a text did not go, or does not go yet, in words: English for operators, Ukrainian for the CRM's admins."""

from collections.abc import Mapping

from worker.core.receipts.receipt import DeliveryStatus
from worker.core.receipts.receipt_labels import Label

#: What each of our own reasons means; those of receipts are receipt_labels', the provider's codes speak themselves.
REASONS: Mapping[str, Label] = {
    "no_phone": Label("the person has no phone", "Не надіслано: у отримувача немає номера телефону."),
    "bad_phone": Label("what is given is no phone", "Не надіслано: номер телефону неправильний."),
    "landline": Label(
        "a landline or service number takes no SMS", "Не надіслано: це міський або службовий номер, він не приймає SMS."
    ),
    "suppressed": Label("the phone is on the stop-list", "Не надіслано: номер у стоп-листі."),
    "no_consent": Label(
        "advertising needs the person's consent, and there is none",
        "Не надіслано: отримувач не дав згоди на рекламні повідомлення або відкликав її.",
    ),
    "erased": Label("the person asked to be forgotten", "Скасовано: дані отримувача стерто на його прохання."),
    "recipient_deleted": Label("the person was deleted in the CRM", "Скасовано: отримувача видалено з CRM."),
    "sent_elsewhere": Label(
        "the person's new phone gets the same", "Скасовано: те саме надсилається на новий номер отримувача."
    ),
    "do_not_notify": Label("the CRM asked to notify nobody", "Не надіслано: CRM попросила нікого не сповіщати."),
    "self_assigned": Label(
        "nobody gets a text about what they did",
        "Не надіслано: співробітник зробив це сам, тож знає про це.",
    ),
    "blank_text": Label("nothing is left of its text", "Не надіслано: текст порожній. Перевірте шаблон."),
    "missing_value": Label(
        "a value is missing that its template does not go without",
        "Не надіслано: бракує значення, без якого шаблон не надсилається.",
    ),
    "document_too_old": Label(
        "the document is older than its account writes about", "Не надіслано: документ задавній для сповіщення."
    ),
    "not_overdue": Label("its last day is still ahead", "Не надіслано: строк ще не минув."),
    "record_changed": Label(
        "the record changed, and the text cannot be made anew", "Скасовано: запис змінився, текст більше не відповідає."
    ),
    "record_moved": Label(
        "the record moved to another date, which has an event of its own",
        "Скасовано: запис перенесено, про це буде окреме сповіщення.",
    ),
    "record_deleted": Label("the record was deleted", "Скасовано: запис видалено."),
    "invoice_settled": Label(
        "the invoice is paid, refunded, cancelled or a draft",
        "Скасовано: рахунок оплачено, повернено, скасовано або він є чернеткою.",
    ),
    "nothing_due": Label("nothing is left to pay", "Скасовано: сплачувати вже нічого."),
    "birthday_unknown": Label(
        "the birthday is what programs write for none", "Скасовано: дата народження в CRM не вказана."
    ),
    "reminder_done": Label(
        "the reminder was cancelled, or is done with", "Скасовано: нагадування скасовано або вже виконано."
    ),
    "reminders_cancelled": Label(
        "reminders of this invoice were switched off", "Скасовано: нагадування про цей рахунок вимкнено."
    ),
    "proposal_draft": Label("the proposal is a draft", "Скасовано: пропозиція є чернеткою."),
    "proposal_decided": Label(
        "the proposal was accepted, declined or withdrawn already",
        "Скасовано: пропозицію вже прийнято, відхилено або відкликано.",
    ),
    "contract_hidden": Label(
        "the client does not see the contract, or it is in the bin",
        "Скасовано: договір приховано від клієнта або видалено до кошика.",
    ),
    "contract_ended": Label("the contract was ended", "Скасовано: договір розірвано або завершено."),
    "order_cancelled": Label("the order was cancelled", "Скасовано: замовлення скасовано."),
    "booking_cancelled": Label("the booking was cancelled", "Скасовано: бронювання скасовано."),
    "meeting_cancelled": Label("the meeting was cancelled", "Скасовано: зустріч скасовано."),
    "task_done": Label("the task is done, or was cancelled", "Скасовано: завдання вже виконано або скасовано."),
    "no_viber": Label(
        "Viber does not reach this phone, and it has no other way",
        "Не надіслано: на цьому номері немає Viber, а SMS не передбачено.",
    ),
    "viber_sender_not_set": Label(
        "the account has no Viber sender (account set --viber-sender)",
        "Не надіслано: для облікового запису не вказано відправника Viber.",
    ),
    "viber_text_too_long": Label(
        "the text is too long for Viber", "Не надіслано: текст задовгий для Viber. Скоротіть шаблон."
    ),
    "viber_sender": Label(
        "TurboSMS does not take the Viber sender: Viber is paused",
        "Очікує: TurboSMS не приймає відправника Viber, надсилання у Viber зупинено.",
    ),
    "quiet_hours": Label(
        "it is outside the hours in which people may be written to",
        "Очікує: зараз не час для повідомлень, піде в дозволені години.",
    ),
    "budget_spent": Label(
        "the daily budget is spent, and it waits for the next day",
        "Очікує: денний бюджет витрачено, піде наступного дня.",
    ),
    "phone_taken": Label(
        "the new phone was a deleted person's, whose text ends first",
        "Очікує: новий номер належав видаленому отримувачу, спершу завершиться його повідомлення.",
    ),
    "scheduled": Label("it waits for the moment that a person named", "Очікує часу, який вказала людина."),
    "paced": Label(
        "it waits in line, for the account has a pace", "Очікує своєї черги: надсилання йде з обмеженою швидкістю."
    ),
    "person_hour": Label(
        "this phone got as many texts as it may in an hour",
        "Очікує: цей номер уже отримав дозволену кількість SMS за годину.",
    ),
    "person_day": Label(
        "this phone got as many texts as it may in a day",
        "Очікує: цей номер уже отримав дозволену кількість SMS за добу.",
    ),
    "paused": Label("a person paused it, and it waits until it is resumed", "Очікує: надсилання призупинила людина."),
    "runaway": Label(
        "far too many texts: it was stopped and waits for a person",
        "Очікує: повідомлень надто багато, надсилання зупинено до рішення людини.",
    ),
    "money": Label(
        "no money at TurboSMS: the account is paused",
        "Очікує: на рахунку TurboSMS недостатньо коштів. Поповніть рахунок.",
    ),
    "token": Label(
        "TurboSMS does not take the token: the account is paused",
        "Очікує: TurboSMS не приймає ключ доступу. Оновіть ключ у налаштуваннях.",
    ),
    "sender": Label(
        "TurboSMS does not take the sender: the account is paused",
        "Очікує: TurboSMS не приймає ім'я відправника. Перевірте його в TurboSMS.",
    ),
    "provider_unreachable": Label(
        "TurboSMS could not be reached; it is tried again", "Очікує: TurboSMS недоступний. Спроба повториться."
    ),
    "worker_ended": Label(
        "the worker ended before it could be sent; another sends it",
        "Очікує: надсилання перервано до передачі в TurboSMS. Спроба повториться.",
    ),
    "failing": Label(
        "it broke before it could be sent (perfectum-sms dead list)",
        "Не надіслано: сталася внутрішня помилка. Зверніться до підтримки.",
    ),
    "too_late": Label("it came too late to be of use", "Не надіслано: повідомлення вже не актуальне."),
    "same_text": Label(
        "this phone got the same text a moment ago", "Скасовано: цей номер щойно отримав такий самий текст."
    ),
    "poison": Label(
        "workers kept dying while they sent it (perfectum-sms dead list)",
        "Не надіслано: під час надсилання повторювався збій. Зверніться до підтримки.",
    ),
    "not_now": Label("it could not go at once", "Скасовано: надіслати одразу було неможливо."),
    "account_removed": Label("its account was removed", "Скасовано: обліковий запис видалено."),
    "unknown_code": Label(
        "TurboSMS answered with a code that nobody knows", "TurboSMS відхилив повідомлення з невідомим кодом."
    ),
    "key_expired": Label(
        "the answer of TurboSMS was lost, and it can no longer be asked for",
        "Відповідь TurboSMS втрачено, і дізнатися її вже неможливо.",
    ),
    "not_wanted": Label(
        "the answer of TurboSMS was lost, and the text was not wanted any more",
        "Відповідь TurboSMS втрачено, а повідомлення вже стало непотрібним.",
    ),
    "duplicate": Label(
        "TurboSMS has made the same message a moment ago",
        "TurboSMS відповів, що таке саме повідомлення щойно створено.",
    ),
    "repeat": Label(
        "TurboSMS made it before, and does not name its id",
        "TurboSMS уже створив це повідомлення раніше, але не назвав його номера.",
    ),
    "recipient_repeat": Label(
        "TurboSMS reports the phone as named twice", "TurboSMS відповів, що номер повторюється в тій самій розсилці."
    ),
    "left_out": Label(
        "TurboSMS took the request and gave this message no id",
        "TurboSMS прийняв запит, але не назвав номера цього повідомлення.",
    ),
    "by_hand": Label("a person has decided what became of it", "Рішення щодо цього повідомлення прийняла людина."),
}
#: Here a reason is only why it waited last.
_GOING = frozenset({"planned", "sending"})


def reason_of_status(status: DeliveryStatus) -> str | None:
    return None if status.state in _GOING else status.reason


def reason_label(status: DeliveryStatus) -> Label | None:
    return REASONS.get(reason_of_status(status) or "")
