"""What a TurboSMS reply means for each recipient: pure, and total over any bytes whatever."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

import orjson

from worker.core.outcome import Accepted, Answer, Later, Outcome, Paused, Refused, Repeated, Unknown
from worker.core.waits import LATER_WAIT, RATE_WAIT, UNREACHABLE_WAIT
from worker.turbosms.client import UNUSABLE_TOKEN, NoReply, Reply
from worker.turbosms.codes import Code, Kind, code_of

_Json = None | bool | int | float | str | list["_Json"] | dict[str, "_Json"]
_HTTP_OK = 200
_MESSAGE_ID = re.compile(r"[!-~]{1,64}")
_NUMBERS = range(1_000)
_NESTING = 4  # an enclosed envelope, its array, a row, the channels in it


def answer_of(reply: Reply | NoReply, phones: Collection[str]) -> Answer:
    """What one call of `message/send` came to for the phones it named."""
    match reply:
        case Reply(status=status, body=body):
            return read(status, body, phones)
        case NoReply(reason=reason) if reason == UNUSABLE_TOKEN:
            return Answer(Paused(Kind.TOKEN.value), {})
        case NoReply(left=False):
            return Answer(Later("provider_unreachable", UNREACHABLE_WAIT), {})
        case NoReply(reason=reason):
            return Answer(Unknown(reason), {})


def read(status: int, body: bytes, phones: Collection[str]) -> Answer:
    """The answer that an HTTP status and body are, keyed by the digits of `phones`; it never raises.

    TurboSMS answers every valid request with 200 and tells the outcome in the body
    (https://turbosms.ua/en/api.html), so whatever else comes is from the way there: unknown. A recipient
    whom an acceptance leaves out, or gives no usable id, is `Repeated("left_out")`: created, id lost.
    """
    if status != _HTTP_OK:
        return Answer(Unknown(f"http_{status}"), {})
    try:
        found: _Json = orjson.loads(body)
    except orjson.JSONDecodeError:
        return Answer(Unknown("not_json"), {})
    code = _code_in(found)
    if code is None or not isinstance(found, dict):
        return Answer(Unknown("no_envelope"), {})
    return _answer(code, found.get("response_result"), frozenset(map(_digits, phones)))


def _answer(code: Code, result: _Json, asked: frozenset[str]) -> Answer:
    rows = _rows(result, asked)
    match code.kind:
        case Kind.REPEAT:
            return Answer(_first_outcome(code, result, named=bool(rows)), rows, adopted=True)
        case Kind.OK | Kind.PARTIAL if not isinstance(result, list | dict):
            return Answer(Unknown("no_rows", code.number), {})
        case _:
            return Answer(_outcome(code), rows)


def _first_outcome(repeat: Code, result: _Json, *, named: bool) -> Outcome:
    """What the first answer, which a repeat encloses with or without its envelope, said as a whole.

    A first answer that did not know stays unknown for ever: asking once more brings the same one.
    """
    outcome = _outcome(_code_in(result) or repeat)
    if isinstance(outcome, Unknown):
        return _outcome(repeat)
    return Repeated("left_out", repeat.number) if named and outcome == _outcome(repeat) else outcome


def _rows(result: _Json, asked: frozenset[str]) -> dict[str, Outcome]:
    rows: dict[str, Outcome] = {}
    for phone, code, message_id in _rows_in(result):
        outcome = _outcome(code, message_id)
        if phone in asked and (phone not in rows or _weight(outcome) > _weight(rows[phone])):
            rows[phone] = outcome
    return rows


def _rows_in(found: _Json, phone: str = "", depth: int = _NESTING) -> Iterator[tuple[str, Code, str | None]]:
    """Every recipient's row, however wrapped: arrays, numbered objects, envelopes, channels of a row."""
    if isinstance(found, dict):
        phone = _digits(found.get("phone")) or phone
        code = _code_in(found)
        if phone and code:
            yield phone, code, _message_id(found.get("message_id"))
        found = list(found.values())
    if isinstance(found, list) and depth:
        for item in found:
            yield from _rows_in(item, phone, depth - 1)


def _code_in(found: _Json) -> Code | None:
    number = found.get("response_code") if isinstance(found, dict) else None
    if not isinstance(number, int) or isinstance(number, bool) or number not in _NUMBERS:
        return None
    return code_of(number)


def _message_id(found: _Json) -> str | None:
    return found if isinstance(found, str) and _MESSAGE_ID.fullmatch(found) else None


def _digits(phone: _Json) -> str:
    return re.sub(r"[^0-9]", "", str(phone)) if isinstance(phone, str | int) else ""


def _outcome(code: Code, message_id: str | None = None) -> Outcome:
    number = code.number
    match code.kind:
        case Kind.OK | Kind.PARTIAL:
            return Accepted(message_id) if message_id else Repeated("left_out", number)
        case Kind.PERMANENT | Kind.BUG | Kind.UNKNOWN_CODE:
            return Refused(code.reason, number)
        case Kind.MONEY | Kind.TOKEN | Kind.SENDER:
            return Paused(code.kind.value, number)
        case Kind.RATE | Kind.LATER:
            return Later(code.reason, RATE_WAIT if code.kind is Kind.RATE else LATER_WAIT, number)
        case Kind.DUPLICATE | Kind.REPEAT | Kind.RECIPIENT_REPEAT:
            return Repeated(code.kind.value, number)
        case Kind.UNKNOWN_OUTCOME:
            return Unknown(code.reason, number)


def _weight(outcome: Outcome) -> int:
    """Which of two rows for one phone counts: an id, then doubt, then a refusal; a repeat's row last."""
    match outcome:
        case Accepted():
            return 3
        case Repeated(reason=Kind.RECIPIENT_REPEAT.value):
            return 0
        case Repeated() | Unknown():
            return 2
        case _:
            return 1
