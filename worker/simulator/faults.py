"""Faults: which one befalls which request, and what it makes of the answer."""

import zlib
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import islice
from typing import Annotated, Any, Literal, cast

import orjson
from annotated_types import Ge
from pydantic import NonNegativeFloat, NonNegativeInt

from worker.simulator.answers import OK, Answer, Refused, row_of
from worker.simulator.http_request import Call, Content, as_array, as_object, bodies_in, phones_of, texts_of
from worker.simulator.scripts import Script
from worker.simulator.settings import Phone, Strict, digits_of

FaultName = Literal[
    "no_answer",
    "slow",
    "reset_before",
    "reset_after",
    "http",
    "empty",
    "truncated",
    "garbage",
    "html",
    "code",
    "row_code",
    "leave_out_rows",
    "leave_out_items",
    "extra_rows",
    "reorder_rows",
    "null_result",
    "drip",
    "huge",
    "gzip",
    "redirect",
    "same_id",
    "wrong_types",
    "wrong_phone_format",
]
#: JSON of an answer, its shape spoilt.
Json = dict[str, Any]

_NOT_EXECUTED = frozenset({"reset_before", "http", "code", "redirect"})
_HTML = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
MEGABYTE = b" " * (1 << 20)


class Match(Strict):
    """Which requests a fault is for; in `message/sendmulti`, those with an item that it describes.

    Attributes:
        method: a shell pattern, by default whatever sends; null is every method.
        recipient: a phone in it.
        text_contains: a fragment of its text.
    """

    method: str | None = "message/send*"
    recipient: Phone | None = None
    text_contains: str | None = None

    def fits(self, call: Call) -> bool:
        if self.method is not None and not fnmatchcase(call.method, self.method):
            return False
        if self.recipient is None and self.text_contains is None:
            return True
        if isinstance(call.content, Refused):
            return False
        return any(map(self._describes, bodies_in(call.method, call.content)))

    def _describes(self, body: Content) -> bool:
        is_for_phone = self.recipient is None or self.recipient in map(digits_of, phones_of(body))
        fragment = self.text_contains
        return is_for_phone and (fragment is None or any(fragment in text for text in texts_of(body)))


class Fault(Script):
    """One script.

    Attributes:
        fault: what happens.
        executed: whether the request is executed first; null is what the fault's nature is.
        when: `slow` waits before or after executing.
        seconds: the wait of `slow`, and `drip`'s pause between two bytes.
        status: the HTTP status of `http` (502) and `redirect` (307).
        code: the response code of `code` and, for the recipient matched or all, of `row_code`.
        count: how many rows `leave_out_rows` drops from the front, and `extra_rows` adds, in each item of
            `message/sendmulti`; how many of its items `leave_out_items` drops from the front.
        megabytes: white space before the answer of `huge` (300) and, packed, of `gzip` (0).
        location: where `redirect` points; null is the same address.
    """

    fault: FaultName
    match: Match = Match()
    executed: bool | None = None
    when: Literal["before", "after"] = "after"
    seconds: NonNegativeFloat = 1.0
    status: Annotated[int, Ge(200)] | None = None
    code: NonNegativeInt = 999
    count: NonNegativeInt = 1
    megabytes: NonNegativeInt | None = None
    location: str | None = None

    @property
    def executes(self) -> bool:
        """Whether the request it befalls is executed."""
        return self.executed if self.executed is not None else self.fault not in _NOT_EXECUTED

    def refuses(self, phone: str) -> bool:
        """Whether it gives its code to a recipient."""
        return self.fault == "row_code" and self.match.recipient in {None, phone}


#: Body, HTTP status and headers.
Reply = tuple[bytes, int, Mapping[str, str]]


def spoiled(answer: Answer, fault: Fault, *, path: str, earlier_id: str | None) -> Reply:
    """What a fault makes of an answer; one that concerns the connection leaves it sound."""
    body, headers = orjson.dumps(answer), {"content-type": "application/json"}
    match fault.fault:
        case "redirect" | "http" | "html":
            return _foreign(fault, path)
        case "gzip":
            body, headers["content-encoding"] = _zipped(body, fault.megabytes or 0), "gzip"
        case "empty":
            body = b""
        case "truncated":
            body = body[: len(body) // 2]
        case "garbage":
            body = b"\x00\xff)]}',\n" + body[::-1]
        case "wrong_types":
            body = orjson.dumps(_mistyped(answer))
        case _:
            body = orjson.dumps(_changed({**answer}, fault, earlier_id))
    return body, 200, headers


def _foreign(fault: Fault, path: str) -> Reply:
    """The reply of something between client and provider."""
    headers = {"content-type": "text/html"}
    if fault.fault == "redirect":
        return b"", fault.status or 307, headers | {"location": fault.location or path}
    return _HTML, (fault.status or 502) if fault.fault == "http" else 200, headers


def _changed(answer: Json, fault: Fault, earlier_id: str | None) -> Json:
    result = answer["response_result"]
    changed = None if fault.fault == "null_result" else _changed_result(result, fault, earlier_id)
    return {**answer, "response_result": changed}


def _changed_result(result: object, fault: Fault, earlier_id: str | None) -> object:
    """Of rows, a whole earlier answer, labelled answers, or whatever else, which stays."""
    if rows := as_array(result):
        return _changed_rows(cast("list[Json]", rows), fault, earlier_id)
    fields = as_object(result) or {}
    if isinstance(fields.get("response_code"), int):
        return _changed_result(fields["response_result"], fault, earlier_id)
    if not all(isinstance(item, dict) for item in fields.values()):
        return result
    items = islice(cast("Json", fields).items(), fault.count if fault.fault == "leave_out_items" else 0, None)
    return {label: _changed(item, fault, earlier_id) for label, item in items} if fields else result


def _changed_rows(rows: Sequence[Json], fault: Fault, earlier_id: str | None) -> Sequence[Json]:
    """Rows of a send, which have phones, or of `message/status` and `message/details`."""
    match fault.fault:
        case "leave_out_rows":
            return rows[fault.count :]
        case "extra_rows":
            return [*rows, *(_stranger(rows[-1], number) for number in range(fault.count))]
        case "reorder_rows":
            return rows[::-1]
        case "same_id":
            same = earlier_id if "phone" in rows[0] else rows[0]["message_id"]
            return [{**row, "message_id": same or row["message_id"]} for row in rows]
        case "wrong_phone_format":
            return [{**row, "phone": _written(row["phone"])} if "phone" in row else row for row in rows]
        case _:
            return rows


def _stranger(like: Json, number: int) -> Json:
    message_id = f"00000000-0000-0000-0000-{number:012x}"
    return {**row_of(f"38099{number:07}", OK, message_id)} if "phone" in like else {**like, "message_id": message_id}


def _written(phone: str) -> str:
    return f"+{phone[:3]} ({phone[3:5]}) {phone[5:8]}-{phone[8:10]}-{phone[10:]}"


def _mistyped(value: object) -> object:
    """Texts in arrays, numbers as texts, and a number for null."""
    if (fields := as_object(value)) is not None:
        return {name: _mistyped(field) for name, field in fields.items()}
    if (items := as_array(value)) is not None:
        return [_mistyped(item) for item in items]
    if value is None:
        return 0
    return [value] if isinstance(value, str) else str(value)


def _zipped(body: bytes, megabytes: int) -> bytes:
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    spaces = b"".join(packer.compress(MEGABYTE) for _ in range(megabytes))
    return spaces + packer.compress(body) + packer.flush()
