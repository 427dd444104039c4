"""Fault scripts: which fault befalls which request, how often, and what it makes of the answer."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from itertools import islice
from typing import Annotated, ClassVar, Literal, cast

import orjson
from annotated_types import Ge, Gt
from pydantic import ConfigDict, TypeAdapter

from worker.simulator.answers import OK, Answer, Refused, Row, encoded, row_of
from worker.simulator.http_request import Call, Content, bodies_in, phones_of, texts_of
from worker.simulator.phone_countries import digits_of
from worker.simulator.send_checks import Imposed

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

_NOT_EXECUTED = frozenset({"reset_before", "http", "code", "redirect"})

_Natural = Annotated[int, Ge(0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Which requests a fault is for; in `message/sendmulti`, those with an item that it describes.

    Attributes:
        method: a shell pattern, by default whatever sends; null is every method.
        recipient: a phone it names.
        text_contains: a fragment of its text.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    method: str | None = "message/send*"
    recipient: str | None = None
    text_contains: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One script.

    Attributes:
        fault: what happens.
        times: how often; null is until cleared.
        after: how many matching requests pass unharmed first.
        match: which requests it is for.
        executed: whether the request is executed first; null is what the fault's nature is.
        when: `slow` waits before or after executing.
        seconds: the wait of `slow`, and `drip`'s pause between two bytes.
        status: the HTTP status of `http` (502) and `redirect` (307).
        code: the response code of `code` and `row_code`.
        count: how many rows `leave_out_rows` drops from the front, and `extra_rows` adds, in each item of
            `message/sendmulti`; how many of its items `leave_out_items` drops from the front.
        megabytes: white space before the answer of `huge` (300) and, packed, of `gzip` (0).
        location: where `redirect` points; null is the same address.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    fault: FaultName
    times: Annotated[int, Gt(0)] | None = 1
    after: _Natural = 0
    match: Match = field(default_factory=Match)
    executed: bool | None = None
    when: Literal["before", "after"] = "after"
    seconds: Annotated[float, Ge(0)] = 1.0
    status: Annotated[int, Ge(200)] | None = None
    code: _Natural = 999
    count: _Natural = 1
    megabytes: _Natural | None = None
    location: str | None = None

    @property
    def executes(self) -> bool:
        """Whether the request it befalls is executed."""
        return self.executed if self.executed is not None else self.fault not in _NOT_EXECUTED

    @property
    def imposed(self) -> Imposed | None:
        """The code it gives to recipients."""
        if self.fault != "row_code":
            return None
        phone = self.match.recipient
        return Imposed(self.code, None if phone is None else digits_of(phone))


@dataclass(frozen=True, slots=True)
class Armed:
    """A script with the number of matching requests it has seen and of those it has befallen."""

    script: Fault
    seen: int = 0
    fired: int = 0

    @property
    def is_spent(self) -> bool:
        """Whether it will never fire again."""
        return self.script.times is not None and self.fired >= self.script.times


_FAULT = TypeAdapter(Fault)


def read_fault(given: object) -> Fault:
    """The script in a JSON object.

    Raises:
        pydantic.ValidationError: naming each field that is wrong.
    """
    return _FAULT.validate_python(given)


def befall(armed: Sequence[Armed], call: Call) -> tuple[tuple[Armed, ...], Fault | None]:
    """The scripts after one more call, and the fault that befalls it: the first live one that matches."""
    for index, candidate in enumerate(armed):
        if candidate.is_spent or not _matches(candidate.script.match, call):
            continue
        fires = candidate.seen >= candidate.script.after
        counted = replace(candidate, seen=candidate.seen + 1, fired=candidate.fired + fires)
        armed = (*armed[:index], counted, *armed[index + 1 :])
        if fires:
            return armed, candidate.script
    return tuple(armed), None


def _matches(match: Match, call: Call) -> bool:
    if match.method is not None and not fnmatchcase(call.method, match.method):
        return False
    if match.recipient is None and match.text_contains is None:
        return True
    if isinstance(call.content, Refused):
        return False
    return any(_describes(match, body) for body in bodies_in(call.method, call.content))


def _describes(match: Match, body: Content) -> bool:
    is_for_phone = match.recipient is None or digits_of(match.recipient) in map(digits_of, phones_of(body))
    fragment = match.text_contains
    return is_for_phone and (fragment is None or any(fragment in text for text in texts_of(body)))


_HTML = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
_MEGABYTE = b" " * (1 << 20)


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer, to be written as it is."""

    body: bytes
    status: int = 200
    content_type: bytes = b"application/json"
    headers: tuple[tuple[bytes, bytes], ...] = ()


