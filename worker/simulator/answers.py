"""The provider's answers as values: the envelope, its rows, and the three shapes of a repeat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import orjson

from worker.simulator.settings import RepeatShape
from worker.turbosms.codes import code_of

OK = 0
REPEATED = 507


@dataclass(frozen=True, slots=True)
class Row:
    """One recipient's part of an answer, its fields named as on the wire."""

    phone: str
    response_code: int
    message_id: str | None
    response_status: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The envelope, its fields named as on the wire (https://turbosms.ua/en/api.html)."""

    response_code: int
    response_status: str
    response_result: object

    @property
    def rows(self) -> tuple[Row, ...]:
        """The recipients' rows, if it has any."""
        result: object = self.response_result
        if isinstance(result, Answer):
            return result.rows
        if not isinstance(result, tuple):
            return ()
        return tuple(row for row in result if isinstance(row, Row))  # pyright: ignore[reportUnknownVariableType] - what else lies in it is left out

    @property
    def tracks(self) -> tuple[Mapping[str, object], ...]:
        """The rows of `message/status` and `message/details`, if it has any."""
        result: object = self.response_result
        if not isinstance(result, tuple):
            return ()
        results = cast("tuple[object, ...]", result)
        return tuple(cast("dict[str, object]", row) for row in results if isinstance(row, dict))

    @property
    def items(self) -> Mapping[str, Answer]:
        """The labelled answers of `message/sendmulti`, if it has any."""
        result: object = self.response_result
        if isinstance(result, Answer):
            return result.items
        if not isinstance(result, dict):
            return {}
        fields = cast("dict[str, object]", result)
        return {label: item for label, item in fields.items() if isinstance(item, Answer)}


@dataclass(frozen=True, slots=True)
class Refused:
    """A whole request turned down by a code."""

    code: int


def answer_of(code: int, result: object = None) -> Answer:
    """The envelope of a code."""
    return Answer(code, name_of(code), result)


def row_of(phone: str, code: int, message_id: str | None = None) -> Row:
    """The row of a recipient."""
    return Row(phone, code, message_id, name_of(code))


@lru_cache(maxsize=1000)
def name_of(code: int) -> str:
    """The provider's name of a code; an invented code gets a name nobody knows."""
    return code_of(code).name


def repeat_of(earlier: Answer, shape: RepeatShape) -> Answer:
    """What a repeated `sequence_id` is answered with."""
    match shape:
        case "rows":
            return answer_of(REPEATED, earlier.response_result)
        case "nested":
            return answer_of(REPEATED, earlier)
        case "null":
            return answer_of(REPEATED)


def encoded(answer: Answer) -> bytes:
    """The answer's JSON."""
    return orjson.dumps(answer)
