"""TurboSMS's response codes as data: the only place where a provider's number has a meaning.

Source: https://turbosms.ua/en/api.html and the code tables that public client libraries carry; 438 is known
from one client only, and 428-437 from nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from worker.core.sending.send_result import STOPPED, VIBER_PART


class Kind(StrEnum):
    """What a code asks of us; the same at the top of an answer and in a recipient's row unless said."""

    OK = "ok"  # at the top: look at the rows; in a row: created, if an id stands beside it
    PARTIAL = "partial"  # as OK, and some recipients are left out
    PERMANENT = "permanent"  # this message can never be sent as it is
    BUG = "bug"  # as PERMANENT, and the fault is in our request: loud
    UNKNOWN_CODE = "unknown_code"  # as PERMANENT, and nobody has told us of it: loud
    MONEY = "money"  # the account waits for money
    TOKEN = "token"  # noqa: S105 - a word: the account's token opens nothing, or the account is blocked
    SENDER = "sender"  # the account waits for its sender
    RATE = "rate"  # too many requests for now, nothing created
    LATER = "later"  # a definite failure that time heals, nothing created
    DUPLICATE = "duplicate"  # the same message was created within the last 90 s
    REPEAT = "repeat"  # a repeated `sequence_id`: the first answer is enclosed
    RECIPIENT_REPEAT = "recipient_repeat"  # a phone named twice in one request: its other row counts
    UNKNOWN_OUTCOME = "unknown_outcome"  # nobody can tell whether the message was created


@dataclass(frozen=True, slots=True)
class Code:
    """One response code.

    Attributes:
        number: 0..999.
        name: the provider's own name, upper case.
        kind: what it asks of us.
        words: for an operator, in English.
        uk: for an admin of the CRM, in Ukrainian.
        against: what alone the refusal speaks against, as core.outcome names it.
    """

    number: int
    name: str
    kind: Kind
    words: str
    uk: str
    against: str | None = None

    @property
    def reason(self) -> str:
        """The name as our rows and metrics carry it: `invalid_phone`; one word for all that nobody lists."""
        return self.kind.value if self.kind is Kind.UNKNOWN_CODE else self.name.lower()


def code_of(number: int) -> Code:
    """The code of a number; an unlisted one is judged by its hundred.

    Below 800 it is a definite refusal, 8xx lets the rows decide, and beyond that the outcome is unknown,
    as with 999.
    """
    return CODES.get(number) or _unlisted(number)


def is_known(number: int) -> bool:
    """Whether the provider's table lists the number."""
    return number in CODES


def _unlisted(number: int) -> Code:
    kind = Kind.UNKNOWN_OUTCOME
    if number < 900:  # noqa: PLR2004 - the hundreds are the provider's
        kind = Kind.PARTIAL if number >= 800 else Kind.UNKNOWN_CODE  # noqa: PLR2004 - likewise
    words = f"code {number}, which the provider's table does not list"
    return Code(number, f"UNKNOWN_{number}", kind, words, f"TurboSMS відповів невідомим кодом {number}.")


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

_UK_OF_KIND = {
    Kind.OK: "TurboSMS прийняв повідомлення.",
    Kind.PARTIAL: "TurboSMS прийняв повідомлення не для всіх отримувачів.",
    Kind.UNKNOWN_OUTCOME: "У TurboSMS сталася помилка. Чи надіслано повідомлення, ще невідомо.",
}


#: Said of a message with a Viber part, these may be of that part alone: of its button, picture, life, pattern, session;
#: and of its words, which Viber is asked to judge more strictly. Without it the SMS is judged by itself.
_OF_VIBER = frozenset({107, 204, 205, 206, 306, 308, 402, 408, 409, 410, 411, 412, 413, 416, 417, 423, 504, 505, 506})
_STOP_LIST = 404


def _code(number: int, name: str, kind: Kind, words: str) -> Code:
    refusal = f"TurboSMS відхилив повідомлення (код {number}). Зверніться до підтримки."
    against = VIBER_PART if number in _OF_VIBER else STOPPED if number == _STOP_LIST else None
    return Code(number, name, kind, words, _UK.get(number) or _UK_OF_KIND.get(kind, refusal), against)


