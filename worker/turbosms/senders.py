"""An account's senders at TurboSMS (`senders/list.json`: published nowhere, seen in programs of others).

Rows have `name` and `status`: `national` stands in the national register, `operator` is accepted by operators.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import orjson

from worker.turbosms.client import NoReply, Reply

#: Of a row that is read.
NAME_MAX, SENDERS_MAX = 40, 200
QUESTION = orjson.dumps({"type": "sms"})


@dataclass(frozen=True, slots=True)
class KnownSender:
    name: str
    status: str


def senders_of(reply: Reply | NoReply) -> Sequence[KnownSender] | str:
    """The senders, or why they are not known; it never raises."""
    if isinstance(reply, NoReply):
        return reply.reason
    try:
        body: object = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return f"HTTP {reply.status}"
    match body:
        case {"response_result": list()}:
            rows = cast("dict[str, list[object]]", body)["response_result"][:SENDERS_MAX]
            return [sender for row in rows if (sender := sender_of(row))]
        case {"response_code": int() as code}:
            return f"code {code}"
        case _:
            return "unreadable"


def sender_of(row: object) -> KnownSender | None:
    match cast("Any", row):
        case {"name": str() as name, **more} if name:
            return KnownSender(name[:NAME_MAX], str(more.get("status") or "")[:NAME_MAX])
        case _:
            return None
