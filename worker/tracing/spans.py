"""What is worth a span, said without OpenTelemetry: while tracing is off each of these does nothing.

A span has ids, counts, statuses and durations; never a phone, a text, a token, or an exception's words.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, Protocol, Self, TypeVar

T = TypeVar("T")
Kind = Literal["consumer", "client"]
Facts = Mapping[str, str | int]


class Span(Protocol):
    """A piece of work under way."""

    is_on: bool

    def note(self, facts: Facts) -> None: ...

    def link(self, traceparents: Iterable[str]) -> None:
        """Link it to other traces, each once."""
        ...

    def over(self) -> None:
        """Let it have ended now, though something more is done and noted for it."""
        ...


class Tracing(Protocol):
    def span(self, name: str, kind: Kind, facts: Facts, parent: str | None) -> AbstractContextManager[Span]: ...

    def current(self) -> Span: ...

    def traceparent(self) -> str | None: ...

    def ids(self) -> tuple[str, str] | None: ...

    def carried(self, work: Callable[..., T]) -> Callable[..., T]: ...

    def end(self) -> None: ...


class Untraced:
    """In place of a span while tracing is off."""

    is_on = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        return

    def note(self, facts: Facts) -> None:
        """Do nothing."""

    def link(self, traceparents: Iterable[str]) -> None:
        """Do nothing."""

    def over(self) -> None:
        """Do nothing."""


@dataclass(slots=True)
class State:
    tracing: Tracing | None = None


UNTRACED = Untraced()
STATE = State()


def end() -> None:
    """Send what is left, for as long as the process may take to end."""
    tracing, STATE.tracing = STATE.tracing, None
    if tracing:
        tracing.end()


def span(name: str, kind: Kind, facts: Facts, *, parent: str | None = None) -> AbstractContextManager[Span]:
    """A span around a piece of work: within `parent`, a traceparent, or within what is under way here."""
    return STATE.tracing.span(name, kind, facts, parent) if STATE.tracing else UNTRACED


def current() -> Span:
    """What is under way here."""
    return STATE.tracing.current() if STATE.tracing else UNTRACED


def traceparent() -> str | None:
    """What a message that is published now should carry."""
    return STATE.tracing.traceparent() if STATE.tracing else None


def ids() -> tuple[str, str] | None:
    """Trace and span of what is under way here, for log lines."""
    return STATE.tracing.ids() if STATE.tracing else None


def carried(work: Callable[..., T]) -> Callable[..., T]:
    """The same work for another thread, within what is under way here."""
    return STATE.tracing.carried(work) if STATE.tracing else work
