"""What logs.configure changes for a whole process, put back."""

import logging
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager

import structlog

from worker.logs.setup import LEVELS


@contextmanager
def logging_as_before() -> Generator[None]:
    root = logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in LEVELS}
    facts = logging.logProcesses, logging.logThreads, logging.logMultiprocessing
    before = (root.handlers[:], root.level, logging.raiseExceptions, sys.excepthook, threading.excepthook)
    try:
        yield
    finally:
        root.handlers[:], root_level, logging.raiseExceptions, sys.excepthook, threading.excepthook = before
        logging.logProcesses, logging.logThreads, logging.logMultiprocessing = facts
        root.setLevel(root_level)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        logging.captureWarnings(capture=False)
        structlog.reset_defaults()
