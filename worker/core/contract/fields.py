"""The values of the event contract: how each is spelt, for the models that read it and for the schema they give."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictInt,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic import WithJsonSchema as Spelt

from worker.core.contract.facts import truth
from worker.language import _, marked

MOMENT = re.compile(r"[12]\d{3}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)", re.ASCII)
DAY = re.compile(r"[12]\d{3}-\d\d-\d\d", re.ASCII)
#: A year that nobody gave is `-` (as XML Schema's gMonthDay spells it), or what PHP and MySQL make of none.
BIRTHDAY = re.compile(r"(?:\d{4}|-)-(\d\d)-(\d\d)", re.ASCII)
DATETIME = re.compile(r"([12]\d{3}-\d\d-\d\d)[T ]\d\d:\d\d\S{0,30}", re.ASCII)
WHOLE = re.compile(r"-?\d{1,9}", re.ASCII)
AMOUNT = re.compile(r"-?\d{1,15}(\.\d{1,4})?", re.ASCII)
CURRENCY = re.compile(r"[A-Z]{3}")
SOURCE = re.compile(r"/accounts/[a-z0-9-]{1,40}")
#: Days from now that anybody speaks of.
FAR = 36_500
NO_DAY = frozenset({"", "0000-00-00", "0000-00-00 00:00:00"})
#: Birthdays that programs make of none: crowds have them. Who truly was born then is given without the year.
NOBODYS = frozenset({"1970-01-01", "1900-01-01"})
#: The days of each month, in a leap year.
LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def moment(value: object) -> object:
    """The shape of RFC 3339, which every reader takes for the same moment; a number is none."""
    if isinstance(value, str) and MOMENT.fullmatch(value):
        return value
    raise ValueError(_("must be a string such as 2026-11-23T10:15:00+02:00"))


def moment_or_none(value: object) -> object:
    return None if value is None or (isinstance(value, str) and value in NO_DAY) else moment(value)


def day_of_datetime(text: str) -> str:
    match = DATETIME.fullmatch(text)
    return match[1] if match else text


def day(value: object) -> object:
    """The shape of an ISO 8601 date, or none; of a date and time its day counts."""
    result = day_of_datetime(value) if isinstance(value, str) else value
    if isinstance(result, str) and (not result or value in NO_DAY):
        return None
    if result is None or (isinstance(result, str) and DAY.fullmatch(result)):
        return result
    raise ValueError(_("must be a string such as 2026-11-23"))


def whole(value: object) -> object:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return int(value) if isinstance(value, str) and WHOLE.fullmatch(value) else value


def flag(value: object) -> object:
    known = truth(value)
    return value if known is None else known


def or_none(value: object, read: ValidatorFunctionWrapHandler, info: ValidationInfo) -> object:
    """What cannot be read counts as not given, unless somebody asks whether it is right."""
    try:
        return read(value)
    except ValidationError:
        if info.context is EXACT:
            raise
        return None


def birthday(value: object) -> object:
    """The shape of a day of a year, or none; 29 February needs no leap year beside it."""
    if value is None or (isinstance(value, str) and value in NO_DAY):
        return None
    text = day_of_datetime(value) if isinstance(value, str) else ""
    if (match := BIRTHDAY.fullmatch(text)) and is_day(int(match[1]), int(match[2])):
        return value
    raise ValueError(_("must be a string such as 1990-02-28, or --02-28 without the year"))


def is_day(month: int, day_: int) -> bool:
    return 1 <= month <= len(LONGEST) and 1 <= day_ <= LONGEST[month - 1]


def matches(pattern: re.Pattern[str], fix: str) -> AfterValidator:
    def check(text: str) -> str:
        if pattern.fullmatch(text):
            return text
        raise ValueError(_("must be {wanted}", wanted=_(fix)))

    return AfterValidator(check)


def spelt(pattern: re.Pattern[str], **more: object) -> dict[str, Any]:
    """A string of this pattern, in JSON Schema; its regular expressions know no ASCII flag."""
    return {"type": "string", "pattern": f"^(?:{pattern.pattern})$".replace(r"\d", "[0-9]"), **more}


def none_or(fields: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [fields, {"enum": sorted(NO_DAY)}, {"type": "null"}]}


Id = Annotated[str, Field(min_length=1, max_length=100)] | StrictInt
Version = Annotated[str, Field(pattern=r"^[0-9]{1,18}$")] | Annotated[StrictInt, Field(ge=0, lt=2**63)]
#: As long as an event may be: what is too long for an SMS is cut, and counted.
TextOrNumber = Annotated[str, Field(max_length=256 * 1024)] | int | float | None
#: A zone is an IANA name; one that nobody knows is taken for Europe/Kyiv.
Zone = Annotated[str, Field(max_length=60)] | None
LANGUAGE = r"^[a-z]{2}([-_][A-Za-z]{2})?$"
Language = Annotated[str, Field(pattern=LANGUAGE)] | None
Moment = Annotated[AwareDatetime, BeforeValidator(moment), Spelt(spelt(MOMENT, format="date-time"))]
#: Of a field whose readers make something of what no model can read, if only words for a text: it stays as it came.
AS_IT_CAME = object()
Day = Annotated[date | None, BeforeValidator(day), Spelt(none_or(spelt(DAY, format="date"))), AS_IT_CAME]
#: Of an attribute of the envelope that nothing is refused for.
Lenient = WrapValidator(or_none)
#: The context of a validation that does not forgive.
EXACT = object()
MomentOrNone = Annotated[
    AwareDatetime | None, BeforeValidator(moment_or_none), Spelt(none_or(spelt(MOMENT, format="date-time")))
]
LenientMoment = Annotated[MomentOrNone, Lenient]
#: Days until a document's last day: 0 on that day, negative once it is past.
DaysLeft = Annotated[Annotated[StrictInt, Field(ge=-FAR, le=FAR)] | None, BeforeValidator(whole)]
Flag = Annotated[bool | None, BeforeValidator(flag)]
Offset = Annotated[StrictInt, Field(ge=0, le=366 * 24 * 60), BeforeValidator(whole)]
Birthday = Annotated[str | None, BeforeValidator(birthday), Spelt(none_or(spelt(BIRTHDAY)))]
Source = Annotated[str, matches(SOURCE, marked("/accounts/<account>, of a-z, 0-9 and -")), Spelt(spelt(SOURCE))]


class SectionModel(BaseModel):
    """A part of `data`: what is named here is checked, what is not is kept as it is."""

    model_config = ConfigDict(extra="allow", frozen=True)


class Money(SectionModel):
    """An amount as a decimal string and its ISO 4217 currency."""

    amount: Annotated[str, matches(AMOUNT, marked("a decimal string such as 1250.00")), Spelt(spelt(AMOUNT))]
    currency: Annotated[str, matches(CURRENCY, marked("an ISO 4217 code such as UAH")), Spelt(spelt(CURRENCY))]


Sum = Annotated[Money | None, AS_IT_CAME]
