"""TurboSMS's response codes as data: the only place where a provider's number has a meaning.

Source: https://turbosms.ua/en/api.html and the code tables that public client libraries carry; 438 is known
from one client only, and 428-437 from nobody.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import cast

from worker.core.receipts.receipt_labels import Label
from worker.core.sending.send_result import STOPPED, VIBER_PART

#: A code that is in no table of TurboSMS, as rows carry it.
UNLISTED = re.compile(r"unknown_(\d{1,3})")

_NUMBERS = range(1_000)


class CodeClass(StrEnum):
    """What a code asks of us; the same at the top of an answer and in a recipient's row unless noted."""

    OK = "ok"  # at the top: look at the rows; in a row: created, if an id is beside it
    PARTIAL = "partial"  # as OK, and some recipients are left out
    PERMANENT = "permanent"  # this message can never be sent as it is
    BUG = "bug"  # as PERMANENT, and the fault is in our request: loud
    UNKNOWN_CODE = "unknown_code"  # as PERMANENT, and in no table of TurboSMS: loud
    MONEY = "money"  # the account waits for money
    TOKEN = "token"  # noqa: S105 - a word: the account's token opens nothing, or the account is blocked
    SENDER = "sender"  # the account waits for its sender
    RATE = "rate"  # too many requests for now, nothing created
    LATER = "later"  # a definite failure that time heals, nothing created
    DUPLICATE = "duplicate"  # the same message was created within the last 90 s
    REPEAT = "repeat"  # a repeated `sequence_id`: the first answer is enclosed
    RECIPIENT_REPEAT = "recipient_repeat"  # a phone named twice in one request: its other row counts
    UNKNOWN_OUTCOME = "unknown_outcome"  # whether the message was created is unknown


@dataclass(frozen=True, slots=True)
class Code:
    """One response code.

    Attributes:
        number: 0..999.
        name: the provider's own, upper case.
        en: for an operator.
        uk: for an admin of the CRM.
        against: what alone the refusal speaks against, as core.sending.send_result names it.
    """

    number: int
    name: str
    code_class: CodeClass
    en: str
    uk: str
    against: str | None = None

    @property
    def reason(self) -> str:
        """The name as our rows and metrics carry it: `invalid_phone`; one word for all unlisted codes."""
        return self.code_class.value if self.code_class is CodeClass.UNKNOWN_CODE else self.name.lower()


def code_of(number: int) -> Code:
    """The code of a number; an unlisted one is judged by its hundred.

    Below 800 it is a definite refusal, 8xx lets the rows decide, and beyond that the outcome is unknown,
    as with 999.
    """
    return CODES.get(number) or _unlisted(number)


def code_in(value: object) -> Code | None:
    """The code of an answer, or of a row in one; None where there is none that TurboSMS could give."""
    number = cast("Mapping[str, object]", value).get("response_code") if isinstance(value, Mapping) else None
    is_number = isinstance(number, int) and not isinstance(number, bool) and number in _NUMBERS
    return code_of(cast("int", number)) if is_number else None


def is_known(number: int) -> bool:
    return number in CODES


def _unlisted(number: int) -> Code:
    code_class = CodeClass.UNKNOWN_OUTCOME
    if number < 900:  # noqa: PLR2004 - the hundreds are the provider's
        code_class = CodeClass.PARTIAL if number >= 800 else CodeClass.UNKNOWN_CODE  # noqa: PLR2004 - likewise
    text = f"code {number}, which the provider's table does not list"
    return Code(number, f"UNKNOWN_{number}", code_class, text, f"TurboSMS відповів невідомим кодом {number}.")


