"""One delivery of an event queue: the bytes the CRM published, read as an Event or refused with a reason."""

import hashlib
import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import cast

import orjson
from pydantic import ValidationError

from worker.core.contract.data import Data
from worker.core.contract.event_types import ID_MAX, TYPE_MAX, TYPES, Envelope
from worker.core.contract.inbound_message import BODY_MAX
from worker.core.contract.lenient_parsing import Taken, taken
from worker.core.contract.validation_errors import Fault, fault_summary, faults_of
from worker.language import _
from worker.tracing.traceparent import ATTRIBUTES, traceparent_of

FUTURE_MAX = timedelta(hours=48)
# NUL, and half of a character pair as JavaScript's slice() leaves behind.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Event:
    """What the CRM published, checked.

    `key` is its identity within the installation, `content` a hash of the canonical JSON, however keys are ordered.
    `given_up` was wrong and is done without; `as_of` is whose state of the record it shows, if not that of
    `occurred_at`. `traceparent` is the trace in which it happened, else that of its message.
    """

    account: str
    id: str
    type: str
    occurred_at: datetime
    data: Data
    routing_key: str
    body: bytes
    key: bytes
    content: bytes
    as_of: datetime | None = None
    given_up: tuple[Fault, ...] = ()
    traceparent: str | None = None

    @property
    def known_at(self) -> datetime:
        return self.occurred_at if self.as_of is None else min(self.as_of, self.occurred_at)


@dataclass(frozen=True, slots=True)
class Malformed:
    """A delivery that is no event; `detail` names the field and the fix and holds no personal value."""

    reason: str
    detail: str
    account: str | None = None
    id: str | None = None
    type: str | None = None
    faults: tuple[Fault, ...] = ()


def read(
    body: bytes, *, routing_key: str, now: datetime, size: int | None = None, hop: str | None = None
) -> Event | Malformed:
    """Decode and check one event; never raises for any bytes.

    `size` is given where the body is only a head; `hop` is the traceparent of its message.
    """
    size = len(body) if size is None else size
    if size > BODY_MAX:
        return Malformed("too_large", _("The body has {size} bytes; {most} are the limit.", size=size, most=BODY_MAX))
    decoded = decode(body)
    content = decoded if isinstance(decoded, Malformed) else canonical(untraced(decoded))
    if isinstance(content, Malformed):
        return content
    try:
        envelope = Envelope.model_validate(decoded)
    except ValidationError as error:
        faults = faults_of(error, decoded)
        return Malformed("schema", fault_summary(faults), None, *labels(decoded), faults)
    result = check(envelope, routing_key=routing_key, now=now)
    if isinstance(result, Malformed):
        return replace(result, account=envelope.account, id=envelope.id, type=envelope.type)
    return Event(
        account=envelope.account,
        id=envelope.id,
        type=envelope.type,
        # In UTC: RFC 3339 allows offsets of up to a day, PostgreSQL of less than 16 hours.
        occurred_at=envelope.time.astimezone(UTC),
        data=Data(result.facts),
        routing_key=routing_key,
        body=body,
        key=short_hash(envelope.account.encode(), envelope.id.encode()),
        content=content,
        as_of=envelope.asof.astimezone(UTC) if envelope.asof else None,
        given_up=result.given_up,
        traceparent=traceparent_of((envelope.model_extra or {}).get("traceparent")) or hop,
    )


def untraced(decoded: object) -> object:
    """The same without its trace, which is another one where a CRM publishes an event again."""
    if not isinstance(decoded, dict) or ATTRIBUTES.isdisjoint(cast("dict[str, object]", decoded)):
        return cast("object", decoded)
    return {name: value for name, value in cast("dict[str, object]", decoded).items() if name not in ATTRIBUTES}


def labels(decoded: object) -> tuple[str | None, str | None]:
    fields = cast("dict[str, object]", decoded) if isinstance(decoded, dict) else {}
    id_, type_ = fields.get("id"), fields.get("type")
    return (
        id_[:ID_MAX] if isinstance(id_, str) else None,
        type_[:TYPE_MAX] if isinstance(type_, str) else None,
    )


def decode(body: bytes) -> object | Malformed:
    """JSON of an event; NULs and lone surrogates are dropped, everything else must be right."""
    try:
        value: object = orjson.loads(body)
        return cleaned(value) if b"\\u0000" in body else value
    except orjson.JSONDecodeError as error:
        problem = str(error)
    except RecursionError:
        problem = _("it is nested too deeply")
    try:
        text = body.decode()
        if "surrogate" not in problem:
            return Malformed("not_json", unreadable(problem))
        # `int` refuses NaN and Infinity, which Python would take and JSON does not know.
        return cleaned(json.loads(text, parse_constant=int))
    except UnicodeDecodeError as error:
        return Malformed("not_utf8", _("The body is not UTF-8: a wrong byte at position {at}.", at=error.start))
    except (ValueError, RecursionError) as error:
        return Malformed("not_json", unreadable(type(error).__name__))


def unreadable(problem: str) -> str:
    return _("The body is not JSON: {problem}.", problem=problem)


def cleaned(value: object) -> object:
    """The same JSON without characters that PostgreSQL has no place for."""
    match value:
        case str():
            return UNSTORABLE.sub("", value)
        case list():
            return [cleaned(item) for item in cast("list[object]", value)]
        case dict():
            return {cleaned(key): cleaned(item) for key, item in cast("dict[str, object]", value).items()}
        case _:
            return value


def canonical(decoded: object) -> bytes | Malformed:
    try:
        return short_hash(orjson.dumps(decoded, option=orjson.OPT_SORT_KEYS))
    except orjson.JSONEncodeError:
        return Malformed("not_json", unreadable(_("it is nested too deeply or holds a number of more than 64 bits")))


def check(envelope: Envelope, *, routing_key: str, now: datetime) -> Malformed | Taken:
    if routing_key.split(".", 1)[0] != envelope.account:
        fix = f"publish it as {envelope.account}.{envelope.type}."
        return Malformed("account_mismatch", f"`source` and routing key name different accounts: {fix}")
    event_type = TYPES.get(envelope.type)
    if event_type is None:
        return Malformed("unknown_type", f"`type` {envelope.type} is not in the contract: {', '.join(TYPES)}.")
    if envelope.time > now + FUTURE_MAX:
        ahead = Fault("time", _("lies more than 48 hours ahead; give the moment when it happened."))
        return Malformed("schema", str(ahead), faults=(ahead,))
    result = taken(envelope.data, event_type.model, "data")
    return Malformed("schema", fault_summary(result.faults), faults=result.faults) if result.faults else result


def short_hash(*parts: bytes) -> bytes:
    """The first 16 bytes of SHA-256 over length-prefixed parts, so that no two lists of parts look alike."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(4, "big"))
        digest.update(part)
    return digest.digest()[:16]
