from collections.abc import Generator, Mapping

import orjson
import pytest

from tests.support.crm import TOKEN
from tests.support.simulated_provider import Provider
from tests.turbosms.raw_server import answer, serving
from worker.core.sending.send_result import STOPPED, Accepted, Answer, Later, Outcome, Paused, Refused, Unknown
from worker.turbosms.answer import answer_of, multi_answers_of
from worker.turbosms.client import Reply, TurboSms
from worker.turbosms.request import multi_body, send_body

KEYS = [f"{index:032x}" for index in range(1, 4)]
PHONES = {key: [f"38050111223{index}"] for index, key in enumerate(KEYS)}
ITEMS = {
    key: send_body(key=key, sender="DemoShop", text=f"Order {index}", phones=PHONES[key])
    for index, key in enumerate(KEYS)
}
REPEATED = orjson.dumps({"sequence_id": "r" * 40, **{key: orjson.Fragment(body) for key, body in ITEMS.items()}})


@pytest.fixture
def turbosms(provider: Provider) -> Generator[TurboSms]:
    client = TurboSms(provider.url, deadline_s=2)
    yield client
    client.close()


def posted(turbosms: TurboSms, body: bytes = multi_body(ITEMS)) -> dict[str, Answer]:
    return multi_answers_of(turbosms.send_multi(body, token=TOKEN), PHONES)


def outcomes(answers: Mapping[str, Answer]) -> list[Outcome]:
    return [answers[key].of(*PHONES[key]) for key in KEYS]


def ids(provider: Provider) -> list[Outcome]:
    return [Accepted(message["message_id"]) for message in provider.messages()]


def test_request_carries_the_exact_body_to_its_own_address() -> None:
    body = b'{"k":{"sequence_id":"k","recipients":["380501112233"],"sms":{"sender":"Shop","text":"Hi"}}}'
    ok = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    with serving(answer(ok)) as server:
        client = TurboSms(server.url)
        reply = client.send_multi(body, token=TOKEN)
        client.close()

    (request,) = server.requests
    assert (reply, request.partition(b"\r\n\r\n")[2]) == (Reply(200, b"{}"), body)
    assert request.startswith(b"POST /message/sendmulti.json HTTP/1.1\r\n")


def test_every_attempt_gets_its_own_id(provider: Provider, turbosms: TurboSms) -> None:
    assert outcomes(posted(turbosms)) == ids(provider)
    assert [message["sequence_id"] for message in provider.messages()] == KEYS
    assert provider.state()["posts"] == 1


def test_one_refused_attempt_does_not_touch_the_others(provider: Provider, turbosms: TurboSms) -> None:
    provider.stop(*PHONES[KEYS[1]])

    first, second, third = outcomes(posted(turbosms))

    assert second == Refused("not_allowed_number_stoplist", 404, STOPPED)
    assert [first, third] == ids(provider)


def test_a_repeat_adopts_what_each_key_made(provider: Provider, turbosms: TurboSms) -> None:
    first = posted(turbosms)

    again = posted(turbosms)

    assert outcomes(again) == outcomes(first) == ids(provider)
    assert all(answer.adopted for answer in again.values())


@pytest.mark.parametrize("shape", ["rows", "nested"])
def test_a_repeat_of_the_whole_request_is_adopted_by_every_attempt(
    provider: Provider, turbosms: TurboSms, shape: str
) -> None:
    provider.settings(multi_keys="request", repeat_shape=shape)
    first = posted(turbosms, REPEATED)

    again = posted(turbosms, REPEATED)

    assert outcomes(again) == outcomes(first) == ids(provider)
    assert [answer.adopted for answer in again.values()] == [True] * 3


@pytest.mark.parametrize(
    "fault",
    [
        *("no_answer", "reset_before", "reset_after", "http", "empty", "truncated", "garbage", "html"),
        *("null_result", "wrong_types", "gzip", "redirect"),
    ],
)
def test_a_lost_answer_is_unknown_for_every_attempt(provider: Provider, turbosms: TurboSms, fault: str) -> None:
    provider.fault(fault, megabytes=0)

    assert all(isinstance(outcome, Unknown) for outcome in outcomes(posted(turbosms)))

    replies = {key: turbosms.send(body, token=TOKEN) for key, body in ITEMS.items()}
    assert outcomes({key: answer_of(reply, PHONES[key]) for key, reply in replies.items()}) == ids(provider)
    assert len(provider.messages()) == 3


def test_an_attempt_whose_item_is_left_out_asks_again_alone(provider: Provider, turbosms: TurboSms) -> None:
    provider.fault("leave_out_items")

    lost, *others = outcomes(posted(turbosms))
    outcome = answer_of(turbosms.send(ITEMS[KEYS[0]], token=TOKEN), PHONES[KEYS[0]]).of(*PHONES[KEYS[0]])

    assert lost == Unknown("left_out_item")
    assert [outcome, *others] == ids(provider)


@pytest.mark.parametrize(
    ("code", "outcome_type"), [(203, Paused), (105, Paused), (300, Refused), (405, Refused), (438, Later)]
)
def test_a_refused_request_refuses_every_attempt(
    provider: Provider, turbosms: TurboSms, code: int, outcome_type: type[Outcome]
) -> None:
    provider.fault("code", code=code)

    answers = posted(turbosms)

    assert all(isinstance(outcome, outcome_type) for outcome in outcomes(answers))
    assert {code} == {code for answer in answers.values() for code in answer.codes}
    assert provider.messages() == []
