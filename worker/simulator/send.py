"""The provider's two ways to send, one body or many labelled ones, and what is remembered under a key."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from worker.simulator.answers import OK, REPEATED, Answer, Refused, answer_of
from worker.simulator.faults import Fault
from worker.simulator.http_request import Content, as_object, is_key
from worker.simulator.ledger import Account, World, record
from worker.simulator.report_sender import announce
from worker.simulator.send_checks import checked


@dataclass(frozen=True, slots=True)
class Sending:
    """Who sends, when, and a fault that may refuse recipients."""

    world: World
    account: Account
    now: float
    fault: Fault | None


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
    if not isinstance(result, Refused):
        return result
    world.counts.refused_requests[result.code] += 1
    return answer_of(result.code)


def _each(sending: Sending, items: Content, act: Send) -> Answer | Refused:
    if not items:
        return Refused(104)
    if len(items) > sending.world.switches.multi_max:
        return Refused(405)
    bodies = {label: as_object(item) for label, item in items.items()}
    answers = {label: Refused(300) if body is None else act(sending, body) for label, body in bodies.items()}
    return answer_of(OK, {label: counted(sending.world, answer) for label, answer in answers.items()})


def _once(sending: Sending, key: object, act: Callable[[], Answer | Refused]) -> Answer | Refused:
    """Keys are the whole account's, whatever the body."""
    world, switches = sending.world, sending.world.switches
    if not (isinstance(key, str) and is_key(key, switches.key_cap)):
        return act()
    at, earlier = world.keys.get((sending.account.token, key), (float("-inf"), None))
    if earlier is not None and switches.keys_honoured and sending.now - at < switches.key_life_s:
        world.counts.repeats += 1
        shapes = {"rows": earlier["response_result"], "nested": earlier, "null": None}
        return answer_of(REPEATED, shapes[switches.repeat_shape])
    answer = act()
    if not isinstance(answer, Refused) or switches.refusals_stored:
        kept = answer_of(answer.code) if isinstance(answer, Refused) else answer
        world.keys[sending.account.token, key] = (sending.now, kept)
    return answer


def _sent(sending: Sending, content: Content) -> Answer | Refused:
    world, account, now = sending.world, sending.account, sending.now
    passed = checked(world, account, content, now=now, fault=sending.fault)
    if isinstance(passed, Refused):
        return passed
    known = len(world.messages)
    rows = record(world, account, passed.mailing, passed.rows, now)
    if account.callback_url:
        announce(world, account, world.messages[known:], now)
    world.counts.refused_rows.update(row["response_code"] for row in rows if row["response_code"] != OK)
    return answer_of(passed.top_code, rows)
