"""`message/sendmulti`: labelled sends, each with an outcome of its own, under three readings of the keys."""

import pytest

from tests.simulator.client import PHONE, Provider, codes, inner_codes, send_body

OTHER = "380671112233"
A, B = send_body(PHONE, text="One", key="k-a"), send_body(OTHER, text="Two", key="k-b")


def test_each_label_has_its_own_envelope(provider: Provider) -> None:
    answer = provider.send_multi(a=send_body(PHONE, text="One"), b=send_body("123", text="Two"))

    (message,) = provider.messages()
    good = {"phone": PHONE, "response_code": 0, "message_id": message["message_id"], "response_status": "OK"}
    bad = {"phone": "123", "response_code": 305, "message_id": None, "response_status": "INVALID_PHONE"}
    assert answer == {
        "response_code": 0,
        "response_status": "OK",
        "response_result": {
            "a": {"response_code": 801, "response_status": "SUCCESS_MESSAGE_SENT", "response_result": [good]},
            "b": {
                "response_code": 802,
                "response_status": "SUCCESS_MESSAGE_PARTIAL_ACCEPTED",
                "response_result": [bad],
            },
        },
    }


def test_messages_are_listed_with_the_keys_of_their_items(provider: Provider) -> None:
    provider.send_multi(a=A, b=B)

    messages = [(message["sequence_id"], message["recipient"], message["text"]) for message in provider.messages()]
    assert messages == [("k-a", PHONE, "One"), ("k-b", OTHER, "Two")]


def test_one_post_is_one_request_whatever_it_carries(provider: Provider) -> None:
    provider.set(pace_per_s=1, pace_penalty_s=60)
    provider.send_multi(a=A, b=B)

    state = provider.state()
    assert (state["posts"], state["requests"], state["created"]) == (1, {"message/sendmulti": 1}, 2)


def test_an_item_that_is_refused_whole_leaves_the_others_alone(provider: Provider) -> None:
    answer = provider.send_multi(a=send_body(text=""), b=B, c="noise", d={})

    assert inner_codes(answer) == {"a": 201, "b": 801, "c": 300, "d": 300}
    assert provider.state()["refused_requests"] == {"201": 1, "300": 2}


def test_money_runs_out_at_an_item(provider: Provider) -> None:
    provider.account(balance=2.6)
    items = {f"i{index}": send_body(f"38050111223{index}", key=f"k{index}") for index in range(4)}

    answer = provider.send_multi(**items)

    assert list(inner_codes(answer).values()) == [801, 801, 203, 203]
    assert provider.state()["balances"] == {"demo": 0.04}


def test_the_same_message_in_two_items_is_a_duplicate(provider: Provider) -> None:
    answer = provider.send_multi(a=send_body(), b=send_body())

    assert [codes(item) for item in answer["response_result"].values()] == [[0], [427]]


def test_the_most_items_are_a_switch(provider: Provider) -> None:
    provider.set(multi_max=1)

    assert provider.send_multi(a=A)["response_code"] == 0
    assert provider.send_multi(a=A, b=B) == {
        "response_code": 405,
        "response_status": "NOT_ALLOWED_RECIPIENTS_LIMIT",
        "response_result": None,
    }


def test_an_items_key_is_remembered_for_either_method(provider: Provider) -> None:
    first = provider.send_multi(a=A, b=B)["response_result"]

    alone = provider.ask("message/send", A)
    again = provider.send_multi(x=B, y=send_body("380931112233", key="k-c"))

    assert (alone["response_code"], alone["response_result"]) == (507, first["a"]["response_result"])
    assert inner_codes(again) == {"x": 507, "y": 801}
    assert again["response_result"]["x"]["response_result"] == first["b"]["response_result"]
    assert (provider.created(), provider.state()["repeats"]) == (3, 2)


def test_a_key_of_send_is_remembered_for_an_item(provider: Provider) -> None:
    first = provider.ask("message/send", A)

    answer = provider.send_multi(a=A)

    assert inner_codes(answer) == {"a": 507}
    assert answer["response_result"]["a"]["response_result"] == first["response_result"]


def test_an_item_repeats_in_the_shape_set(provider: Provider) -> None:
    provider.set(repeat_shape="nested")
    first = provider.send_multi(a=A)["response_result"]["a"]

    assert provider.send_multi(a=A)["response_result"]["a"]["response_result"] == first


def test_one_key_in_two_items_creates_one_message(provider: Provider) -> None:
    answer = provider.send_multi(a=A, b=send_body(OTHER, text="Two", key="k-a"))

    assert inner_codes(answer) == {"a": 801, "b": 507}
    assert provider.created() == 1


def test_a_refused_item_keeps_its_key_free(provider: Provider) -> None:
    provider.account(balance=0)
    provider.send_multi(a=A)
    provider.account(balance=100)

    assert inner_codes(provider.send_multi(a=A)) == {"a": 801}


@pytest.mark.parametrize("mode", ["item", "ignored"])
def test_a_field_beside_the_items_is_a_label_where_it_has_no_meaning(provider: Provider, mode: str) -> None:
    provider.set(multi_keys=mode)

    answer = provider.send_multi(sequence_id="whole", a=A)

    assert inner_codes(answer) == {"sequence_id": 300, "a": 801}


@pytest.mark.parametrize("shape", ["rows", "nested", "null"])
def test_a_key_of_the_whole_request_repeats_the_whole_answer(provider: Provider, shape: str) -> None:
    provider.set(multi_keys="request", repeat_shape=shape)
    first = provider.send_multi(sequence_id="whole", a=A, b=B)

    again = provider.send_multi(sequence_id="whole", a=A, b=B)

    shapes = {"rows": first["response_result"], "nested": first, "null": None}
    assert inner_codes(first) == {"a": 801, "b": 801}
    assert (again["response_code"], again["response_result"]) == (507, shapes[shape])
    assert (provider.created(), provider.state()["repeats"]) == (2, 1)


def test_items_keys_mean_nothing_where_the_whole_requests_count(provider: Provider) -> None:
    provider.set(multi_keys="request", duplicate_window_s=0)

    answers = [provider.send_multi(a=A), provider.send_multi(a=A), provider.ask("message/send", A)]

    assert [inner_codes(answer) for answer in answers[:2]] == [{"a": 801}, {"a": 801}]
    assert answers[2]["response_code"] == 801
    assert len(provider.messages("sequence_id=k-a")) == 3


def test_no_key_means_anything_where_keys_are_ignored(provider: Provider) -> None:
    provider.set(multi_keys="ignored", duplicate_window_s=0)

    answers = [inner_codes(provider.send_multi(a=A)) for _ in range(2)]

    assert answers == [{"a": 801}, {"a": 801}]
    assert provider.ask("message/send", A)["response_code"] == 801
    assert inner_codes(provider.send_multi(a=A)) == {"a": 801}


def test_a_key_too_long_for_the_whole_request_is_refused(provider: Provider) -> None:
    provider.set(multi_keys="request")

    assert provider.send_multi(sequence_id="k" * 41, a=A)["response_code"] == 300
    assert provider.send_multi(sequence_id="k")["response_code"] == 104
    assert provider.created() == 0
