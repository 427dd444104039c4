"""The provider's answers, their fields as on the wire (https://turbosms.ua/en/api.html)."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TypedDict

from worker.turbosms.codes import code_of

OK = 0
REPEATED = 507


class Row(TypedDict):
    phone: str
    response_code: int
    message_id: str | None
    response_status: str


class Answer(TypedDict):
    response_code: int
    response_status: str
    response_result: object


@dataclass(frozen=True, slots=True)
class Refused:
    """A whole request turned down by a code."""

    code: int


def answer_of(code: int, result: object = None) -> Answer:
    return {"response_code": code, "response_status": name_of(code), "response_result": result}


def row_of(phone: str, code: int, message_id: str | None = None) -> Row:
    return {"phone": phone, "response_code": code, "message_id": message_id, "response_status": name_of(code)}


@lru_cache(maxsize=1000)
def name_of(code: int) -> str:
    """The provider's name of a code; an invented code gets a name nobody knows."""
    return code_of(code).name
