"""What an admin may set of one trigger beside its channel and texts: `triggers.settings`, as JSON and as values."""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from worker.core.accounts.account import SENT, Timing
from worker.core.contract.readers import LONGEST, OFFSETS_MAX
from worker.core.reminders.schedule import DEFAULTS
from worker.core.triggers.trigger import Trigger
from worker.language import _


def split(value: object) -> object:
    return [code.strip() for code in value.split(",")] if isinstance(value, str) else value


Code = Annotated[str, Field(min_length=1, max_length=100)]
#: Readable, and as they are kept: `24h`, `30m`, `2d`; `9:00`.
LENGTH = re.compile(r"(\d{1,6})(m|h|d)", re.ASCII)
HOUR = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)
IN_MINUTES: Mapping[str, int] = {"m": 1, "h": 60, "d": 24 * 60}


def length(value: str) -> str:
    if not 0 < minutes(value) <= LONGEST:
        raise ValueError(_("write how long before, such as 24h, 90m or 2d; a year is the longest"))
    return value


def minutes(value: str) -> int:
    match = LENGTH.fullmatch(value)
    return int(match[1]) * IN_MINUTES[match[2]] if match else 0


def hour(value: str) -> str:
    if HOUR.fullmatch(value):
        return value
    raise ValueError(_("write the time of day, such as 9:00"))


Length = Annotated[str, AfterValidator(length)]
Lengths = Annotated[list[Length], Field(min_length=1, max_length=OFFSETS_MAX), BeforeValidator(split)]
Hour = Annotated[str, AfterValidator(hour)]
Days = Annotated[int, Field(ge=0, le=366)]
DaysBefore = Annotated[list[Days], Field(min_length=1, max_length=OFFSETS_MAX), BeforeValidator(split)]
Codes = Annotated[list[Code], Field(min_length=1, max_length=50), BeforeValidator(split)]


BEFORE, OF_DAY = frozenset({"timing", "before"}), frozenset({"timing", "hour"})
LATER = OF_DAY | {"every_days", "at_most"}
TIMED: Mapping[str, frozenset[str]] = {
    "meeting_reminder": BEFORE,
    "booking_reminder": BEFORE,
    "staff_reminder": frozenset({"timing"}),
    "contact_birthday": OF_DAY,
    "contract_expiration_reminder": LATER | {"days_before"},
    "proposal_expiration_reminder": LATER | {"days_before"},
    "invoice_overdue_notice": LATER | {"after_days"},
}


class SwitchSettings(BaseModel):
    """Settings of a trigger; the rest keeps its default. `timing` is `off` where the CRM has its own clock."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sent_proposal: Codes | None = None
    sent_order: Codes | None = None
    max_age_days: Annotated[int, Field(ge=1, le=36_500)] | None = None

    timing: Literal["on", "off"] | None = None
    before: Lengths | None = None
    hour: Hour | None = None
    days_before: DaysBefore | None = None
    after_days: Annotated[int, Field(ge=1, le=366)] | None = None
    every_days: Days | None = None
    at_most: Annotated[int, Field(ge=1, le=100)] | None = None

    def timing_of(self, trigger: str) -> Timing | None:
        default = DEFAULTS.get(trigger)
        if default is None or self.timing == "off":
            return None
        of_day = HOUR.fullmatch(self.hour or "")
        return Timing(
            before=falling(map(minutes, self.before)) if self.before else default.before,
            hour=int(of_day[1]) * 60 + int(of_day[2]) if of_day else default.hour,
            days_before=falling(self.days_before) if self.days_before else default.days_before,
            after_days=self.after_days or default.after_days,
            every_days=default.every_days if self.every_days is None else self.every_days,
            at_most=self.at_most or default.at_most,
        )

    @property
    def sent(self) -> Mapping[str, frozenset[str]]:
        given = {"proposal": self.sent_proposal, "order": self.sent_order}
        codes = {
            record_kind: frozenset(code.casefold() for code in codes) for record_kind, codes in given.items() if codes
        }
        return {**SENT, **codes} if codes else SENT

    @property
    def age_max(self) -> timedelta | None:
        return None if self.max_age_days is None else timedelta(days=self.max_age_days)


def falling(numbers: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(numbers), reverse=True))


def names_for(trigger: Trigger) -> frozenset[str]:
    codes = {"sent_proposal", "sent_order"} if trigger.becomes else set[str]()
    dated = {"max_age_days"} if trigger.dated else set[str]()
    return frozenset(codes | dated | TIMED.get(trigger.id, frozenset()))


def read(settings: object) -> SwitchSettings:
    """The settings as they lie in the database; if they do not fit they count as not given, for texts must go on."""
    try:
        return SwitchSettings.model_validate(settings)
    except ValidationError:
        return SwitchSettings()
