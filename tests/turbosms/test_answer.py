import json
from collections.abc import Mapping, Sequence
from datetime import timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.sending.send_result import (
    STOPPED,
    Accepted,
    Answer,
    Later,
    Outcome,
    Paused,
    Refused,
    Repeated,
    Unknown,
)
from worker.turbosms.answer import answer_of
from worker.turbosms.client import NoReply, Reply
from worker.turbosms.codes import CODES, code_of

ANNA, BOHDAN = "380501112233", "380671234567"
ID, OTHER_ID = "5f0e1d2c-65aa-0b0c-1d2e-3f4051627384", "aaaaaaaa-65aa-0b0c-1d2e-3f4051627384"

CHAT_AND_FILES = {107, 307, 414, 417, 418, 419, 420, 422, 423, 424}
PERMANENT = {201, 202, 204, 205, 206, 304, 305, 402, 403, 404, 406, 408, 410, 411, 412, 413, 416}
BUGS = {104, 300, 303, 306, 308, 309, 310, 311, 312, 313, 405, 409, 502}
PAUSES = {
    203: "money",
    **dict.fromkeys((103, 105, 106, 301), "token"),
    **dict.fromkeys((200, 302, 400, 401, 415, 421, 425, 426), "sender"),
}
LOST = {407: "recipient_repeat", 427: "duplicate", 507: "repeat"}

MEANINGS: dict[int, Outcome] = {
    **{
        number: Refused(code_of(number).name.lower(), number, code_of(number).against)
        for number in PERMANENT | CHAT_AND_FILES | BUGS
    },
    **{number: Paused(reason, number) for number, reason in PAUSES.items()},
    **{number: Repeated(reason, number) for number, reason in LOST.items()},
    **{
        number: Later(code_of(number).reason, timedelta(seconds=30), number, code_of(number).against)
        for number in range(503, 507)
    },
    **{number: Unknown(code_of(number).name.lower(), number) for number in (500, 501, 999)},
    438: Later("rate_limited", timedelta(seconds=60), 438),
    612: Refused("unknown_code", 612),
    950: Unknown("unknown_950", 950),
}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from([0, 427, 507, 801, ANNA]) | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["response_code", "response_result", "phone", "message_id", "sms"]) | st.text(),
            inner,
        )
    ),
)


def envelope(code: object, result: object = None) -> dict[str, object]:
    return {"response_code": code, "response_status": "ANY", "response_result": result}


def row(phone: object, code: object = 0, message_id: object = None) -> dict[str, object]:
    return {"phone": phone, "response_code": code, "message_id": message_id, "response_status": "ANY"}


def read(status: int, body: bytes, phones: Sequence[str]) -> Answer:
    return answer_of(Reply(status, body), phones)


def answered(code: object, result: object = None, phones: Sequence[str] = (ANNA, BOHDAN)) -> Answer:
    return read(200, orjson.dumps(envelope(code, result)), phones)


def test_every_listed_code_has_an_expected_meaning() -> None:
    assert {*MEANINGS, 0, 1, 800, 801, 802, 803} == {*CODES, 612, 950}


@pytest.mark.parametrize(("number", "meaning"), MEANINGS.items())
def test_code_of_a_whole_request(number: int, meaning: Outcome) -> None:
    assert answered(number).of(ANNA) == meaning


@pytest.mark.parametrize(("number", "meaning"), MEANINGS.items())
def test_a_recipients_code_counts_beside_an_accepted_recipient(number: int, meaning: Outcome) -> None:
    answer = answered(802, [row(ANNA, number), row(BOHDAN, 0, ID)])

    assert (answer.of(ANNA), answer.of(BOHDAN)) == (meaning, Accepted(ID))


@pytest.mark.parametrize("whole", [0, 800, 801, 802, 803, 850])
@pytest.mark.parametrize("single", [0, 800, 801, 802, 803, 850])
def test_success_needs_a_row_with_an_id(whole: int, single: int) -> None:
    answer = answered(whole, [row(BOHDAN, single), row(ANNA, single, ID)])

    assert answer.of(ANNA) == Accepted(ID)
    assert answer.of(BOHDAN) == Repeated("left_out", single)


@pytest.mark.parametrize("message_id", ["", "x" * 65, "a\nb", "a b", "ідентифікатор", 7, None, ["x"]])
def test_an_unusable_message_id_is_taken_for_a_repeat(message_id: object) -> None:
    assert isinstance(answered(801, [row(ANNA, 0, message_id)]).of(ANNA), Repeated)


def test_rows_are_matched_by_digits_whatever_their_order_and_company() -> None:
    strangers = [row("380999999999", 0, "x"), "noise", None, row(None, 0, "y"), row([], 0, "z")]

    answer = answered(801, [*strangers, row("+38 (067) 123-45-67", 0, ID), row(int(ANNA), 305)])

    assert answer.rows == {BOHDAN: Accepted(ID), ANNA: Refused("invalid_phone", 305)}


def test_a_recipient_left_out_of_an_acceptance_is_left_out() -> None:
    assert answered(801, [row(ANNA, 0, ID)]).of(BOHDAN) == Repeated("left_out", 801)


@pytest.mark.parametrize("first", [407, 305, 0, 999])
def test_accepted_row_wins_over_another_row_of_its_phone(first: int) -> None:
    rows = [row(ANNA, first), row(ANNA, 0, ID)]

    assert answered(802, rows).of(ANNA) == answered(802, rows[::-1]).of(ANNA) == Accepted(ID)


