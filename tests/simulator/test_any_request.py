"""Whatever is asked, the simulated provider has an answer."""

from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulator.client import PHONE, TOKEN
from tests.support.tries import tries
from worker.simulator.answers import OK, Answer
from worker.simulator.app import execute
from worker.simulator.faults import Fault, Match
from worker.simulator.http_request import Call, read_call
from worker.simulator.ledger import World, world_of
from worker.simulator.scripts import Armed, first_to_fire
from worker.simulator.server import DEMO_ACCOUNT
from worker.simulator.settings import Switches

NOW = 1_795_000_000.0
MODES = ("item", "request", "ignored")

leaves = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text()
values = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5)
phones = st.sampled_from([PHONE, "+38 050 111 22 33", "380671112233", "123", "48601234567"]) | st.text()
times = st.datetimes().map(lambda moment: moment.isoformat())
fields = {
    "recipients": values | st.lists(phones, min_size=1),
    "sender": values | st.just("DemoShop"),
    "text": values | st.just("Order 7"),
    "start_time": values | times,
    "sequence_id": values,
    "messages": values,
}
options = {
    "ttl": values | st.just(60),
    "hybrid_ttl": values | st.just(60),
    "caption": values | st.just("Pay"),
    "action": values | st.just("https://crm.example.ua/i/901"),
    "image_url": values | st.just("https://crm.example.ua/logo.png"),
    "is_transactional": values | st.just(1),
    "file_id": values,
}
channels = st.fixed_dictionaries({}, optional=fields | options)
bodies = st.fixed_dictionaries({}, optional=fields | {"sms": channels | values, "viber": channels | values})


def _world(multi_keys: str = "item") -> World:
    return world_of(
        [DEMO_ACCOUNT],
        Switches.model_validate({"repeat_shape": "nested", "refusals_stored": True, "multi_keys": multi_keys}),
    )


def _result(answer: Answer) -> dict[str, Any]:
    result: Any = answer["response_result"]
    return result or {}


@given(
    st.text(), st.binary(), st.binary(), st.sampled_from([b"application/json", b"application/x-www-form-urlencoded"])
)
def test_any_bytes_are_read_and_answered(path: str, query: bytes, body: bytes, type_: bytes) -> None:
    headers = {b"content-type": type_, b"authorization": b"Bearer " + TOKEN.encode()}

    call = read_call(path, query, headers, body)

    assert orjson.dumps(execute(_world(), call, NOW))


@given(st.dictionaries(st.text("ab[]012"), st.text()))
def test_any_form_is_read(form: dict[str, str]) -> None:
    query = "&".join(f"{name}={len(value)}" for name, value in form.items()).encode()

    call = read_call("/message/send.json", query, {}, b"")

    assert call.method == "message/send"


@settings(max_examples=tries(300))
@given(st.sampled_from(["message/send", "message/status", "message/details"]), bodies)
def test_any_body_is_answered_and_money_matches_messages(method: str, body: dict[str, object]) -> None:
    world, call = _world(), Call(method, TOKEN, body)

    answers = [execute(world, call, NOW), execute(world, call, NOW + 1)]

    assert all(orjson.dumps(answer) for answer in answers)
    spent = DEMO_ACCOUNT.balance - world.accounts[TOKEN].balance
    assert spent == sum(message.mailing.price for message in world.messages)
    rows: Any = _result(answers[0])
    created = sum(row["response_code"] == OK and row["message_id"] is not None for row in rows)
    assert method != "message/send" or created == len(world.messages)


@given(
    st.dictionaries(st.text(max_size=3) | st.just("sequence_id"), bodies | values, max_size=3), st.sampled_from(MODES)
)
def test_any_labelled_bodies_are_answered_label_by_label(items: dict[str, object], mode: str) -> None:
    world, call = _world(multi_keys=mode), Call("message/sendmulti", TOKEN, items)

    answers = [execute(world, call, NOW), execute(world, call, NOW + 1)]

    assert all(orjson.dumps(answer) for answer in answers)
    spent = DEMO_ACCOUNT.balance - world.accounts[TOKEN].balance
    assert spent == sum(message.mailing.price for message in world.messages)
    if answers[0]["response_code"] == OK:
        assert items.keys() - {"sequence_id"} <= _result(answers[0]).keys() <= items.keys()


@given(bodies)
def test_any_body_can_be_matched_by_a_fault(body: dict[str, object]) -> None:
    script = Fault(fault="empty", match=Match(recipient=PHONE, text_contains="Order"))

    armed, call = Armed(script), Call("message/send", TOKEN, body)

    fault = first_to_fire([armed], lambda fault: fault.match.fits(call))

    assert (armed.fired, armed.seen) == ((1, 1) if fault else (0, 0))
