"""The control addresses that say what shall happen: faults, fates of messages, and delivery reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Len
from pydantic import ConfigDict, TypeAdapter
from starlette.requests import Request

from worker.simulator.app import Simulator
from worker.simulator.delivery_reports import Report, ReportScript, read_report_fault
from worker.simulator.fates import Doom, read_fate
from worker.simulator.fault_scripts import Armed, read_fault
from worker.simulator.ledger import Message, Pinned, pin
from worker.simulator.report_timing import announce_one, word_of
from worker.simulator.status_queries import newest_leg

_Word = Annotated[str, Len(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pin:
    """A status by hand; any word, known or not. By default of the channel that the message is on."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    status: _Word
    channel: Literal["sms", "viber"] | None = None
    rejected_status: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _ByHand:
    """A report by hand, its word as it shall go out."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    message_id: _Word
    status: _Word = "DELIVRD"
    event_id: _Word | None = None
    forged: bool = False


_PIN = TypeAdapter(_Pin)
_BY_HAND = TypeAdapter(_ByHand)


def faults(simulator: Simulator, _request: Request, _: dict[str, object]) -> object:
    """The scripts of spoilt answers."""
    return [asdict(armed.script) | {"seen": armed.seen, "fired": armed.fired} for armed in simulator.faults]


def add_fault(simulator: Simulator, request: Request, given: dict[str, object]) -> object:
    """One more of them."""
    simulator.faults = (*simulator.faults, Armed(read_fault(given)))
    return faults(simulator, request, given)


def clear_faults(simulator: Simulator, request: Request, given: dict[str, object]) -> object:
    """None of them."""
    simulator.faults = ()
    return faults(simulator, request, given)


def fates(simulator: Simulator, _request: Request, _: dict[str, object]) -> object:
    """The scripts of what becomes of messages; the newest that is for a message counts."""
    return [asdict(doom.script) | {"fired": doom.fired} for doom in simulator.world.dooms]


def add_fate(simulator: Simulator, request: Request, given: dict[str, object]) -> object:
    """One more of them."""
    simulator.world.dooms = (*simulator.world.dooms, Doom(read_fate(given)))
    return fates(simulator, request, given)


def clear_fates(simulator: Simulator, request: Request, given: dict[str, object]) -> object:
    """None of them."""
    simulator.world.dooms = ()
    return fates(simulator, request, given)


def report_faults(simulator: Simulator, _request: Request, _: dict[str, object]) -> object:
    """The scripts of spoilt delivery reports."""
    scripts = simulator.world.outbox.scripts
    return [asdict(one.script) | {"seen": one.seen, "fired": one.fired} for one in scripts]


def add_report_fault(simulator: Simulator, request: Request, given: dict[str, object]) -> object:
    """One more of them."""
    outbox = simulator.world.outbox
    outbox.scripts = (*outbox.scripts, ReportScript(read_report_fault(given)))
    return report_faults(simulator, request, given)


def clear_report_faults(simulator: Simulator, request: Request, given: dict[str, object]) -> object:
    """None of them."""
    simulator.world.outbox.scripts = ()
    return report_faults(simulator, request, given)


def reports(simulator: Simulator, _request: Request, _: dict[str, object]) -> object:
    """Every delivery report, with what each try met."""
    return [_listed(report) for report in simulator.world.outbox.log]


def report_by_hand(simulator: Simulator, _request: Request, given: dict[str, object]) -> object:
    """Post one delivery report now."""
    asked = _BY_HAND.validate_python(given)
    message = message_of(simulator, asked.message_id)
    report = announce_one(
        simulator.world, _token_of(simulator, message), message, status=asked.status, now=simulator.now()
    )
    report.is_forged = asked.forged
    report.event_id = asked.event_id or report.event_id
    return _listed(report)


def pin_status(simulator: Simulator, request: Request, given: dict[str, object]) -> Message:
    """Give a message a status, and report it if its account wants reports."""
    message = message_of(simulator, request.path_params["message_id"])
    asked, now = _PIN.validate_python(given), simulator.now()
    channel = asked.channel or newest_leg(message, now).channel
    pin(simulator.world, message, channel, Pinned(asked.status, now, asked.rejected_status))
    token = _token_of(simulator, message)
    if simulator.world.accounts[token].callback_url:
        word = word_of(asked.status, simulator.world.switches)
        announce_one(simulator.world, token, message, status=word, now=now)
    return message


def message_of(simulator: Simulator, message_id: str) -> Message:
    """The message.

    Raises:
        LookupError: there is none.
    """
    message = simulator.world.by_id.get(message_id)
    if message is None:
        raise LookupError("no such message")
    return message


def _token_of(simulator: Simulator, message: Message) -> str:
    return next(one.token for one in simulator.world.accounts.values() if one.name == message.account)


def _listed(report: Report) -> Mapping[str, object]:
    fields = asdict(report)
    del fields["token"], fields["echoes"]
    return fields
