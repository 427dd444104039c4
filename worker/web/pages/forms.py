"""What a browser sends: fields of a query or a form, files, and the models that they are read into."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from worker.core.contract.validation_errors import first_faults
from worker.language import _

MULTIPART = "multipart/form-data"
URLENCODED = "application/x-www-form-urlencoded"
FIELDS_MAX, FILES_MAX = 1_000, 1
#: Digits of a whole number: PostgreSQL's bigint holds so many, and Python reads no number of thousands of them.
DIGITS_MAX = 18
FIRST_YEAR, LAST_YEAR = 2000, 2099
M = TypeVar("M", bound="Fields")


class Fields(BaseModel):
    """A form's fields; a box that was left empty is not given, and what is not named here is not looked at."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True)


@dataclass(frozen=True, slots=True)
class Form:
    """The fields in their order; a field may come several times."""

    fields: Sequence[tuple[str, str]] = ()
    files: Mapping[str, "File"] = field(default_factory=dict[str, "File"])

    def text(self, name: str, otherwise: str = "") -> str:
        """The last value of a field, as it was typed."""
        return next((value for key, value in reversed(self.fields) if key == name), otherwise)

    def whole(self, name: str) -> int | None:
        """A whole number, at least 0; None: there is none, or something else is in the box."""
        return whole(self.text(name))

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key == name]

    def has(self, name: str) -> bool:
        return any(key == name for key, _value in self.fields)

    def given(self) -> dict[str, str]:
        """Each field that is not empty."""
        return {key: value for key, value in self.fields if value.strip()}

    def address(self, **changes: object) -> str:
        """The query with some fields changed, or left out where they are None: `?state=failed&q=…`, or nothing."""
        kept = [(key, value) for key, value in self.fields if key not in changes and value]
        pairs = [*kept, *((key, str(value)) for key, value in changes.items() if value is not None)]
        return f"?{urlencode(pairs)}" if pairs else ""


@dataclass(frozen=True, slots=True)
class File:
    """A file that was chosen."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a form, in a sentence for each field."""

    errors: Mapping[str, str]


def filled(model: type[M], form: Form, lists: Iterable[str] = ()) -> M | Wrong:
    """Read the fields that a model has; those in `lists` may come several times."""
    values: dict[str, object] = dict(form.given())
    values |= {name: form.all(name) for name in lists}
    try:
        return model.model_validate(values)
    except ValidationError as error:
        faults, _more = first_faults(error, values, len(model.model_fields))
        return Wrong({fault.field.partition(".")[0].partition("[")[0]: fault.problem for fault in faults})


def day_of(text: str) -> date:
    """A day that a calendar of this century has.

    Raises:
        ValueError: it is none, or one with which nobody can reckon.
    """
    day = date.fromisoformat(text)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(text)
    return day


def of_query(query: bytes) -> Form:
    """Read a query; what is no UTF-8 becomes a sign for that, and what has too many fields has none."""
    try:
        return Form(clean(parse_qsl(query.decode("latin-1"), keep_blank_values=True, max_num_fields=FIELDS_MAX)))
    except ValueError:
        return Form()


async def of_body(headers: Headers, body: bytes) -> Form | None:
    """Read a form's body; None: it is none that can be read."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == URLENCODED:
            return Form(clean(parse_qsl(body.decode("latin-1"), keep_blank_values=True, max_num_fields=FIELDS_MAX)))
        if kind == MULTIPART:
            return await of_parts(headers, body)
    except (ValueError, MultiPartException):
        return None
    return Form() if not body else None


async def of_parts(headers: Headers, body: bytes) -> Form:
    async def pieces():  # noqa: ANN202 (a stream of one piece)
        yield body

    parser = MultiPartParser(
        headers, pieces(), max_files=FILES_MAX, max_fields=FIELDS_MAX, max_part_size=max(1, len(body))
    )
    parsed = await parser.parse()
    try:
        fields = [(name, value) for name, value in parsed.multi_items() if isinstance(value, str)]
        uploads = [(name, value) for name, value in parsed.multi_items() if isinstance(value, UploadFile)]
        files = {name: File(upload.filename or "", await upload.read()) for name, upload in uploads if upload.filename}
        return Form(clean(fields), files)
    finally:
        await parsed.close()


def clean(fields: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """PostgreSQL has no place for NUL, and a browser writes a new line as two signs."""
    return [(name, value.replace("\0", "").replace("\r\n", "\n")) for name, value in fields]


def whole(text: str) -> int | None:
    """A whole number, at least 0; None: it is none, or one that nothing is numbered by."""
    typed = text.strip()
    return int(typed) if typed.isdecimal() and typed.isascii() and len(typed) <= DIGITS_MAX else None


def required() -> str:
    return _("is missing")
