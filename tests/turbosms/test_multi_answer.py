import json
from collections.abc import Mapping
from datetime import timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.turbosms.test_answer import ANNA, BOHDAN, ID, JSON, MEANINGS, OTHER_ID, envelope, row
from worker.core.sending.send_result import Accepted, Answer, Later, Outcome, Paused, Refused, Repeated, Unknown
from worker.turbosms.answer import answer_of, multi_answers_of
from worker.turbosms.client import NoReply, Reply
from worker.turbosms.codes import CODES

A, B = "a" * 32, "b" * 32
PHONES = {A: [ANNA], B: [BOHDAN]}
BOTH = {A: envelope(801, [row(ANNA, 0, ID)]), B: envelope(801, [row(BOHDAN, 0, OTHER_ID)])}
LEFT_OUT = Answer(Unknown("left_out_item"), {})
LOST = Answer(Repeated("repeat", 507), {}, adopted=True)


def answered(code: object, result: object = None) -> dict[str, Answer]:
    return multi_answers_of(Reply(200, orjson.dumps(envelope(code, result))), PHONES)


def outcomes(answers: Mapping[str, Answer]) -> tuple[Outcome, Outcome]:
    return answers[A].of(ANNA), answers[B].of(BOHDAN)


@pytest.mark.parametrize("code", [0, 800, 801, 802, 803])
def test_each_label_has_the_outcome_of_its_own_item(code: int) -> None:
    answers = answered(code, {A: BOTH[A], B: envelope(802, [row(BOHDAN, 305)])})

    assert outcomes(answers) == (Accepted(ID), Refused("invalid_phone", 305))
    assert not answers[A].adopted


@pytest.mark.parametrize("number", sorted({*MEANINGS, 0, 801}))
@pytest.mark.parametrize("rows", [[], [row(ANNA, 0, ID)], [row(ANNA, 404)], None])
def test_an_item_is_read_as_the_answer_of_a_send(number: int, rows: object) -> None:
    item = envelope(number, rows)

    answers = answered(0, {A: item, B: BOTH[B]})

    assert answers[A] == answer_of(Reply(200, orjson.dumps(item)), [ANNA])
    assert outcomes(answers)[1] == Accepted(OTHER_ID)


def test_a_repeat_of_one_item_is_adopted_by_that_item_only() -> None:
    answers = answered(0, {A: envelope(507, [row(ANNA, 0, ID)]), B: BOTH[B]})

    assert (answers[A].adopted, answers[B].adopted) == (True, False)
    assert outcomes(answers) == (Accepted(ID), Accepted(OTHER_ID))


def test_an_item_speaks_of_its_own_phones_only() -> None:
    answers = answered(0, {A: envelope(801, [row(ANNA, 0, ID), row(BOHDAN, 0, OTHER_ID)]), B: envelope(801, [])})

    assert outcomes(answers) == (Accepted(ID), Repeated("left_out", 801))
    assert answers[A].rows.keys() == {ANNA}


@pytest.mark.parametrize(
    "item", [None, 7, "801", [], {}, [row(ANNA, 0, ID)], envelope("801"), envelope(801.0), envelope(1000)]
)
@pytest.mark.parametrize("code", [0, 801, 203, 999])
def test_a_value_that_is_no_envelope_leaves_its_attempt_to_a_repeat(code: int, item: object) -> None:
    answers = answered(code, {A: item, B: BOTH[B]})

    assert answers[A] == LEFT_OUT
    assert outcomes(answers)[1] == Accepted(OTHER_ID)


@pytest.mark.parametrize("result", [None, [], {}, "", 7, [row(ANNA, 0, ID)], {"c" * 32: BOTH[A]}])
@pytest.mark.parametrize("code", [0, 1, 800, 801, 850])
def test_an_acceptance_without_items_leaves_everybody_out(code: int, result: object) -> None:
    assert answered(code, result) == {A: LEFT_OUT, B: LEFT_OUT}


@pytest.mark.parametrize(("number", "meaning"), MEANINGS.items())
def test_a_refusal_of_the_whole_request_holds_for_every_label(number: int, meaning: Outcome) -> None:
    assert outcomes(answered(number)) == (meaning, meaning)


def test_an_item_is_believed_before_the_refusal_above_it() -> None:
    assert answered(203, {A: BOTH[A]})[A].of(ANNA) == Accepted(ID)


@pytest.mark.parametrize("result", [BOTH, envelope(0, BOTH)], ids=["rows", "nested"])
def test_items_of_a_repeated_request_are_adopted_in_either_shape(result: object) -> None:
    answers = answered(507, result)

    assert outcomes(answers) == (Accepted(ID), Accepted(OTHER_ID))
    assert all(answer.adopted for answer in answers.values())


