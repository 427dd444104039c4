"""One JSON object per line, with ECS names and ids only; every library's own lines go through the same door.

==========================  =====================================================================
`@timestamp`                UTC, to the microsecond
`log.level`                 debug, info, warning, error, critical
`message`                   a sentence of logs/sentences; of a library's line its own, masked
`event.action`              the event's name, a noun and a participle: `text.accepted`
`service.name`              `perfectum-sms-worker`, `perfectum-sms-scheduler` …
`process.pid`               which replica on this machine
`log.logger`                who speaks
`trace.id` `span.id`        of the span in which it was written, where tracing is on
`error.type`                an exception's class
`error.code`                its SQLSTATE, when PostgreSQL gave one
`error.message`             only of this project's own exceptions, whose sentences carry no values
`error.stack_trace`         frames as `file:line function`, without values and source
`sms.<key>`                 whatever else the line has: `sms.account`, `sms.notification`, `sms.reason`
==========================  =====================================================================

An exception's own message is left out because it may quote a row, and a row has a phone. Field names: Elastic Common
Schema, https://www.elastic.co/docs/reference/ecs; keys of ours live in a namespace of their own, as it asks.
"""

import logging
import os
import sys
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any, TextIO, cast

import structlog
from structlog.stdlib import BoundLogger, ProcessorFormatter
from structlog.typing import EventDict

from worker.logs import late
from worker.logs.formatter import event_fields, foreign_fields, line

log: BoundLogger = structlog.get_logger("perfectum-sms")

#: Libraries that log at INFO, or in a row of warnings and errors, what we log once ourselves.
LEVELS: Mapping[str, int] = {
    "pika": logging.WARNING,
    "pika.channel": logging.ERROR,
    "pika.adapters": logging.CRITICAL + 1,
    "pika.connection": logging.CRITICAL + 1,
    "psycopg.pool": logging.ERROR,
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "uvicorn": logging.WARNING,
    "asyncio": logging.WARNING,
    "opentelemetry": logging.ERROR,
    "urllib3": logging.ERROR,
}
CONSUMER_THREAD = "dramatiq.worker.ConsumerThread"
#: The broker logs once that RabbitMQ is away; Dramatiq's consumers would each log it every three seconds.
CONSUMER_CHATTER = ("Consumer encountered a connection error", "Restarting consumer in")


def configure(service: str, level: str, *, stream: TextIO | None = None) -> None:
    """Send every log line of this process to `stream` (stdout), those of libraries and of crashes included."""
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(Lines(service))
    handler.addFilter(is_worth_a_line)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, least in LEVELS.items():
        logging.getLogger(name).setLevel(max(least, root.level))
    # To ask the system for each line who we are takes as long as to write it.
    logging.logProcesses = logging.logThreads = logging.logMultiprocessing = False
    # Nor does a line say which of ours wrote it (https://docs.python.org/3/howto/logging.html#optimization).
    logging._srcfile = None  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] (documented there)
    # What cannot be written is lost: logging's own complaint would quote the values.
    logging.raiseExceptions = False
    logging.captureWarnings(capture=True)
    sys.excepthook = log_crash
    threading.excepthook = log_thread_crash


class Lines(logging.Formatter):
    """A record as our line: what structlog hands over is a mapping, whatever else is a library's."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = f"perfectum-sms-{service}"
        self._process = os.getpid()

    def format(self, record: logging.LogRecord) -> str:
        ours: object = record.msg
        if isinstance(ours, dict):
            fields = event_fields(cast("EventDict", ours))
        else:
            fields = foreign_fields({"event": record.getMessage(), "exc_info": record.exc_info})
        return line(fields, service=self._service, process=self._process, record=record)


def is_worth_a_line(record: logging.LogRecord) -> bool:
    if not record.name.startswith(CONSUMER_THREAD) or not isinstance(record.msg, str):
        return True
    return not record.msg.startswith(CONSUMER_CHATTER)


def log_crash(error_type: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(error_type, KeyboardInterrupt):
        return
    log.critical("process.crashed", exc_info=(error_type, error, trace))


def log_thread_crash(args: Any) -> None:  # noqa: ANN401 (threading keeps its type to itself)
    if args.exc_value is not None:
        crash = (args.exc_type, args.exc_value, args.exc_traceback)
        log.critical("thread.crashed", thread=getattr(args.thread, "name", None), exc_info=crash)


# A command that announced its logs has just imported whoever writes some.
late.make()
