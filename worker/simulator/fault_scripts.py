"""Fault scripts: which fault befalls which request, and how often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Gt
from pydantic import ConfigDict, TypeAdapter

from worker.simulator.answers import Refused
from worker.simulator.http_request import Call, Content
from worker.simulator.phone_countries import digits_of
from worker.simulator.send_checks import Imposed
from worker.simulator.send_request import bodies_in, phones_of, texts_of

FaultName = Literal[
    "no_answer",
    "slow",
    "reset_before",
    "reset_after",
    "http",
    "empty",
    "truncated",
    "garbage",
    "html",
    "code",
    "row_code",
    "leave_out_rows",
    "leave_out_items",
    "extra_rows",
    "reorder_rows",
    "null_result",
    "drip",
    "huge",
    "gzip",
    "redirect",
    "same_id",
    "wrong_types",
    "wrong_phone_format",
]

_NOT_EXECUTED = frozenset({"reset_before", "http", "code", "redirect"})

_Natural = Annotated[int, Ge(0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Which requests a fault is for; in `message/sendmulti`, those with an item that it describes.

    Attributes:
        method: a shell pattern, by default whatever sends; null is every method.
        recipient: a phone it names.
        text_contains: a fragment of its text.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    method: str | None = "message/send*"
    recipient: str | None = None
    text_contains: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One script.

    Attributes:
        fault: what happens.
        times: how often; null is until cleared.
        after: how many matching requests pass unharmed first.
        match: which requests it is for.
        executed: whether the request is executed first; null is what the fault's nature is.
        when: `slow` waits before or after executing.
        seconds: the wait of `slow`, and `drip`'s pause between two bytes.
        status: the HTTP status of `http` (502) and `redirect` (307).
        code: the response code of `code` and `row_code`.
        count: how many rows `leave_out_rows` drops from the front, and `extra_rows` adds, in each item of
            `message/sendmulti`; how many of its items `leave_out_items` drops from the front.
        megabytes: white space before the answer of `huge` (300) and, packed, of `gzip` (0).
        location: where `redirect` points; null is the same address.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    fault: FaultName
    times: Annotated[int, Gt(0)] | None = 1
    after: _Natural = 0
    match: Match = field(default_factory=Match)
    executed: bool | None = None
    when: Literal["before", "after"] = "after"
    seconds: Annotated[float, Ge(0)] = 1.0
    status: Annotated[int, Ge(200)] | None = None
    code: _Natural = 999
    count: _Natural = 1
    megabytes: _Natural | None = None
    location: str | None = None

    @property
    def executes(self) -> bool:
        """Whether the request it befalls is executed."""
        return self.executed if self.executed is not None else self.fault not in _NOT_EXECUTED

    @property
    def imposed(self) -> Imposed | None:
        """The code it gives to recipients."""
        if self.fault != "row_code":
            return None
        phone = self.match.recipient
        return Imposed(self.code, None if phone is None else digits_of(phone))


@dataclass(frozen=True, slots=True)
class Armed:
    """A script with the number of matching requests it has seen and of those it has befallen."""

    script: Fault
    seen: int = 0
    fired: int = 0

    @property
    def is_spent(self) -> bool:
        """Whether it will never fire again."""
        return self.script.times is not None and self.fired >= self.script.times


_FAULT = TypeAdapter(Fault)


def read_fault(given: object) -> Fault:
    """The script in a JSON object.

    Raises:
        pydantic.ValidationError: naming each field that is wrong.
    """
    return _FAULT.validate_python(given)


def befall(armed: Sequence[Armed], call: Call) -> tuple[tuple[Armed, ...], Fault | None]:
    """The scripts after one more call, and the fault that befalls it: the first live one that matches."""
    for place, candidate in enumerate(armed):
        if candidate.is_spent or not _matches(candidate.script.match, call):
            continue
        fires = candidate.seen >= candidate.script.after
        counted = replace(candidate, seen=candidate.seen + 1, fired=candidate.fired + fires)
        armed = (*armed[:place], counted, *armed[place + 1 :])
        if fires:
            return armed, candidate.script
    return tuple(armed), None


def _matches(match: Match, call: Call) -> bool:
    if match.method is not None and not fnmatchcase(call.method, match.method):
        return False
    if match.recipient is None and match.text_contains is None:
        return True
    if isinstance(call.content, Refused):
        return False
    return any(_describes(match, body) for body in bodies_in(call.method, call.content))


def _describes(match: Match, body: Content) -> bool:
    is_for_phone = match.recipient is None or digits_of(match.recipient) in map(digits_of, phones_of(body))
    fragment = match.text_contains
    return is_for_phone and (fragment is None or any(fragment in text for text in texts_of(body)))