@pytest.mark.parametrize("result", [{A: envelope(203)}, envelope(0, {A: envelope(203)})], ids=["rows", "nested"])
def test_a_refusal_enclosed_in_a_repeated_request_is_read_as_that_refusal(result: object) -> None:
    answer = answered(507, result)[A]

    assert (answer.adopted, answer.of(ANNA)) == (True, Paused("money", 203))


@pytest.mark.parametrize("result", [{A: envelope(999)}, envelope(0, {A: envelope(999)})], ids=["rows", "nested"])
def test_an_item_that_did_not_know_at_first_never_will(result: object) -> None:
    assert answered(507, result)[A] == LOST


def test_a_repeat_of_a_refused_request_is_that_refusal() -> None:
    answers = answered(507, envelope(203))

    assert outcomes(answers) == (Paused("money", 203), Paused("money", 203))
    assert all(answer.adopted for answer in answers.values())


@pytest.mark.parametrize("result", [None, [], {}, "", 7, envelope(999), envelope(507)])
def test_a_repeated_request_without_items_has_lost_every_id(result: object) -> None:
    assert answered(507, result) == {A: LOST, B: LOST}


@pytest.mark.parametrize("result", [{A: BOTH[A]}, envelope(0, {A: BOTH[A]})], ids=["rows", "nested"])
def test_a_label_left_out_of_a_repeat_takes_no_row_of_another(result: object) -> None:
    phones = {A: [ANNA], B: [ANNA]}

    answer = multi_answers_of(Reply(200, orjson.dumps(envelope(507, result))), phones)[B]

    assert isinstance(answer.of(ANNA), Repeated)
    assert (answer.adopted, answer.rows) == (True, {})


@pytest.mark.parametrize(
    ("reply", "meaning"),
    [
        (NoReply("unreachable", left=False), Later("provider_unreachable", timedelta(seconds=30))),
        (NoReply("unusable_token", left=False), Paused("token")),
        (NoReply("timeout", left=True), Unknown("timeout")),
        (Reply(502, orjson.dumps(envelope(0, BOTH))), Unknown("http_502")),
        (Reply(200, b"<html>"), Unknown("not_json")),
        (Reply(200, orjson.dumps(BOTH)), Unknown("no_envelope")),
    ],
)
def test_every_way_a_call_can_end_has_a_meaning_for_every_label(reply: Reply | NoReply, meaning: Outcome) -> None:
    assert multi_answers_of(reply, PHONES) == {A: Answer(meaning, {}), B: Answer(meaning, {})}


@given(st.integers(0, 200))
def test_an_answer_cut_anywhere_leaves_every_outcome_unknown(size: int) -> None:
    body = orjson.dumps(envelope(0, BOTH))

    answers = multi_answers_of(Reply(200, body[: min(size, len(body) - 1)]), PHONES)

    assert all(isinstance(outcome, Unknown) for outcome in outcomes(answers))


LABELS = st.sampled_from([A, B, "response_code", "response_result", "sequence_id", ""]) | st.text()
PHONES_BY_LABEL = st.dictionaries(LABELS, st.lists(st.sampled_from([ANNA, BOHDAN]) | st.text()))


@given(st.integers(0, 999) | st.just(200), st.binary(), PHONES_BY_LABEL)
def test_no_bytes_break_the_reading(status: int, body: bytes, phones: dict[str, list[str]]) -> None:
    answers = multi_answers_of(Reply(status, body), phones)

    assert answers.keys() == phones.keys()
    assert all(isinstance(answer.whole, Unknown) for answer in answers.values())


@given(JSON | st.sampled_from(sorted(CODES)), JSON | st.dictionaries(LABELS, JSON), PHONES_BY_LABEL)
def test_no_json_breaks_the_reading_or_names_a_stranger(
    code: object, result: object, phones: dict[str, list[str]]
) -> None:
    body = json.dumps(envelope(code, result)).encode()

    answers = multi_answers_of(Reply(200, body), phones)

    assert answers.keys() == phones.keys()
    named = {label: {"".join(filter(str.isdigit, phone)) for phone in given} for label, given in phones.items()}
    assert all(answer.rows.keys() <= named[label] for label, answer in answers.items())


CODE = st.sampled_from(sorted(CODES))
ROWS = st.lists(st.tuples(st.sampled_from([ANNA, BOHDAN]), CODE, st.sampled_from([None, ID])))


@given(CODE, st.dictionaries(st.sampled_from([A, B]), st.tuples(CODE, ROWS)))
def test_no_row_is_accepted_without_an_id_in_its_own_item(
    code: int, items: dict[str, tuple[int, list[tuple[str, int, str | None]]]]
) -> None:
    answers = answered(
        code, {label: envelope(inner, [row(*each) for each in rows]) for label, (inner, rows) in items.items()}
    )

    for label, (phone,) in PHONES.items():
        _, rows = items.get(label, (0, []))
        is_named = any(named == phone and message_id for named, _, message_id in rows)
        assert is_named or not isinstance(answers[label].of(phone), Accepted)
