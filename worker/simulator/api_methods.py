"""The provider's methods: who may call, and what each answers."""

from __future__ import annotations

from worker.simulator.answers import OK, Answer, Refused, answer_of
from worker.simulator.http_request import Call, Content
from worker.simulator.ledger import Account, World, settle_refunds
from worker.simulator.rate_limit import Pace, paced
from worker.simulator.send import Sending, counted, send, send_multi
from worker.simulator.send_checks import Imposed
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
