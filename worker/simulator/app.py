"""The simulated provider's HTTP side: a request in, the answer of its method or a scripted fault out; logs nothing."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from dataclasses import dataclass, field

from starlette.types import Receive, Scope, Send

from worker.simulator.answers import OK, Answer, Refused, answer_of, encoded
from worker.simulator.fault_scripts import Armed, Fault, Reply, befall, spoiled
from worker.simulator.http_request import Arrival, Call, Content, read_call
from worker.simulator.ledger import Account, Pace, World, paced, settle_refunds, world_of
from worker.simulator.report_sender import Courier
from worker.simulator.send import Sending, counted, send, send_multi
from worker.simulator.send_checks import Imposed
from worker.simulator.settings import Switches
from worker.simulator.status_queries import Rows, detail_rows, status_rows

_PONG = 1
_PINGS = frozenset(f"{module}/ping" for module in ("message", "user", "file", "senders", "chat"))


def execute(world: World, call: Call, now: float, imposed: Imposed | None = None) -> Answer:
    """Do what the call asks and give the answer; both are counted."""
    settle_refunds(world, now)
    account = _admitted(world, call, now)
    result = account if isinstance(account, Refused) else _done(world, account, call, now=now, imposed=imposed)
    return counted(world, result)


def _admitted(world: World, call: Call, now: float) -> Account | Refused:
    if isinstance(call.token, Refused):
        return call.token
    account = world.accounts.get(call.token)
    if account is None:
        return Refused(105)
    if account.blocked:
        return Refused(106)
    return Refused(438) if _is_held(world, account, now) else account


def _is_held(world: World, account: Account, now: float) -> bool:
    switches = world.switches
    if switches.pace_per_s is None:
        return False
    before = world.paces.get(account.token, Pace())
    pace = paced(before, now, per_second=switches.pace_per_s, penalty_s=switches.pace_penalty_s)
    world.paces[account.token] = pace
    return now < pace.held_until


def _done(world: World, account: Account, call: Call, *, now: float, imposed: Imposed | None) -> Answer | Refused:
    if call.method in _PINGS:
        return answer_of(_PONG)
    if call.method == "user/balance":
        return answer_of(OK, {"balance": float(account.balance)})
    if isinstance(call.content, Refused):
        return call.content
    sending = Sending(world, account.token, now, imposed)
    match call.method:
        case "message/send":
            return send(sending, call.content)
        case "message/sendmulti":
            return send_multi(sending, call.content)
        case method:
            rows = _tracked(world, account, method, content=call.content, now=now)
            return rows if isinstance(rows, Refused) else answer_of(OK, rows)


def _tracked(world: World, account: Account, method: str, *, content: Content, now: float) -> Rows | Refused:
    match method:
        case "message/status":
            return status_rows(world, account, content, now)
        case "message/details":
            return detail_rows(world, account, content, now)
        case _:
            return Refused(300)


_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_MEGABYTE = b" " * (1 << 20)
_HUGE = 300


@dataclass(slots=True)
class Simulator:
    """A provider that runs: its world, its faults, and how far its clock is ahead of ours in seconds."""

    accounts: tuple[Account, ...]
    switches: Switches = field(default_factory=Switches)
    world: World = field(init=False)
    faults: tuple[Armed, ...] = ()
    ahead_s: float = 0.0
    courier: Courier = field(init=False)

    def __post_init__(self) -> None:
        self.reset()
        self.courier = Courier(lambda: self.world, self.now)

    def reset(self) -> None:
        """Forget everything since the start."""
        self.world = world_of(self.accounts, self.switches)
        self.faults = ()
        self.ahead_s = 0.0

    def now(self) -> float:
        """The provider's time in seconds since the epoch."""
        return time.time() + self.ahead_s

    async def send_reports(self) -> None:
        """Post the reports that come before an answer, and look when the others are due."""
        if self.world.outbox.early:
            await self.courier.hurry()
        self.courier.nudge()


