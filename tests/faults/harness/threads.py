"""Ends a thread of a process from inside, as an unexpected fault would: the process lives on without it."""

import ctypes
import threading
import time

from worker.logs.setup import log

#: The process has begun to work by then.
SOON_S = 3.0
LOOK_S = 0.1
#: An exception that another thread is given arrives between two steps of its Python code.
AGAIN_S = 0.3


def end_soon(name: str) -> None:
    """End a thread that bears this name: a queue of a consumer, the class of a Dramatiq thread, a thread's own name."""
    threading.Thread(target=end, args=(name,), name="doom", daemon=True).start()


def end(name: str) -> None:
    """Give it SystemExit, which nothing of Dramatiq or of ours catches, until it is dead; return when."""
    while not (doomed := [thread for thread in threading.enumerate() if is_named(thread, name)]):
        time.sleep(LOOK_S)
    time.sleep(SOON_S)
    while doomed[0].is_alive():
        address = ctypes.c_ulong(doomed[0].ident or 0)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(address, ctypes.py_object(SystemExit))
        doomed[0].join(AGAIN_S)
    log.info("thread.ended", thread=name)


def is_named(thread: threading.Thread, name: str) -> bool:
    """Whether it runs and is called so."""
    names = {thread.name, type(thread).__name__, getattr(thread, "queue_name", None)}
    return name in names and getattr(thread, "running", True)
