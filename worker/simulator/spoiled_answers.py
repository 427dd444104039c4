"""What a fault makes of an answer: other rows, other bytes, another status."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import cast

import orjson

from worker.simulator.answers import OK, Answer, Row, encoded, row_of
from worker.simulator.fault_scripts import Fault

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