_UK = {
    103: "TurboSMS не отримав ключа доступу. Перевірте ключ у налаштуваннях.",
    105: "TurboSMS не приймає ключ доступу. Оновіть ключ у налаштуваннях.",
    106: "Обліковий запис TurboSMS заблоковано. Зверніться до підтримки TurboSMS.",
    200: "Не вказано ім'я відправника.",
    201: "Текст повідомлення порожній. Перевірте шаблон.",
    202: "Немає жодного отримувача.",
    203: "На рахунку TurboSMS недостатньо коштів. Поповніть рахунок.",
    204: "У повідомленні Viber бракує кнопки.",
    205: "У кнопці Viber немає напису.",
    206: "У кнопці Viber немає посилання.",
    301: "Ключ доступу TurboSMS має неправильний вигляд. Оновіть ключ у налаштуваннях.",
    302: "Ім'я відправника неправильне.",
    304: "Текст повідомлення неможливо прочитати.",
    305: "Номер телефону неправильний: країну або оператора не визначено.",
    400: "Це ім'я відправника не дозволене для вашого облікового запису TurboSMS.",
    401: "Ім'я відправника зараз неактивне. Перевірте його оплату та реєстрацію в TurboSMS.",
    402: "Такий тип зображення не дозволений.",
    404: "Номер у стоп-листі TurboSMS: отримувач відмовився від повідомлень.",
    406: "Надсилання в цю країну не дозволене для вашого облікового запису TurboSMS.",
    407: "Номер повторюється в тій самій розсилці, тож повідомлення надсилається один раз.",
    408: "Напис на кнопці Viber довший за 30 символів.",
    410: "Транзакційне повідомлення Viber не може мати кнопки чи зображення.",
    411: "TurboSMS не дозволяє якесь із переданих значень. Зверніться до підтримки TurboSMS.",
    412: "Текст містить заборонені фрагменти. Змініть шаблон.",
    413: "Текст задовгий. Скоротіть шаблон.",
    415: "Зі спільного імені відправника не можна надсилати транзакційні повідомлення Viber.",
    416: "Текст не відповідає жодному зареєстрованому шаблону Viber.",
    417: "Файл не знайдено в TurboSMS.",
    421: "Цьому імені відправника не дозволено такий вид повідомлень.",
    425: "Тестовий відправник Viber може писати лише на номер власника облікового запису.",
    426: "Тестовий відправник Viber вичерпав свої повідомлення.",
    427: "Таке саме повідомлення вже створено менше ніж 90 секунд тому.",
    438: "TurboSMS тимчасово обмежив кількість запитів. Повідомлення буде надіслано пізніше.",
    503: "TurboSMS не зміг надіслати SMS. Спроба повториться.",
    504: "TurboSMS не зміг надіслати повідомлення Viber. Спроба повториться.",
    505: "TurboSMS не зміг зберегти зображення. Спроба повториться.",
    506: "TurboSMS не зміг зберегти файл. Спроба повториться.",
    507: "Це повідомлення вже було передано до TurboSMS раніше.",
}

_UK_OF_CLASS = {
    CodeClass.OK: "TurboSMS прийняв повідомлення.",
    CodeClass.PARTIAL: "TurboSMS прийняв повідомлення не для всіх отримувачів.",
    CodeClass.UNKNOWN_OUTCOME: "У TurboSMS сталася помилка. Чи надіслано повідомлення, ще невідомо.",
}


#: For a message with a Viber part, these may be about that part alone: of its button, picture, life, pattern, session;
#: and of its words, which Viber is asked to judge more strictly. Without it the SMS is judged by itself.
_OF_VIBER = frozenset({107, 204, 205, 206, 306, 308, 402, 408, 409, 410, 411, 412, 413, 416, 417, 423, 504, 505, 506})
_STOP_LIST = 404


def _code(number: int, name: str, code_class: CodeClass, text: str) -> Code:
    refusal = f"TurboSMS відхилив повідомлення (код {number}). Зверніться до підтримки."
    against = VIBER_PART if number in _OF_VIBER else STOPPED if number == _STOP_LIST else None
    return Code(number, name, code_class, text, _UK.get(number) or _UK_OF_CLASS.get(code_class, refusal), against)


