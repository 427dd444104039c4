"""The control addresses under `/_simulator/`: what the provider remembers, and how a test bends it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Annotated, ClassVar, Literal

import orjson
from annotated_types import Ge, Len
from pydantic import ConfigDict, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from worker.simulator.app import Simulator
from worker.simulator.delivery_reports import Report, ReportScript, read_report_fault
from worker.simulator.fates import Doom, read_fate
from worker.simulator.fault_scripts import Armed, read_fault
from worker.simulator.http_request import as_object
from worker.simulator.ledger import Account, Message, Pinned, World, pin, settle_refunds
from worker.simulator.phone_countries import digits_of
from worker.simulator.report_sender import announce_report, status_label
from worker.simulator.settings import as_json, changed
from worker.simulator.status_queries import costs, newest_leg

_NotEmpty = Annotated[str, Len(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pin:
    """A status by hand; any word, known or not. By default of the channel that the message is on."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    status: _NotEmpty
    channel: Literal["sms", "viber"] | None = None
    rejected_status: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _ByHand:
    """A report by hand, its word as it shall go out."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    message_id: _NotEmpty
    status: _NotEmpty = "DELIVRD"
    event_id: _NotEmpty | None = None
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
    return [
        asdict(report_script.script) | {"seen": report_script.seen, "fired": report_script.fired}
        for report_script in scripts
    ]


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
    return [_report_row(report) for report in simulator.world.outbox.log]


def report_by_hand(simulator: Simulator, _request: Request, given: dict[str, object]) -> object:
    """Post one delivery report now."""
    asked = _BY_HAND.validate_python(given)
    message = message_of(simulator, asked.message_id)
    report = announce_report(
        simulator.world, _token_of(simulator, message), message, status=asked.status, now=simulator.now()
    )
    report.is_forged = asked.forged
    report.event_id = asked.event_id or report.event_id
    return _report_row(report)


def pin_status(simulator: Simulator, request: Request, given: dict[str, object]) -> Message:
    """Give a message a status, and report it if its account wants reports."""
    message = message_of(simulator, request.path_params["message_id"])
    asked, now = _PIN.validate_python(given), simulator.now()
    channel = asked.channel or newest_leg(message, now).channel
    pin(simulator.world, message, channel, Pinned(asked.status, now, asked.rejected_status))
    token = _token_of(simulator, message)
    if simulator.world.accounts[token].callback_url:
        label = status_label(asked.status, simulator.world.switches)
        announce_report(simulator.world, token, message, status=label, now=now)
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
    return next(account.token for account in simulator.world.accounts.values() if account.name == message.account)


def _report_row(report: Report) -> Mapping[str, object]:
    fields = asdict(report)
    del fields["token"], fields["echoes"]
    return fields


Act = Callable[[Simulator, Request, dict[str, object]], object]


def control_routes(simulator: Simulator) -> list[BaseRoute]:
    """The routes, relative to `/_simulator`."""
    acts: tuple[tuple[str, str, Act], ...] = (
        ("GET", "/messages", _messages),
        ("PATCH", "/messages/{message_id}", _pin),
        ("GET", "/callbacks", reports),
        ("POST", "/callbacks", report_by_hand),
        ("GET", "/state", _state),
        ("POST", "/reset", _reset),
        ("GET", "/settings", _switches),
        ("PATCH", "/settings", _change_switches),
        ("GET", "/faults", faults),
        ("POST", "/faults", add_fault),
        ("DELETE", "/faults", clear_faults),
        ("GET", "/fates", fates),
        ("POST", "/fates", add_fate),
        ("DELETE", "/fates", clear_fates),
        ("GET", "/callback-faults", report_faults),
        ("POST", "/callback-faults", add_report_fault),
        ("DELETE", "/callback-faults", clear_report_faults),
        ("POST", "/clock", _advance_clock),
        ("GET", "/stoplist", _stopped),
        ("POST", "/stoplist", _stop),
        ("DELETE", "/stoplist", _let_go),
        ("POST", "/accounts", _set_account),
    )
    return [Route(path, _endpoint(simulator, act), methods=[verb]) for verb, path, act in acts]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    recipient: str | None = None
    sequence_id: str | None = None
    after: Annotated[int, Ge(0)] = 0
    limit: Annotated[int, Ge(0)] | None = None


@dataclass(frozen=True, slots=True)
class _Advance:
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    advance_s: float


@dataclass(frozen=True, slots=True)
class _Stop:
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    recipient: str


_PAGE = TypeAdapter(_Page)
_ADVANCE = TypeAdapter(_Advance)
_STOP = TypeAdapter(_Stop)
_ACCOUNT = TypeAdapter(Account)


def _endpoint(simulator: Simulator, act: Act) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            given = as_object(orjson.loads(await request.body() or b"{}"))
            if given is None:
                return _json({"error": "the body must be a JSON object"}, 400)
            result = act(simulator, request, given)
            simulator.courier.nudge()
            return _json(result)
        except orjson.JSONDecodeError:
            return _json({"error": "the body must be JSON"}, 400)
        except LookupError as error:
            return _json({"error": str(error.args[0])}, 404)
        except ValidationError as error:
            faults = (f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
            return _json({"error": "; ".join(faults)}, 400)
        except ValueError as error:
            return _json({"error": str(error)}, 400)

    return answer


def _json(value: object, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")


def _messages(simulator: Simulator, request: Request, _: dict[str, object]) -> object:
    page = _PAGE.validate_python(dict(request.query_params))
    phone = None if page.recipient is None else digits_of(page.recipient)
    messages = (
        message
        for message in simulator.world.messages[page.after :]
        if phone in {None, message.recipient} and page.sequence_id in {None, message.sequence_id}
    )
    return [_message_row(simulator, message) for message in islice(messages, page.limit)]


def _message_row(simulator: Simulator, message: Message) -> Mapping[str, object]:
    now = simulator.now()
    fields = {name: getattr(message, name) for name in Message.__slots__}  # asdict copies deeply: slow for thousands
    legs = costs(simulator.world, message, now)
    return fields | {"price": float(message.price), "status": legs[-1]["status"], "legs": legs}


def _pin(simulator: Simulator, request: Request, given: dict[str, object]) -> object:
    return _message_row(simulator, pin_status(simulator, request, given))


def _state(simulator: Simulator, _request: Request, _: dict[str, object]) -> object:
    world, counts = simulator.world, simulator.world.counts
    settle_refunds(world, simulator.now())
    return {
        "requests": dict(counts.requests),
        "posts": counts.requests["message/send"] + counts.requests["message/sendmulti"],
        "created": len(world.messages),
        "repeats": counts.repeats,
        "refused_requests": {str(code): times for code, times in counts.refused_requests.items()},
        "refused_rows": {str(code): times for code, times in counts.refused_rows.items()},
        **_reports(world),
        "balances": {account.name: float(account.balance) for account in world.accounts.values()},
        "in_flight": counts.in_flight,
        "in_flight_max": counts.in_flight_max,
        "now": simulator.now(),
    }


def _reports(world: World) -> Mapping[str, object]:
    """How many delivery reports stand where, how many are being posted, and when the next one is due."""
    states, waiting = Counter(report.state for report in world.outbox.log), world.outbox.waiting
    under_way = states["waiting"] - len(waiting) - len(world.outbox.held)
    return {
        "callbacks": dict(states),
        "callbacks_in_flight": under_way,
        "callback_due_at": waiting[0][0] if waiting else None,
    }


def _reset(simulator: Simulator, request: Request, given: dict[str, object]) -> object:
    simulator.reset()
    return _state(simulator, request, given)


def _switches(simulator: Simulator, _request: Request, _: dict[str, object]) -> object:
    return as_json(simulator.world.switches)


def _change_switches(simulator: Simulator, request: Request, given: dict[str, object]) -> object:
    simulator.world.switches = changed(simulator.world.switches, given)
    return _switches(simulator, request, given)


def _advance_clock(simulator: Simulator, _request: Request, given: dict[str, object]) -> object:
    simulator.ahead_s += _ADVANCE.validate_python(given).advance_s
    return {"now": simulator.now()}


def _stopped(simulator: Simulator, _request: Request, _: dict[str, object]) -> object:
    return sorted(simulator.world.stoplist)


def _stop(simulator: Simulator, _request: Request, given: dict[str, object]) -> object:
    simulator.world.stoplist.add(digits_of(_STOP.validate_python(given).recipient))
    return {"stopped": len(simulator.world.stoplist)}


def _let_go(simulator: Simulator, _request: Request, given: dict[str, object]) -> object:
    simulator.world.stoplist.discard(digits_of(_STOP.validate_python(given).recipient))
    return {"stopped": len(simulator.world.stoplist)}


def _set_account(simulator: Simulator, _request: Request, given: dict[str, object]) -> object:
    """Open an account, or change the named fields of the one with this token."""
    accounts = simulator.world.accounts
    known = accounts.get(str(given.get("token")))
    start = {"name": f"account-{len(accounts) + 1}", "senders": ()} if known is None else asdict(known)
    account = _ACCOUNT.validate_python(start | given)
    if any(other.name == account.name and other.token != account.token for other in accounts.values()):
        raise ValueError("name: another account has it; choose a new one")
    accounts[account.token] = account
    senders = {name: sorted(getattr(account, name)) for name in ("senders", "viber_senders")}
    return {"name": account.name, "balance": float(account.balance), **senders, "callback_url": account.callback_url}