async def answer_call(simulator: Simulator, scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application of the provider's own addresses."""
    counts = simulator.world.counts
    counts.in_flight += 1
    counts.in_flight_max = max(counts.in_flight_max, counts.in_flight)
    try:
        call = read_call(await _arrival(scope, receive))
        counts.requests[call.method] += 1
        simulator.faults, fault = befall(simulator.faults, call) if simulator.faults else ((), None)
        if fault is None:
            answer = execute(simulator.world, call, simulator.now())
            await simulator.send_reports()
            await _pause(simulator.world.switches.latency_ms / 1000)
            await _write(send, Reply(encoded(answer)))
        else:
            await _fail(simulator, call, fault, door=_Door(scope, receive, send))
    finally:
        counts.in_flight -= 1


@dataclass(frozen=True, slots=True)
class _Door:
    scope: Scope
    receive: Receive
    send: Send

    @property
    def transport(self) -> asyncio.Transport:
        return self.scope["state"]["transport"]


async def _fail(simulator: Simulator, call: Call, fault: Fault, *, door: _Door) -> None:
    is_slow = fault.fault == "slow"
    if is_slow and fault.when == "before":
        await asyncio.sleep(fault.seconds)
    earlier_id = simulator.world.messages[-1].message_id if simulator.world.messages else None
    answer = _executed(simulator, call, fault)
    await simulator.send_reports()
    await _pause(simulator.world.switches.latency_ms / 1000)
    if is_slow and fault.when == "after":
        await asyncio.sleep(fault.seconds)
    match fault.fault:
        case "no_answer":
            await _until_disconnected(door.receive)
        case "reset_before" | "reset_after":
            await _reset(door)
        case "drip":
            await _drip(door, encoded(answer), fault.seconds)
        case "huge":
            await _flood(door, encoded(answer), _HUGE if fault.megabytes is None else fault.megabytes)
        case _:
            path = door.scope["raw_path"].decode("latin-1")
            reply = await asyncio.to_thread(spoiled, answer, fault, path=path, earlier_id=earlier_id)
            await _write(door.send, reply)


def _executed(simulator: Simulator, call: Call, fault: Fault) -> Answer:
    answer = answer_of(fault.code)
    if fault.executes:
        executed = execute(simulator.world, call, simulator.now(), fault.imposed)
        answer = answer if fault.fault == "code" else executed
    return answer


async def _arrival(scope: Scope, receive: Receive) -> Arrival:
    body = b""
    more = True
    while more:
        event = await receive()
        body += event.get("body", b"")
        more = event.get("more_body", False)
    return Arrival(scope["path"], scope["query_string"], dict(scope["headers"]), body)


async def _pause(seconds: float) -> None:
    if seconds:
        await asyncio.sleep(seconds)


async def _write(send: Send, reply: Reply) -> None:
    headers = [
        (b"content-type", reply.content_type),
        (b"content-length", b"%d" % len(reply.body)),
        *reply.headers,
    ]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


async def _until_disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _reset(door: _Door) -> None:
    """Close with a TCP RST instead of an orderly end."""
    connection: socket.socket = door.transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    door.transport.abort()
    await _until_disconnected(door.receive)


async def _drip(door: _Door, body: bytes, pause_s: float) -> None:
    await _start(door, [(b"content-length", b"%d" % len(body))])
    for index in range(len(body)):
        if door.transport.is_closing():
            return
        await door.send({"type": "http.response.body", "body": body[index : index + 1], "more_body": True})
        await asyncio.sleep(pause_s)
    await door.send({"type": "http.response.body"})


async def _flood(door: _Door, body: bytes, megabytes: int) -> None:
    await _start(door, [])
    for _ in range(megabytes):
        if door.transport.is_closing():
            return
        await door.send({"type": "http.response.body", "body": _MEGABYTE, "more_body": True})
    await door.send({"type": "http.response.body", "body": body})


async def _start(door: _Door, headers: list[tuple[bytes, bytes]]) -> None:
    start = {"type": "http.response.start", "status": 200}
    await door.send({**start, "headers": [(b"content-type", b"application/json"), *headers]})
