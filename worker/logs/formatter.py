"""The content of a log line, from what was logged: names, values that are ids, exceptions without their words."""

import json
import logging
import sys
import traceback
import uuid
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any, cast

from worker.logs.redaction import mask, mask_own
from worker.logs.sentences import sentence_of
from worker.tracing import spans

LINE_MAX = 16_384
VALUE_MAX = 1_000
ITEMS_MAX = 50
SENTENCE_MAX = 4_000
#: More of a text than this is not even looked at.
READ_MAX = 20_000
FRAMES_MAX = 60
CHAIN_MAX = 5
#: What structlog puts beside the values.
SPECIAL = frozenset({"event", "exc_info", "stack_info"})
#: Only these packages' exceptions are quoted: their sentences are ours and carry no values.
OWN = ("worker.", "schedules.", "deploy.")
#: Keys that must never reach a line, whatever somebody logs.
FORBIDDEN = frozenset(
    {
        *("address", "birthday", "client_name", "company", "email", "firstname", "lastname", "name", "patronymic"),
        *("body", "facts", "headers", "payload", "request", "text", "texts", "url", "values"),
        *("authorization", "password", "secret", "token"),
        *("phone", "phonenumber", "phones", "recipient"),
    }
)


def event_fields(event: Mapping[str, Any]) -> dict[str, Any]:
    """Our own line: `log.info("text.accepted", account="acme", notification="2026-11/17")`."""
    action = str(event.get("event", ""))
    values = {key: plain(value) for key, value in event.items() if key not in SPECIAL and key not in FORBIDDEN}
    own = {f"sms.{key}": value for key, value in values.items()}
    message = sentence_of(action, values)[:SENTENCE_MAX]
    return {"message": message, "event.action": action, **own, **error_fields(exception_of(event.get("exc_info")))}


def foreign_fields(event: Mapping[str, Any]) -> dict[str, Any]:
    sentence = mask(str(event.get("event", ""))[:READ_MAX])[:SENTENCE_MAX]
    return {"message": sentence, **error_fields(exception_of(event.get("exc_info")))}


def line(fields: Mapping[str, Any], *, service: str, process: int, record: logging.LogRecord) -> str:
    """Format one line as ASCII JSON, which no character can break; an overlong one keeps its beginning."""
    whole = {
        "@timestamp": datetime.fromtimestamp(record.created, UTC)
        .isoformat(timespec="microseconds")
        .replace("+00:00", "Z"),
        "log.level": record.levelname.lower(),
        **fields,
        **traced(),
        "service.name": service,
        "process.pid": process,
        "log.logger": record.name,
        "ecs.version": "8.11.0",
    }
    text = json.dumps(whole)
    if len(text) <= LINE_MAX:
        return text
    kept = {key: cut(value) for key, value in whole.items() if not key.startswith("sms.")}
    return json.dumps({**kept, "sms.cut": True})


def traced() -> dict[str, str]:
    """Ids of the span in which a line is written, where tracing is on."""
    ids = spans.ids()
    return {"trace.id": ids[0], "span.id": ids[1]} if ids else {}


def cut(value: object) -> object:
    """A value short enough for twelve of them to fit a line, even where each character takes six."""
    return value[: LINE_MAX // 100] if isinstance(value, str) else value


def plain(value: object) -> object:
    """A value as JSON: ids, counts and moments, and lists of them; of anything else only its type."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return mask_own(value[:READ_MAX])[:VALUE_MAX]
    if isinstance(value, datetime | date | uuid.UUID | Decimal):
        return str(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in islice(cast("Collection[object]", value), ITEMS_MAX)]
    return f"<{type(value).__name__}>"


def exception_of(exc_info: Any) -> BaseException | None:  # noqa: ANN401 (logging takes anything here)
    if isinstance(exc_info, tuple):
        exc_info = cast("tuple[object, ...]", exc_info)[1]
    if exc_info is True:
        exc_info = sys.exc_info()[1]
    return exc_info if isinstance(exc_info, BaseException) else None


def error_fields(error: BaseException | None) -> dict[str, Any]:
    if error is None:
        return {}
    fields: dict[str, Any] = {"error.type": error_type(error)}
    code = getattr(error, "sqlstate", None)
    if isinstance(code, str):
        fields["error.code"] = code
    if type(error).__module__.startswith(OWN):
        fields["error.message"] = mask(str(error)[:READ_MAX])[:VALUE_MAX]
    fields["error.stack_trace"] = "\n".join(story(error))[:SENTENCE_MAX]
    return fields


def error_type(error: BaseException) -> str:
    class_ = type(error)
    return class_.__qualname__ if class_.__module__ == "builtins" else f"{class_.__module__}.{class_.__qualname__}"


def story(error: BaseException) -> Iterator[str]:
    """Frames of an exception and of its causes, the newest exception first."""
    current: BaseException | None = error
    for _ in range(CHAIN_MAX):
        if current is None:
            return
        yield error_type(current)
        for frame in traceback.extract_tb(current.__traceback__)[-FRAMES_MAX:]:
            yield f"  {frame.filename}:{frame.lineno} {frame.name}"
        if isinstance(current, BaseExceptionGroup):
            parts = cast("tuple[BaseException, ...]", current.exceptions)  # pyright: ignore[reportUnknownMemberType] - any kind
            yield from (f"  with {error_type(part)}" for part in parts)
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
