"""The control addresses under `/_simulator/`: what the provider remembers, and how a test bends it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Annotated, ClassVar

import orjson
from annotated_types import Ge
from pydantic import ConfigDict, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from worker.turbosms.simulator.app import Simulator
from worker.turbosms.simulator.faults import Armed, read_fault
from worker.turbosms.simulator.ledger import Account, Message, pin
from worker.turbosms.simulator.numbering import digits_of
from worker.turbosms.simulator.switches import Status, as_json, changed
from worker.turbosms.simulator.tracking import status_of
from worker.turbosms.simulator.wire import as_object

Act = Callable[[Simulator, Request, dict[str, object]], object]


def control_routes(simulator: Simulator) -> list[BaseRoute]:
    """The routes, relative to `/_simulator`."""
    acts: tuple[tuple[str, str, Act], ...] = (
        ("GET", "/messages", _messages),
        ("PATCH", "/messages/{message_id}", _pin),
        ("GET", "/state", _state),
        ("POST", "/reset", _reset),
        ("GET", "/settings", _switches),
        ("PATCH", "/settings", _change_switches),
        ("GET", "/faults", _faults),
        ("POST", "/faults", _add_fault),
        ("DELETE", "/faults", _clear_faults),
        ("POST", "/clock", _advance_clock),
        ("POST", "/stoplist", _stop),
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


@dataclass(frozen=True, slots=True)
class _Pin:
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    status: Status


_PAGE = TypeAdapter(_Page)
_ADVANCE = TypeAdapter(_Advance)
_STOP = TypeAdapter(_Stop)
_PIN = TypeAdapter(_Pin)
_ACCOUNT = TypeAdapter(Account)


def _endpoint(simulator: Simulator, act: Act) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            given = as_object(orjson.loads(await request.body() or b"{}"))
            if given is None:
                return _json({"error": "the body must be a JSON object"}, 400)
            return _json(act(simulator, request, given))
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
    found = (
        message
        for message in simulator.world.messages[page.after :]
        if phone in {None, message.recipient} and page.sequence_id in {None, message.sequence_id}
    )
    return [_listed(simulator, message) for message in islice(found, page.limit)]


def _listed(simulator: Simulator, message: Message) -> Mapping[str, object]:
    status = status_of(simulator.world, message, simulator.now())
    fields = {name: getattr(message, name) for name in Message.__slots__}  # asdict copies deeply: slow for thousands
    return fields | {"price": float(message.price), "status": status}


def _pin(simulator: Simulator, request: Request, given: dict[str, object]) -> object:
    message = simulator.world.by_id.get(request.path_params["message_id"])
    if message is None:
        raise LookupError("no such message")
    pin(simulator.world, message, _PIN.validate_python(given).status, simulator.now())
    return _listed(simulator, message)


def _state(simulator: Simulator, _request: Request, _: dict[str, object]) -> object:
    world, counts = simulator.world, simulator.world.counts
    return {
        "requests": dict(counts.requests),
        "posts": counts.requests["message/send"] + counts.requests["message/sendmulti"],
        "created": len(world.messages),
        "repeats": counts.repeats,
        "refused_requests": {str(code): times for code, times in counts.refused_requests.items()},
        "refused_rows": {str(code): times for code, times in counts.refused_rows.items()},
        "balances": {account.name: float(account.balance) for account in world.accounts.values()},
        "in_flight": counts.in_flight,
        "in_flight_max": counts.in_flight_max,
        "now": simulator.now(),
    }


def _reset(simulator: Simulator, request: Request, given: dict[str, object]) -> object:
    simulator.reset()
    return _state(simulator, request, given)


def _switches(simulator: Simulator, _request: Request, _: dict[str, object]) -> object:
    return as_json(simulator.world.switches)


def _change_switches(simulator: Simulator, request: Request, given: dict[str, object]) -> object:
    simulator.world.switches = changed(simulator.world.switches, given)
    return _switches(simulator, request, given)


def _faults(simulator: Simulator, _request: Request, _: dict[str, object]) -> object:
    return [asdict(armed.script) | {"seen": armed.seen, "fired": armed.fired} for armed in simulator.faults]


def _add_fault(simulator: Simulator, request: Request, given: dict[str, object]) -> object:
    simulator.faults = (*simulator.faults, Armed(read_fault(given)))
    return _faults(simulator, request, given)


def _clear_faults(simulator: Simulator, request: Request, given: dict[str, object]) -> object:
    simulator.faults = ()
    return _faults(simulator, request, given)


def _advance_clock(simulator: Simulator, _request: Request, given: dict[str, object]) -> object:
    simulator.ahead_s += _ADVANCE.validate_python(given).advance_s
    return {"now": simulator.now()}


def _stop(simulator: Simulator, _request: Request, given: dict[str, object]) -> object:
    simulator.world.stoplist.add(digits_of(_STOP.validate_python(given).recipient))
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
    return {"name": account.name, "balance": float(account.balance), **senders}