def test_repeated_recipient_takes_the_fate_of_its_other_row() -> None:
    answer = answered(802, [row(ANNA, 407), row(ANNA, 404)])

    assert answer.of(ANNA) == Refused("not_allowed_number_stoplist", 404, STOPPED)


@pytest.mark.parametrize(
    "result",
    [
        [{"phone": ANNA, "viber": row(None, 404), "sms": row(None, 0, ID)}],
        {"viber": [row(ANNA, 404)], "sms": [row(ANNA, 0, ID)]},
        {"0": row(BOHDAN, 404), "2": row(ANNA, 0, ID)},
    ],
)
def test_rows_of_an_answer_are_read_under_channels_and_numbers(result: object) -> None:
    assert answered(802, result).of(ANNA) == Accepted(ID)


@pytest.mark.parametrize("result", [[row(ANNA, 0, ID)], envelope(802, [row(ANNA, 0, ID)])])
def test_rows_of_a_repeat_are_adopted_in_either_shape(result: object) -> None:
    answer = answered(507, result)

    assert (answer.adopted, answer.of(ANNA)) == (True, Accepted(ID))
    assert isinstance(answer.whole, Repeated)
    assert answer.whole.reason == "left_out"


def test_refusal_enclosed_in_a_repeat_is_read_as_that_refusal() -> None:
    answer = answered(507, envelope(203))

    assert (answer.adopted, answer.of(ANNA)) == (True, Paused("money", 203))


@pytest.mark.parametrize("result", [None, [], {}, "", 7, envelope(999), envelope(507), envelope(801)])
def test_repeat_without_rows_has_lost_the_id(result: object) -> None:
    answer = answered(507, result)

    assert isinstance(answer.of(ANNA), Repeated)
    assert not answer.rows


def test_row_is_believed_before_the_refusal_above_it() -> None:
    answer = answered(999, [row(ANNA, 0, ID)])

    assert (answer.of(ANNA), answer.of(BOHDAN)) == (Accepted(ID), Unknown("fatal_error", 999))


@pytest.mark.parametrize("status", [100, 204, 301, 401, 404, 429, 500, 502, 503])
def test_http_status_other_than_200_leaves_the_outcome_unknown(status: int) -> None:
    body = orjson.dumps(envelope(801, [row(ANNA, 0, ID)]))

    assert read(status, body, [ANNA]) == Answer(Unknown(f"http_{status}"), {})


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"<html>Bad gateway</html>", b'{"response_code":801', b"\x1f\x8b\x08\x00", b"[" * 5_000),
        *(b"null", b"[]", b"7", b"{}", b'"801"', b'{"response_code":NaN}', b'{"response_code":1e400}'),
        *(b'{"response_code":"801"}', b'{"response_code":true}', b'{"response_code":801.0}'),
        *(b'{"response_code":-1}', b'{"response_code":1000}', b'{"response_code":801}'),
        *(b'{"response_code":0,"response_result":null}', b'{"response_code":1,"response_result":null}'),
    ],
)
def test_body_that_is_no_answer_leaves_the_outcome_unknown(body: bytes) -> None:
    answer = read(200, body, [ANNA])

    assert isinstance(answer.whole, Unknown)
    assert not answer.rows


@given(st.integers(0, 999), st.binary())
def test_no_bytes_break_the_reading(status: int, body: bytes) -> None:
    assert isinstance(read(status, body, [ANNA]).of(ANNA), Unknown)


@given(JSON | st.sampled_from(sorted(CODES)), JSON)
def test_no_json_breaks_the_reading_or_names_a_stranger(code: object, result: object) -> None:
    answer = read(200, json.dumps(envelope(code, result)).encode(), [ANNA])

    assert answer.rows.keys() <= {ANNA}


@given(st.integers(0, 999), st.lists(st.tuples(st.sampled_from([ANNA, BOHDAN]), st.integers(0, 999))))
def test_no_row_is_accepted_without_an_id(whole: int, rows: list[tuple[str, int]]) -> None:
    answer = answered(whole, [row(phone, code) for phone, code in rows])

    assert not any(isinstance(answer.of(phone), Accepted) for phone in (ANNA, BOHDAN))


@given(st.integers(0, 200))
def test_answer_cut_anywhere_leaves_the_outcome_unknown(size: int) -> None:
    body = orjson.dumps(envelope(801, [row(ANNA, 0, ID)]))

    answer = read(200, body[: min(size, len(body) - 1)], [ANNA])

    assert isinstance(answer.of(ANNA), Unknown)


@pytest.mark.parametrize(
    ("reply", "meaning"),
    [
        (NoReply("unreachable", left=False), Later("provider_unreachable", timedelta(seconds=30))),
        (NoReply("unusable_token", left=False), Paused("token")),
        (NoReply("timeout", left=True), Unknown("timeout")),
        (Reply(502, b""), Unknown("http_502")),
        (Reply(200, b'{"response_code":203}'), Paused("money", 203)),
    ],
)
def test_every_way_a_call_can_end_has_a_meaning(reply: Reply | NoReply, meaning: Outcome) -> None:
    assert answer_of(reply, [ANNA]).of(ANNA) == meaning


def test_phones_may_carry_their_plus() -> None:
    rows: Mapping[str, Outcome] = answered(801, [row(ANNA, 0, ID)], phones=[f"+{ANNA}"]).rows

    assert rows == {ANNA: Accepted(ID)}


def test_two_ids_for_one_phone_keep_the_first() -> None:
    assert answered(801, [row(ANNA, 0, ID), row(ANNA, 0, OTHER_ID)]).of(ANNA) == Accepted(ID)
