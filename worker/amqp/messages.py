"""Dramatiq envelopes on our send queues: written here, and read strictly.

Dramatiq itself checks hardly more than field names: `"options": null` stops its consumer for ever, and a wrong
`queue_name` kills a worker thread. Whatever is not exactly ours is refused before Dramatiq sees it.
"""

import re
import time
import uuid
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal

from dramatiq import Message
from dramatiq.encoder import JSONEncoder
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from worker.amqp.publisher import Outgoing
from worker.amqp.topology import SEND_QUEUES, send_queue
from worker.core.sending.nudge import Nudge
from worker.tracing import spans

SEND_NOTIFICATIONS = "send_notifications"
REPEAT_ATTEMPTS = "repeat_attempts"
BODY_MAX = 64 * 1024
ATTEMPTS_PER_MESSAGE = 5


def month(text: str) -> str:
    date.fromisoformat(text)
    return text


Number = Annotated[int, Field(ge=0, lt=2**63)]
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-01$"), AfterValidator(month)]
Key = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Queue = Annotated[str, Field(pattern=rf"^({'|'.join(map(re.escape, SEND_QUEUES))})$")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Options(Strict):
    retries: Annotated[int, Field(ge=0, le=1000)] | None = None
    traceback: str | None = None
    requeue_timestamp: Number | None = None


class Envelope(Strict):
    queue_name: Queue
    actor_name: Literal["send_notifications", "repeat_attempts"]
    args: list[list[tuple[Day, Number]]] | list[list[tuple[Day, Key, Number]]]
    kwargs: dict[str, object] = Field(max_length=0)
    options: Options
    message_id: Annotated[str, Field(max_length=64)]
    message_timestamp: Number


class ForeignEnvelopeError(Exception):
    """A message on a send queue that is not ours; the text names the difference."""


def decode(body: bytes, queue: str, *, size: int | None = None) -> Message[None]:
    """Read a message that lies in `queue`; `size` is its whole length where only its head was kept.

    Raises:
        ForeignEnvelopeError: it is not exactly what `nudge` or Dramatiq's Retries wrote.
    """
    if (size or len(body)) > BODY_MAX:
        raise ForeignEnvelopeError(f"body: {size or len(body)} bytes, {BODY_MAX} are the limit")
    try:
        envelope = Envelope.model_validate_json(body)
    except (ValidationError, RecursionError) as error:
        raise ForeignEnvelopeError(fault(error)) from None
    if envelope.queue_name != queue:
        raise ForeignEnvelopeError(f"queue_name: says {envelope.queue_name} but lies in {queue}")
    if (envelope.actor_name == SEND_NOTIFICATIONS) != are_notification_ids(envelope.args):
        raise ForeignEnvelopeError(f"args: are not those of {envelope.actor_name}")
    return Message(
        queue_name=envelope.queue_name,
        actor_name=envelope.actor_name,
        args=tuple(envelope.args),
        kwargs={},
        options=envelope.options.model_dump(exclude_none=True),
        message_id=envelope.message_id,
        message_timestamp=envelope.message_timestamp,
    )


def are_notification_ids(args: Sequence[Sequence[Sequence[object]]]) -> bool:
    """Whether these are ids of rows (pairs), not of attempts (triples)."""
    return len(args) == 1 and all(len(item) == 2 for item in args[0])  # noqa: PLR2004 (a pair)


def fault(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        return f"{'.'.join(map(str, first['loc'])) or 'body'}: {first['msg']}"
    return "body: nested too deeply"


def nudge(result: Nudge) -> Outgoing:
    ids = [[month.isoformat(), number] for month, number in result.notification_ids]
    return outgoing(result.lane, SEND_NOTIFICATIONS, ids)


def handed_over(lane: str, attempts: Sequence[tuple[date, str, int]]) -> list[Outgoing]:
    """Encode attempts to repeat: as few in a message as are POSTed at once."""
    ids: list[list[object]] = [[month.isoformat(), key, lease] for month, key, lease in attempts]
    firsts = range(0, len(ids), ATTEMPTS_PER_MESSAGE)
    return [outgoing(lane, REPEAT_ATTEMPTS, ids[first : first + ATTEMPTS_PER_MESSAGE]) for first in firsts]


def outgoing(lane: str, actor: str, ids: list[list[object]] | list[list[str | int]]) -> Outgoing:
    message: Message[None] = Message(
        queue_name=send_queue(lane),
        actor_name=actor,
        args=(ids,),
        kwargs={},
        options={},
        message_id=str(uuid.uuid4()),
        message_timestamp=int(time.time() * 1000),
    )
    return encoded(message)


def encoded(message: Message[None]) -> Outgoing:
    body = JSONEncoder().encode(message.asdict())
    return Outgoing("", message.queue_name, body, traceparent=spans.traceparent())