def spoiled(answer: Answer, fault: Fault, *, path: str, earlier_id: str | None) -> Reply:
    """The reply that a fault makes of an answer; one that concerns the connection leaves it sound."""
    match fault.fault:
        case "http" | "html" | "redirect":
            return _foreign(fault, path)
        case "gzip":
            zipped = _zipped(encoded(answer), fault.megabytes or 0)
            return Reply(zipped, headers=((b"content-encoding", b"gzip"),))
        case _:
            return Reply(_body(answer, fault, earlier_id))


def _foreign(fault: Fault, path: str) -> Reply:
    """What something between client and provider would say."""
    if fault.fault == "redirect":
        location = (fault.location or path).encode("latin-1")
        return Reply(b"", fault.status or 307, b"text/html", ((b"location", location),))
    return Reply(_HTML, (fault.status or 502) if fault.fault == "http" else 200, b"text/html")


def _body(answer: Answer, fault: Fault, earlier_id: str | None) -> bytes:
    body = encoded(answer)
    match fault.fault:
        case "empty":
            return b""
        case "truncated":
            return body[: len(body) // 2]
        case "garbage":
            return b"\x00\xff)]}',\n" + body[::-1]
        case "wrong_types":
            return orjson.dumps(_mistyped(answer))
        case _:
            return encoded(_with_rows(answer, fault, earlier_id))


def _with_rows(answer: Answer, fault: Fault, earlier_id: str | None) -> Answer:
    if fault.fault == "null_result":
        return replace(answer, response_result=None)
    if items := answer.items:
        return replace(answer, response_result=_with_items(items, fault, earlier_id))
    if rows := answer.rows:
        return replace(answer, response_result=_changed(rows, fault, earlier_id))
    return replace(answer, response_result=_changed_tracks(tracks, fault)) if (tracks := answer.tracks) else answer


def _with_items(items: Mapping[str, Answer], fault: Fault, earlier_id: str | None) -> Mapping[str, Answer]:
    left_out = fault.count if fault.fault == "leave_out_items" else 0
    return {label: _with_rows(item, fault, earlier_id) for label, item in islice(items.items(), left_out, None)}


def _changed(rows: Sequence[Row], fault: Fault, earlier_id: str | None) -> Sequence[Row]:
    match fault.fault:
        case "leave_out_rows":
            return tuple(rows[fault.count :])
        case "extra_rows":
            return (*rows, *(_stranger(number) for number in range(fault.count)))
        case "reorder_rows":
            return tuple(reversed(rows))
        case "same_id":
            return tuple(replace(row, message_id=earlier_id or row.message_id) for row in rows)
        case "wrong_phone_format":
            return tuple(replace(row, phone=_written(row.phone)) for row in rows)
        case _:
            return rows


def _changed_tracks(tracks: Sequence[Mapping[str, object]], fault: Fault) -> Sequence[Mapping[str, object]]:
    match fault.fault:
        case "leave_out_rows":
            return tracks[fault.count :]
        case "extra_rows":
            return (
                *tracks,
                *({**tracks[-1], "message_id": _stranger(number).message_id} for number in range(fault.count)),
            )
        case "reorder_rows":
            return tuple(reversed(tracks))
        case "same_id":
            return tuple({**track, "message_id": tracks[0]["message_id"]} for track in tracks)
        case _:
            return tracks


def _stranger(number: int) -> Row:
    return row_of(f"38099{number:07}", OK, f"00000000-0000-0000-0000-{number:012x}")


def _written(phone: str) -> str:
    return f"+{phone[:3]} ({phone[3:5]}) {phone[5:8]}-{phone[8:10]}-{phone[10:]}"


def _mistyped(answer: Answer) -> Mapping[str, object]:
    rows: list[object] = [_mistyped_value(track) for track in answer.tracks] or [
        {
            "phone": [row.phone],
            "response_code": str(row.response_code),
            "message_id": index,
            "response_status": 0,
        }
        for index, row in enumerate(answer.rows)
    ]
    items = {label: _mistyped(item) for label, item in answer.items.items()}
    return {"response_code": str(answer.response_code), "response_status": 1, "response_result": items or rows}


def _mistyped_value(value: object) -> object:
    match value:
        case dict():
            fields = cast("dict[str, object]", value)
            return {name: _mistyped_value(field) for name, field in fields.items()}
        case int() | float():
            return str(value)
        case None:
            return 0
        case _:
            return [value]


def _zipped(body: bytes, megabytes: int) -> bytes:
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    spaces = b"".join(packer.compress(_MEGABYTE) for _ in range(megabytes))
    return spaces + packer.compress(body) + packer.flush()
