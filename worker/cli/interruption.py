"""Ctrl-C: what was done by then is said, so that nobody has to guess it."""

from collections.abc import Callable
from contextvars import ContextVar

from worker.language import _

#: The exit code of a command that was stopped, as shells have it.
CODE = 130

_done: ContextVar[Callable[[], str]] = ContextVar("done")


def if_stopped(message: Callable[[], str]) -> None:
    """Say this where the command is stopped from now on."""
    _done.set(message)


def nothing_changed() -> str:
    return _("Stopped: nothing was changed.")


def half_done() -> str:
    return _("Stopped: what was done before stays done, what was under way is taken back.")


def stopped() -> str:
    return _done.get(nothing_changed)()
