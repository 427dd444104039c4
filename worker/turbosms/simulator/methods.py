"""The provider's methods: who may call, what each answers, and what is remembered of it."""

from __future__ import annotations

from worker.turbosms.simulator.answers import OK, Answer, Refused, answer_of, repeat_of
from worker.turbosms.simulator.checks import Imposed, judged, kept_under
from worker.turbosms.simulator.ledger import Account, Kept, World, keep, record
from worker.turbosms.simulator.order import is_key
from worker.turbosms.simulator.pace import Pace, paced
from worker.turbosms.simulator.tracking import Rows, detail_rows, status_rows
from worker.turbosms.simulator.wire import Call, Content

_PONG = 1
_PINGS = frozenset(f"{module}/ping" for module in ("message", "user", "file", "senders", "chat"))


def execute(world: World, call: Call, now: float, imposed: Imposed | None = None) -> Answer:
    """Do what the call asks and give the answer; both are counted."""
    account = _admitted(world, call, now)
    result = account if isinstance(account, Refused) else _done(world, account, call, now=now, imposed=imposed)
    if isinstance(result, Refused):
        world.counts.refused_requests[result.code] += 1
        return answer_of(result.code)
    return result


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
    if call.method == "message/send":
        return _send(world, account, call.content, now=now, imposed=imposed)
    rows = _tracked(world, account, call.method, content=call.content, now=now)
    return rows if isinstance(rows, Refused) else answer_of(OK, rows)


def _tracked(world: World, account: Account, method: str, *, content: Content, now: float) -> Rows | Refused:
    match method:
        case "message/status":
            return status_rows(world, account, content, now)
        case "message/details":
            return detail_rows(world, account, content, now)
        case _:
            return Refused(300)


def _send(world: World, account: Account, content: Content, *, now: float, imposed: Imposed | None) -> Answer | Refused:
    key = content.get("sequence_id")
    if (kept := kept_under(world, account, key, now)) is not None:
        world.counts.repeats += 1
        return repeat_of(kept.answer, world.switches.repeat_shape)
    mailing = judged(world, account, content, now=now, imposed=imposed)
    answer = (
        mailing if isinstance(mailing, Refused) else answer_of(mailing.top_code, record(world, account, mailing, now))
    )
    _remember(world, account, key, answer=answer, now=now)
    return answer


def _remember(world: World, account: Account, key: object, *, answer: Answer | Refused, now: float) -> None:
    """An answer with rows is always remembered, a refusal of the whole request by the switch."""
    if isinstance(answer, Answer):
        world.counts.refused_rows.update(row.response_code for row in answer.rows if row.response_code != OK)
    elif not world.switches.refusals_stored:
        return
    if isinstance(key, str) and is_key(key, world.switches.key_cap):
        kept = answer if isinstance(answer, Answer) else answer_of(answer.code)
        keep(world, account, key, Kept(now, kept))