_TABLE = (
    _code(0, "OK", Kind.OK, "handled"),
    _code(1, "PONG", Kind.OK, "the answer to a ping"),
    _code(103, "REQUIRED_TOKEN", Kind.TOKEN, "no token was given"),
    _code(104, "REQUIRED_CONTENT", Kind.BUG, "the request was empty"),
    _code(105, "REQUIRED_AUTH", Kind.TOKEN, "the token is wrong"),
    _code(106, "REQUIRED_ACTIVE_USER", Kind.TOKEN, "the TurboSMS account is blocked"),
    _code(107, "REQUIRED_VIBER_SESSION", Kind.PERMANENT, "no active Viber session"),
    _code(200, "REQUIRED_MESSAGE_SENDER", Kind.SENDER, "the sender is empty"),
    _code(201, "REQUIRED_MESSAGE_TEXT", Kind.PERMANENT, "the text is empty"),
    _code(202, "REQUIRED_MESSAGE_RECIPIENT", Kind.PERMANENT, "no recipients"),
    _code(203, "REQUIRED_BALANCE", Kind.MONEY, "not enough money on the TurboSMS account"),
    _code(204, "REQUIRED_MESSAGE_BUTTON", Kind.PERMANENT, "the Viber button is absent"),
    _code(205, "REQUIRED_MESSAGE_BUTTON_CAPTION", Kind.PERMANENT, "the Viber button has no caption"),
    _code(206, "REQUIRED_MESSAGE_BUTTON_ACTION", Kind.PERMANENT, "the Viber button has no link"),
    _code(300, "INVALID_REQUEST", Kind.BUG, "the request's structure is wrong"),
    _code(301, "INVALID_TOKEN", Kind.TOKEN, "the token is malformed"),
    _code(302, "INVALID_MESSAGE_SENDER", Kind.SENDER, "the sender is invalid"),
    _code(303, "INVALID_START_TIME", Kind.BUG, "the delayed date was not understood"),
    _code(304, "INVALID_MESSAGE_TEXT", Kind.PERMANENT, "the text is not a string in UTF-8"),
    _code(305, "INVALID_PHONE", Kind.PERMANENT, "the number's country or operator is not recognised"),
    _code(306, "INVALID_TTL", Kind.BUG, "the ttl is not an integer"),
    _code(307, "INVALID_MESSAGE_ID", Kind.PERMANENT, "the message id is malformed"),
    _code(308, "INVALID_FILE_ID", Kind.BUG, "the file id is malformed"),
    _code(309, "INVALID_SENDER_ID", Kind.BUG, "the chat sender id is malformed"),
    _code(310, "INVALID_CHAT_ID", Kind.BUG, "the chat id is malformed"),
    _code(311, "INVALID_SESSION_ID", Kind.BUG, "the chat session id is malformed"),
    _code(312, "INVALID_PAGE", Kind.BUG, "the page number is wrong"),
    _code(313, "INVALID_ROWS", Kind.BUG, "the number of rows a page is wrong"),
    _code(400, "NOT_ALLOWED_MESSAGE_SENDER", Kind.SENDER, "the account may not use this sender"),
    _code(401, "NOT_ALLOWED_MESSAGE_SENDER_NOT_ACTIVE", Kind.SENDER, "the sender is not active now"),
    _code(402, "NOT_ALLOWED_MESSAGE_IMAGE", Kind.PERMANENT, "pictures of this type are not allowed"),
    _code(403, "NOT_ALLOWED_START_TIME", Kind.PERMANENT, "the delayed date is past or over 14 days ahead"),
    _code(404, "NOT_ALLOWED_NUMBER_STOPLIST", Kind.PERMANENT, "the number is on the provider's stop-list"),
    _code(405, "NOT_ALLOWED_RECIPIENTS_LIMIT", Kind.BUG, "over 5 000 recipients in one request"),
    _code(406, "NOT_ALLOWED_RECIPIENT_COUNTRY", Kind.PERMANENT, "the account may not send to this country"),
    _code(407, "NOT_ALLOWED_RECIPIENT_DUPLICATE", Kind.RECIPIENT_REPEAT, "a number twice in one request"),
    _code(408, "NOT_ALLOWED_MESSAGE_BUTTON_TEXT_LENGTH", Kind.PERMANENT, "a button caption over 30 characters"),
    _code(409, "NOT_ALLOWED_MESSAGE_TTL", Kind.BUG, "the ttl is outside its limits"),
    _code(410, "NOT_ALLOWED_MESSAGE_TRANSACTION_CONTENT", Kind.PERMANENT, "transactional Viber is text only"),
    _code(411, "NOT_ALLOWED_MESSAGE_DATA", Kind.PERMANENT, "some value is not allowed: ask TurboSMS support"),
    _code(412, "NOT_ALLOWED_MESSAGE_TEXT", Kind.PERMANENT, "the text has forbidden fragments"),
    _code(413, "NOT_ALLOWED_MESSAGE_TEXT_LENGTH", Kind.PERMANENT, "the text is too long"),
    _code(414, "NOT_ALLOWED_MESSAGE_ID", Kind.PERMANENT, "the message id is not this account's"),
    _code(415, "NOT_ALLOWED_MESSAGE_TRANSACTION_SENDER", Kind.SENDER, "transactional from a shared sender"),
    _code(416, "NOT_ALLOWED_MESSAGE_TRANSACTION_PATTERN", Kind.PERMANENT, "no registered Viber template fits"),
    _code(417, "NOT_ALLOWED_FILE_ID", Kind.PERMANENT, "the file is missing or another account's"),
    _code(418, "NOT_ALLOWED_FILE_EMPTY", Kind.PERMANENT, "the uploaded file is empty"),
    _code(419, "NOT_ALLOWED_FILE_TYPE", Kind.PERMANENT, "files of this type are not allowed"),
    _code(420, "NOT_ALLOWED_FILE_SIZE", Kind.PERMANENT, "a file over 3 MB"),
    _code(421, "NOT_ALLOWED_MESSAGE_TRAFFIC_TYPE", Kind.SENDER, "the sender may not send this kind"),
    _code(422, "NOT_ALLOWED_SESSION_OUTBOX_LIMIT", Kind.PERMANENT, "over 5 chat messages without an answer"),
    _code(423, "NOT_ALLOWED_FILE_NAME_LENGTH", Kind.PERMANENT, "a Viber file name over 25 characters"),
    _code(424, "NOT_ALLOWED_PERMISSION", Kind.PERMANENT, "the chat belongs to somebody else"),
    _code(425, "NOT_ALLOWED_TEST_NUMBER", Kind.SENDER, "a test sender writes to its owner's number only"),
    _code(426, "NOT_ALLOWED_TEST_MESSAGES_LIMIT", Kind.SENDER, "the test sender is used up"),
    _code(427, "NOT_ALLOWED_MESSAGE_DUPLICATE", Kind.DUPLICATE, "the same message within the last 90 s"),
    _code(438, "RATE_LIMITED", Kind.RATE, "requests are limited for about a minute (the name is ours)"),
    _code(500, "FAILED_CONVERT_RESULT2JSON", Kind.UNKNOWN_OUTCOME, "the provider could not encode its result"),
    _code(501, "FAILED_CONVERT_RESULT2XML", Kind.UNKNOWN_OUTCOME, "the provider could not encode its result"),
    _code(502, "FAILED_PARSE_BODY", Kind.BUG, "the provider could not read the request's body"),
    _code(503, "FAILED_SMS_SEND", Kind.LATER, "the SMS could not be sent"),
    _code(504, "FAILED_VIBER_SEND", Kind.LATER, "the Viber message could not be sent"),
    _code(505, "FAILED_SAVE_IMAGE", Kind.LATER, "the picture could not be stored"),
    _code(506, "FAILED_SAVE_FILE", Kind.LATER, "the file could not be stored"),
    _code(507, "FAILED_DUPLICATE_REQUEST", Kind.REPEAT, "a repeated sequence_id: the first answer is enclosed"),
    _code(800, "SUCCESS_MESSAGE_ACCEPTED", Kind.OK, "created and queued"),
    _code(801, "SUCCESS_MESSAGE_SENT", Kind.OK, "sent"),
    _code(802, "SUCCESS_MESSAGE_PARTIAL_ACCEPTED", Kind.PARTIAL, "queued, some recipients left out"),
    _code(803, "SUCCESS_MESSAGE_PARTIAL_SENT", Kind.PARTIAL, "sent, some recipients left out"),
    _code(999, "FATAL_ERROR", Kind.UNKNOWN_OUTCOME, "the provider failed while executing"),
)

CODES: Mapping[int, Code] = MappingProxyType({code.number: code for code in _TABLE})
"""Every listed code by its number."""


def of_reason(reason: str) -> Code | None:
    """The listed code whose name a row carries."""
    return next((code for code in CODES.values() if code.reason == reason), None)


def is_loud(number: int) -> bool:
    """Whether somebody must hear of this code at once: our own fault, or one that nobody has told us of."""
    return code_of(number).kind in {Kind.BUG, Kind.UNKNOWN_CODE, Kind.UNKNOWN_OUTCOME}
