"""The provider's two ways to send, one body or many labelled ones, and what is remembered under a key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from worker.simulator.answers import OK, Answer, Refused, answer_of, repeat_of
from worker.simulator.http_request import Content, as_object, is_key
from worker.simulator.ledger import Account, Kept, World, keep, record
from worker.simulator.report_sender import announce
from worker.simulator.send_checks import Imposed, judged, kept_under


@dataclass(frozen=True, slots=True)
class Sending:
    """Who sends, when, and what a fault imposes."""

    world: World
    token: str
    now: float
    imposed: Imposed | None

    @property
    def account(self) -> Account:
        """The account with the money it has left."""
        return self.world.accounts[self.token]


Send = Callable[[Sending, Content], Answer | Refused]


def send(sending: Sending, content: Content) -> Answer | Refused:
    """`message/send`: execute a body once under its key."""
    return _once(sending, content.get("sequence_id"), partial(_sent, sending, content))


def send_multi(sending: Sending, content: Content) -> Answer | Refused:
    """`message/sendmulti`: a send for each label, in order, each with an outcome of its own.

    Which keys count is not documented, hence a switch.
    """
    switches = sending.world.switches
    key = content.get("sequence_id")
    if switches.multi_keys != "request" or not isinstance(key, str):
        return _each(sending, content, send if switches.multi_keys == "item" else _sent)
    if not is_key(key, switches.key_cap):
        return Refused(300)
    items = {label: item for label, item in content.items() if label != "sequence_id"}
    return _once(sending, key, partial(_each, sending, items, _sent))


def counted(world: World, result: Answer | Refused) -> Answer:
    """The result as an answer; a refusal is counted."""
    if isinstance(result, Answer):
        return result
    world.counts.refused_requests[result.code] += 1
    return answer_of(result.code)


def _each(sending: Sending, items: Content, act: Send) -> Answer | Refused:
    if not items:
        return Refused(104)
    if len(items) > sending.world.switches.multi_max:
        return Refused(405)
    return answer_of(OK, {label: counted(sending.world, _acted(sending, item, act)) for label, item in items.items()})


def _acted(sending: Sending, item: object, act: Send) -> Answer | Refused:
    content = as_object(item)
    return Refused(300) if content is None else act(sending, content)


def _once(sending: Sending, key: object, act: Callable[[], Answer | Refused]) -> Answer | Refused:
    world = sending.world
    if (kept := kept_under(world, sending.account, key, sending.now)) is not None:
        world.counts.repeats += 1
        return repeat_of(kept.answer, world.switches.repeat_shape)
    answer = act()
    _remember(sending, key, answer)
    return answer


def _sent(sending: Sending, content: Content) -> Answer | Refused:
    world, account, now = sending.world, sending.account, sending.now
    mailing = judged(world, account, content, now=now, imposed=sending.imposed)
    if isinstance(mailing, Refused):
        return mailing
    known = len(world.messages)
    rows = record(world, account, mailing, now)
    if account.callback_url:
        announce(world, account, world.messages[known:], now)
    world.counts.refused_rows.update(row.response_code for row in rows if row.response_code != OK)
    return answer_of(mailing.top_code, rows)


def _remember(sending: Sending, key: object, answer: Answer | Refused) -> None:
    """An answer with rows is always remembered, a refusal of the whole request by the switch."""
    switches = sending.world.switches
    if isinstance(answer, Refused) and not switches.refusals_stored:
        return
    if isinstance(key, str) and is_key(key, switches.key_cap):
        kept = answer if isinstance(answer, Answer) else answer_of(answer.code)
        keep(sending.world, sending.account, key, Kept(sending.now, kept))
