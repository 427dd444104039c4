"""What a TurboSMS reply means for each recipient: pure, and total over any bytes whatever."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import orjson

from worker.core.clock.timeouts import LATER_WAIT, RATE_WAIT, UNREACHABLE_WAIT
from worker.core.sending.send_result import Accepted, Answer, Later, Outcome, Paused, Refused, Repeated, Unknown
from worker.turbosms.client import UNUSABLE_TOKEN, NoReply, Reply
from worker.turbosms.codes import Code, CodeClass, code_in

_Json = None | bool | int | float | str | list["_Json"] | dict[str, "_Json"]
_HTTP_OK = 200
_MESSAGE_ID = re.compile(r"[!-~]{1,64}")
_NESTING = 4  # an enclosed envelope, its array, a row, the channels in it


@dataclass(frozen=True, slots=True)
class _Envelope:
    """What TurboSMS wraps every answer in (https://turbosms.ua/en/api.html)."""

    code: Code
    result: _Json


def answer_of(reply: Reply | NoReply, phones: Collection[str]) -> Answer:
    """Interpret one call of `message/send` for the phones it named; it never raises.

    A recipient whom an acceptance leaves out, or gives no usable id, is `Repeated("left_out")`: created, id lost.
    """
    envelope = _opened(reply)
    return _answer(envelope, phones) if isinstance(envelope, _Envelope) else Answer(envelope, {})


def multi_answers_of(reply: Reply | NoReply, phones: Mapping[str, Collection[str]]) -> dict[str, Answer]:
    """Interpret one call of `message/sendmulti`: an answer for every label of `phones`; it never raises.

    Each item is read as the answer of a `message/send` of its own. The whole answer's code holds for a label only where
    there are no items: the fate of one that is left out beside them is unknown.
    """
    envelope = _opened(reply)
    if not isinstance(envelope, _Envelope):
        return {label: Answer(envelope, {}) for label in phones}
    items = _items(envelope, phones)
    left_out = _left_out(envelope, beside_items=bool(items))
    return {label: _answer(items[label], phones[label]) if label in items else left_out for label in phones}


def _opened(reply: Reply | NoReply) -> _Envelope | Outcome:
    """Open a reply's envelope, or decide what its absence means for all that was asked.

    TurboSMS answers every valid request with 200 (https://turbosms.ua/en/api.html), so whatever else comes is from the
    way there: unknown.
    """
    match reply:
        case Reply(status=status) if status != _HTTP_OK:
            return Unknown(f"http_{status}")
        case Reply(body=body):
            try:
                return _envelope(orjson.loads(body)) or Unknown("no_envelope")
            except orjson.JSONDecodeError:
                return Unknown("not_json")
        case NoReply(reason=reason) if reason == UNUSABLE_TOKEN:
            return Paused(CodeClass.TOKEN.value)
        case NoReply(left=False):
            return Later("provider_unreachable", UNREACHABLE_WAIT)
        case NoReply(reason=reason):
            return Unknown(reason)


def _envelope(value: _Json) -> _Envelope | None:
    code = code_in(value)
    return _Envelope(code, value.get("response_result")) if code and isinstance(value, dict) else None


def _items(envelope: _Envelope, labels: Iterable[str]) -> dict[str, _Envelope]:
    """The labelled envelopes in an answer; those that a repeat encloses are repeats themselves."""
    is_repeat = envelope.code.code_class is CodeClass.REPEAT
    enclosed = _envelope(envelope.result) if is_repeat else None
    result = (enclosed or envelope).result
    if not isinstance(result, dict):
        return {}
    items = {label: item for label in labels if (item := _envelope(result.get(label)))}
    return {label: _Envelope(envelope.code, result[label]) for label in items} if is_repeat else items


def _left_out(envelope: _Envelope, *, beside_items: bool) -> Answer:
    """The answer for a label without an item. A repeat proves that its key was executed, so it is never in doubt."""
    is_executed = beside_items or envelope.code.code_class in {CodeClass.OK, CodeClass.PARTIAL}
    if is_executed and envelope.code.code_class is not CodeClass.REPEAT:
        return Answer(Unknown("left_out_item"), {})
    return _answer(envelope, ())


def _answer(envelope: _Envelope, phones: Collection[str]) -> Answer:
    code, result = envelope.code, envelope.result
    rows = _rows(result, frozenset(map(_digits, phones)))
    match code.code_class:
        case CodeClass.REPEAT:
            return Answer(_first_outcome(code, result, named=bool(rows)), rows, adopted=True)
        case CodeClass.OK | CodeClass.PARTIAL if not isinstance(result, list | dict):
            return Answer(Unknown("no_rows", code.number), {})
        case _:
            return Answer(_outcome(code), rows)


def _first_outcome(repeat: Code, result: _Json, *, named: bool) -> Outcome:
    """What the first answer, which a repeat encloses with or without its envelope, meant as a whole.

    A first answer that did not know stays unknown for ever: asking once more brings the same one.
    """
    outcome = _outcome(code_in(result) or repeat)
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


def _rows_in(value: _Json, phone: str = "", depth: int = _NESTING) -> Iterator[tuple[str, Code, str | None]]:
    """Every recipient's row, however wrapped: arrays, numbered objects, envelopes, channels of a row."""
    if isinstance(value, dict):
        phone = _digits(value.get("phone")) or phone
        code = code_in(value)
        if phone and code:
            yield phone, code, _message_id(value.get("message_id"))
        value = list(value.values())
    if isinstance(value, list) and depth:
        for item in value:
            yield from _rows_in(item, phone, depth - 1)


def _message_id(value: _Json) -> str | None:
    return value if isinstance(value, str) and _MESSAGE_ID.fullmatch(value) else None


def _digits(phone: _Json) -> str:
    return re.sub(r"[^0-9]", "", str(phone)) if isinstance(phone, str | int) else ""


def _outcome(code: Code, message_id: str | None = None) -> Outcome:
    number = code.number
    match code.code_class:
        case CodeClass.OK | CodeClass.PARTIAL:
            return Accepted(message_id) if message_id else Repeated("left_out", number)
        case CodeClass.PERMANENT | CodeClass.BUG | CodeClass.UNKNOWN_CODE:
            return Refused(code.reason, number, code.against)
        case CodeClass.MONEY | CodeClass.TOKEN | CodeClass.SENDER:
            return Paused(code.code_class.value, number)
        case CodeClass.RATE | CodeClass.LATER:
            wait = RATE_WAIT if code.code_class is CodeClass.RATE else LATER_WAIT
            return Later(code.reason, wait, number, code.against)
        case CodeClass.DUPLICATE | CodeClass.REPEAT | CodeClass.RECIPIENT_REPEAT:
            return Repeated(code.code_class.value, number)
        case CodeClass.UNKNOWN_OUTCOME:
            return Unknown(code.reason, number)


def _weight(outcome: Outcome) -> int:
    """Which of two rows for one phone counts: an id, then doubt, then a refusal; a repeat's row last."""
    match outcome:
        case Accepted():
            return 3
        case Repeated(reason=CodeClass.RECIPIENT_REPEAT.value):
            return 0
        case Repeated() | Unknown():
            return 2
        case _:
            return 1
