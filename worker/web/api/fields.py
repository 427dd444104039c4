"""Kinds of fields that several endpoints have: how each is written, and what OpenAPI shows of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, NamedTuple

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    WithJsonSchema,
)
from pydantic.fields import FieldInfo

from worker.core.contract.fields import MOMENT, moment, spelt, whole
from worker.core.contract.phone import only_phone
from worker.core.history.filters import EventFilter, Fault, Filter, Subject, position, subject
from worker.core.sending.nudge import NotificationId
from worker.language import _

FLAGS = {"true": True, "false": False}
LIMIT, LIMIT_MAX = 50, 200
SEEN_MAX = 200
#: PostgreSQL has no place for NUL.
NO_NUL = r"^[^\u0000]*$"


class Fields(BaseModel):
    """Parameters or a body: what is not named here is refused, lest a typing slip find everything."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def about(description: str, example: object = None, **more: Any) -> FieldInfo:  # noqa: ANN401 (as pydantic has it)
    """A field's description, and an example where one helps."""
    return Field(description=description, **({"examples": [example]} if example is not None else {}), **more)


@dataclass(frozen=True, slots=True)
class InHeader:
    """Marks a parameter that comes in a header of this name."""

    name: str


def one_of(names: Iterable[str]) -> WithJsonSchema:
    """Show which words a field may have; the filter itself refuses others, and says which was meant."""
    return WithJsonSchema({"type": "string", "enum": list(names)})


def as_subject(value: object) -> Subject:
    if not isinstance(value, str) or len(value) > SEEN_MAX or "\0" in value:
        raise ValueError(_("{text} is no kind and id: write it as contact:17", text=str(value)[:40]))
    return subject(value)


def as_flag(value: object) -> object:
    if isinstance(value, str) and value not in FLAGS:
        raise ValueError(_("must be {wanted}", wanted="true or false"))
    return FLAGS[value] if isinstance(value, str) else value


def as_moment(value: object) -> datetime:
    """The moment itself, for a strict model takes no string for one."""
    try:
        return datetime.fromisoformat(str(moment(value)))
    except ValueError:
        raise ValueError(_("must be a string such as 2026-11-23T10:15:00+02:00")) from None


#: Words that are kept or looked for.
Words = Annotated[str, Field(min_length=1, max_length=SEEN_MAX, pattern=NO_NUL)]
KindAndId = Annotated[
    Subject,
    PlainValidator(as_subject),
    WithJsonSchema({"type": "string", "maxLength": SEEN_MAX, "pattern": r"^[a-z_]+:[^\s\u0000][^\u0000]*$"}),
]
#: In any form that people write.
Phone = Annotated[Words, AfterValidator(only_phone)]
#: In RFC 3339, with its offset.
Moment = Annotated[AwareDatetime, BeforeValidator(as_moment), WithJsonSchema(spelt(MOMENT, format="date-time"))]
WrittenFlag = Annotated[bool, Field(strict=True), BeforeValidator(as_flag)]

Limit = Annotated[
    Annotated[int, Field(strict=True, ge=1, le=LIMIT_MAX), BeforeValidator(whole)],
    about(f"How many at most, up to {LIMIT_MAX}.", 100),
]
Cursor = Annotated[
    str | None,
    about("Where the last page ended: its `next`. The other parameters must be as they were.", max_length=SEEN_MAX),
]
Phones = Annotated[
    WrittenFlag,
    about("Answer phones whole, for a key that may see them; the audit notes who looked. Otherwise they are masked."),
]


class Begun(NamedTuple):
    """Where a page goes on, or what is wrong with the cursor that says so."""

    position: NotificationId | None = None
    faults: tuple[Fault, ...] = ()


def begun(text: str | None, wanted: Filter | EventFilter) -> Begun:
    """Read the cursor of a page of this filter."""
    try:
        return Begun(None if text is None else position(text, wanted))
    except ValueError as error:
        return Begun(faults=(Fault("cursor", str(error).removeprefix("cursor: ")),))