_TABLE = (
    _code(0, "OK", CodeClass.OK, "handled"),
    _code(1, "PONG", CodeClass.OK, "the answer to a ping"),
    _code(103, "REQUIRED_TOKEN", CodeClass.TOKEN, "no token was given"),
    _code(104, "REQUIRED_CONTENT", CodeClass.BUG, "the request was empty"),
    _code(105, "REQUIRED_AUTH", CodeClass.TOKEN, "the token is wrong"),
    _code(106, "REQUIRED_ACTIVE_USER", CodeClass.TOKEN, "the TurboSMS account is blocked"),
    _code(107, "REQUIRED_VIBER_SESSION", CodeClass.PERMANENT, "no active Viber session"),
    _code(200, "REQUIRED_MESSAGE_SENDER", CodeClass.SENDER, "the sender is empty"),
    _code(201, "REQUIRED_MESSAGE_TEXT", CodeClass.PERMANENT, "the text is empty"),
    _code(202, "REQUIRED_MESSAGE_RECIPIENT", CodeClass.PERMANENT, "no recipients"),
    _code(203, "REQUIRED_BALANCE", CodeClass.MONEY, "not enough money on the TurboSMS account"),
    _code(204, "REQUIRED_MESSAGE_BUTTON", CodeClass.PERMANENT, "the Viber button is absent"),
    _code(205, "REQUIRED_MESSAGE_BUTTON_CAPTION", CodeClass.PERMANENT, "the Viber button has no caption"),
    _code(206, "REQUIRED_MESSAGE_BUTTON_ACTION", CodeClass.PERMANENT, "the Viber button has no link"),
    _code(300, "INVALID_REQUEST", CodeClass.BUG, "the request's structure is wrong"),
    _code(301, "INVALID_TOKEN", CodeClass.TOKEN, "the token is malformed"),
    _code(302, "INVALID_MESSAGE_SENDER", CodeClass.SENDER, "the sender is invalid"),
    _code(303, "INVALID_START_TIME", CodeClass.BUG, "the delayed date was not understood"),
    _code(304, "INVALID_MESSAGE_TEXT", CodeClass.PERMANENT, "the text is not a string in UTF-8"),
    _code(305, "INVALID_PHONE", CodeClass.PERMANENT, "the number's country or operator is not recognised"),
    _code(306, "INVALID_TTL", CodeClass.BUG, "the ttl is not an integer"),
    _code(307, "INVALID_MESSAGE_ID", CodeClass.PERMANENT, "the message id is malformed"),
    _code(308, "INVALID_FILE_ID", CodeClass.BUG, "the file id is malformed"),
    _code(309, "INVALID_SENDER_ID", CodeClass.BUG, "the chat sender id is malformed"),
    _code(310, "INVALID_CHAT_ID", CodeClass.BUG, "the chat id is malformed"),
    _code(311, "INVALID_SESSION_ID", CodeClass.BUG, "the chat session id is malformed"),
    _code(312, "INVALID_PAGE", CodeClass.BUG, "the page number is wrong"),
    _code(313, "INVALID_ROWS", CodeClass.BUG, "the number of rows a page is wrong"),
    _code(400, "NOT_ALLOWED_MESSAGE_SENDER", CodeClass.SENDER, "the account may not use this sender"),
    _code(401, "NOT_ALLOWED_MESSAGE_SENDER_NOT_ACTIVE", CodeClass.SENDER, "the sender is not active now"),
    _code(402, "NOT_ALLOWED_MESSAGE_IMAGE", CodeClass.PERMANENT, "pictures of this type are not allowed"),
    _code(403, "NOT_ALLOWED_START_TIME", CodeClass.PERMANENT, "the delayed date is past or over 14 days ahead"),
    _code(404, "NOT_ALLOWED_NUMBER_STOPLIST", CodeClass.PERMANENT, "the number is on the provider's stop-list"),
    _code(405, "NOT_ALLOWED_RECIPIENTS_LIMIT", CodeClass.BUG, "over 5 000 recipients in one request"),
    _code(406, "NOT_ALLOWED_RECIPIENT_COUNTRY", CodeClass.PERMANENT, "the account may not send to this country"),
    _code(407, "NOT_ALLOWED_RECIPIENT_DUPLICATE", CodeClass.RECIPIENT_REPEAT, "a number twice in one request"),
    _code(408, "NOT_ALLOWED_MESSAGE_BUTTON_TEXT_LENGTH", CodeClass.PERMANENT, "a button caption over 30 characters"),
    _code(409, "NOT_ALLOWED_MESSAGE_TTL", CodeClass.BUG, "the ttl is outside its limits"),
    _code(410, "NOT_ALLOWED_MESSAGE_TRANSACTION_CONTENT", CodeClass.PERMANENT, "transactional Viber is text only"),
    _code(411, "NOT_ALLOWED_MESSAGE_DATA", CodeClass.PERMANENT, "some value is not allowed: ask TurboSMS support"),
    _code(412, "NOT_ALLOWED_MESSAGE_TEXT", CodeClass.PERMANENT, "the text has forbidden fragments"),
    _code(413, "NOT_ALLOWED_MESSAGE_TEXT_LENGTH", CodeClass.PERMANENT, "the text is too long"),
    _code(414, "NOT_ALLOWED_MESSAGE_ID", CodeClass.PERMANENT, "the message id is not this account's"),
    _code(415, "NOT_ALLOWED_MESSAGE_TRANSACTION_SENDER", CodeClass.SENDER, "transactional from a shared sender"),
    _code(416, "NOT_ALLOWED_MESSAGE_TRANSACTION_PATTERN", CodeClass.PERMANENT, "no registered Viber template fits"),
    _code(417, "NOT_ALLOWED_FILE_ID", CodeClass.PERMANENT, "the file is missing or another account's"),
    _code(418, "NOT_ALLOWED_FILE_EMPTY", CodeClass.PERMANENT, "the uploaded file is empty"),
    _code(419, "NOT_ALLOWED_FILE_TYPE", CodeClass.PERMANENT, "files of this type are not allowed"),
    _code(420, "NOT_ALLOWED_FILE_SIZE", CodeClass.PERMANENT, "a file over 3 MB"),
    _code(421, "NOT_ALLOWED_MESSAGE_TRAFFIC_TYPE", CodeClass.SENDER, "the sender may not send this kind"),
    _code(422, "NOT_ALLOWED_SESSION_OUTBOX_LIMIT", CodeClass.PERMANENT, "over 5 chat messages without an answer"),
    _code(423, "NOT_ALLOWED_FILE_NAME_LENGTH", CodeClass.PERMANENT, "a Viber file name over 25 characters"),
    _code(424, "NOT_ALLOWED_PERMISSION", CodeClass.PERMANENT, "the chat belongs to somebody else"),
    _code(425, "NOT_ALLOWED_TEST_NUMBER", CodeClass.SENDER, "a test sender writes to its owner's number only"),
    _code(426, "NOT_ALLOWED_TEST_MESSAGES_LIMIT", CodeClass.SENDER, "the test sender is used up"),
    _code(427, "NOT_ALLOWED_MESSAGE_DUPLICATE", CodeClass.DUPLICATE, "the same message within the last 90 s"),
    _code(438, "RATE_LIMITED", CodeClass.RATE, "requests are limited for about a minute (the name is ours)"),
    _code(500, "FAILED_CONVERT_RESULT2JSON", CodeClass.UNKNOWN_OUTCOME, "the provider could not encode its result"),
    _code(501, "FAILED_CONVERT_RESULT2XML", CodeClass.UNKNOWN_OUTCOME, "the provider could not encode its result"),
    _code(502, "FAILED_PARSE_BODY", CodeClass.BUG, "the provider could not read the request's body"),
    _code(503, "FAILED_SMS_SEND", CodeClass.LATER, "the SMS could not be sent"),
    _code(504, "FAILED_VIBER_SEND", CodeClass.LATER, "the Viber message could not be sent"),
    _code(505, "FAILED_SAVE_IMAGE", CodeClass.LATER, "the picture could not be stored"),
    _code(506, "FAILED_SAVE_FILE", CodeClass.LATER, "the file could not be stored"),
    _code(507, "FAILED_DUPLICATE_REQUEST", CodeClass.REPEAT, "a repeated sequence_id: the first answer is enclosed"),
    _code(800, "SUCCESS_MESSAGE_ACCEPTED", CodeClass.OK, "created and queued"),
    _code(801, "SUCCESS_MESSAGE_SENT", CodeClass.OK, "sent"),
    _code(802, "SUCCESS_MESSAGE_PARTIAL_ACCEPTED", CodeClass.PARTIAL, "queued, some recipients left out"),
    _code(803, "SUCCESS_MESSAGE_PARTIAL_SENT", CodeClass.PARTIAL, "sent, some recipients left out"),
    _code(999, "FATAL_ERROR", CodeClass.UNKNOWN_OUTCOME, "the provider failed while executing"),
)

CODES: Mapping[int, Code] = MappingProxyType({code.number: code for code in _TABLE})
"""Every listed code by its number."""


def of_reason(reason: str) -> Code | None:
    return next((code for code in CODES.values() if code.reason == reason), None)


def label_of_code(reason: str) -> Label | None:
    """What TurboSMS says by its code, where the reason of a row is one of those."""
    unlisted = UNLISTED.fullmatch(reason)
    code = code_of(int(unlisted[1])) if unlisted else of_reason(reason)
    return Label(code.en, code.uk) if code else None


def is_loud(number: int) -> bool:
    """Whether an operator must see this code at once: our own fault, or one that is not listed."""
    return code_of(number).code_class in {CodeClass.BUG, CodeClass.UNKNOWN_CODE, CodeClass.UNKNOWN_OUTCOME}
