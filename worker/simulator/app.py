"""The simulated provider's HTTP side: a request in, the answer of its method or a scripted fault out; logs nothing."""

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import orjson
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from worker.simulator.answers import OK, Answer, Refused, answer_of
from worker.simulator.faults import MEGABYTE, Fault, spoiled
from worker.simulator.http_request import Call, read_call
from worker.simulator.ledger import Account, World, settle_refunds, world_of
from worker.simulator.report_sender import Courier
from worker.simulator.scripts import first_to_fire
from worker.simulator.send import Sending, counted, send, send_multi
from worker.simulator.settings import Switches
from worker.simulator.status_queries import details, status

_PONG = 1
_PINGS = frozenset(f"{module}/ping" for module in ("message", "user", "file", "senders", "chat"))
_METHODS = {"message/send": send, "message/sendmulti": send_multi, "message/status": status, "message/details": details}
_JSON = "application/json"
_HUGE = 300
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def execute(world: World, call: Call, now: float, fault: Fault | None = None) -> Answer:
    """Do what the call asks; answer and refusal are counted."""
    settle_refunds(world, now)
    account = _admitted(world, call, now)
    result = account if isinstance(account, Refused) else _done(Sending(world, account, now, fault), call)
    return counted(world, result)


def _admitted(world: World, call: Call, now: float) -> Account | Refused:
    if isinstance(call.token, Refused):
        return call.token
    account = world.accounts.get(call.token)
    if account is None:
        return Refused(105)
    if account.blocked:
        return Refused(106)
    return Refused(438) if world.paces[account.token].is_held(now, world.switches) else account


def _done(sending: Sending, call: Call) -> Answer | Refused:
    if call.method in _PINGS:
        return answer_of(_PONG)
    if call.method == "user/balance":
        return answer_of(OK, {"balance": float(sending.account.balance)})
    if call.method == "senders/list":
        return answer_of(OK, [{"name": name, "status": "national"} for name in sorted(sending.account.senders)])
    if isinstance(call.content, Refused):
        return call.content
    act = _METHODS.get(call.method)
    return act(sending, call.content) if act else Refused(300)


@dataclass(slots=True)
class Simulator:
    """A provider that runs: what it remembers, and how far its clock is ahead of ours in seconds."""

    accounts: tuple[Account, ...]
    switches: Switches = field(default_factory=Switches)
    world: World = field(init=False)
    ahead_s: float = field(init=False)
    courier: Courier = field(init=False)

    def __post_init__(self) -> None:
        self.reset()
        self.courier = Courier(lambda: self.world, self.now)

    def reset(self) -> None:
        self.world = world_of(self.accounts, self.switches)
        self.ahead_s = 0.0

    def now(self) -> float:
        """The provider's time in seconds since the epoch."""
        return time.time() + self.ahead_s

    async def executed(self, call: Call, fault: Fault | None = None) -> Answer:
        """Execute a call unless a fault prevents it, and post the reports that come before its answer."""
        answer = answer_of(fault.code if fault else OK)
        if fault is None or fault.executes:
            result = execute(self.world, call, self.now(), fault)
            answer = answer if fault and fault.fault == "code" else result
        if self.world.outbox.early:
            await self.courier.hurry()
        self.courier.nudge()
        if self.world.switches.latency_ms:
            await asyncio.sleep(self.world.switches.latency_ms / 1000)
        return answer


async def answer_call(simulator: Simulator, scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application of the provider's own addresses."""
    world, counts = simulator.world, simulator.world.counts
    counts.in_flight += 1
    counts.in_flight_max = max(counts.in_flight_max, counts.in_flight)
    try:
        call = read_call(scope["path"], scope["query_string"], dict(scope["headers"]), await _body(receive))
        counts.requests[call.method] += 1
        fault = first_to_fire(world.faults, lambda fault: fault.match.fits(call))
        if fault is None:
            response = Response(orjson.dumps(await simulator.executed(call)), media_type=_JSON)
        else:
            response = await _failure(simulator, call, fault, scope)
        if response is None:
            await _until_disconnected(receive)
        else:
            await response(scope, receive, send)
    finally:
        counts.in_flight -= 1


async def _failure(simulator: Simulator, call: Call, fault: Fault, scope: Scope) -> Response | None:
    """The response of a fault; None is none at all."""
    messages = simulator.world.messages
    earlier_id = messages[-1].message_id if messages else None
    if fault.fault == "slow" and fault.when == "before":
        await asyncio.sleep(fault.seconds)
    answer = await simulator.executed(call, fault)
    if fault.fault == "slow" and fault.when == "after":
        await asyncio.sleep(fault.seconds)
    body = orjson.dumps(answer)
    match fault.fault:
        case "no_answer":
            return None
        case "reset_before" | "reset_after":
            return _reset(scope["state"]["transport"])
        case "drip":
            length = {"content-length": str(len(body))}
            return StreamingResponse(_dripping(body, fault.seconds), headers=length, media_type=_JSON)
        case "huge":
            megabytes = _HUGE if fault.megabytes is None else fault.megabytes
            return StreamingResponse(_flooding(body, megabytes), media_type=_JSON)
        case _:
            path = scope["raw_path"].decode("latin-1")
            return Response(*await asyncio.to_thread(spoiled, answer, fault, path=path, earlier_id=earlier_id))


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        event = await receive()
        body += event.get("body", b"")
        more = event.get("more_body", False)
    return body


async def _until_disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _reset(transport: asyncio.Transport) -> None:
    """Close with a TCP RST instead of an orderly end."""
    connection: socket.socket = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()


async def _dripping(body: bytes, pause_s: float) -> AsyncIterator[bytes]:
    for index in range(len(body)):
        yield body[index : index + 1]
        await asyncio.sleep(pause_s)


async def _flooding(body: bytes, megabytes: int) -> AsyncIterator[bytes]:
    for _ in range(megabytes):
        yield MEGABYTE
        await asyncio.sleep(0)  # to whom has left nothing waits to be sent: without a pause nobody would notice
    yield body
