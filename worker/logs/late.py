"""Logs of a command, which mostly writes none: made only for the first line, because to import them takes long."""

import logging
import sys
from collections.abc import Callable
from types import TracebackType

_announced: list[Callable[[], None]] = []


class LateHandler(logging.Handler):
    """Make the logs at the first line, and hand it over."""

    def emit(self, record: logging.LogRecord) -> None:
        make()
        logger = logging.getLogger(record.name)
        if logger.isEnabledFor(record.levelno):
            logger.handle(record)


def announce(configure: Callable[[], None], level: str) -> None:
    """Let the logs be made once worker/logs/setup.py is imported, a library writes a line, or the command crashes."""
    _announced[:] = [configure]
    if "worker.logs.setup" in sys.modules:
        make()
        return
    root = logging.getLogger()
    root.handlers[:] = [LateHandler()]
    root.setLevel(level)
    logging.captureWarnings(capture=True)
    sys.excepthook = log_crash


def make() -> None:
    for configure in _announced:
        configure()


def log_crash(error_type: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    make()
    sys.excepthook(error_type, error, trace)
