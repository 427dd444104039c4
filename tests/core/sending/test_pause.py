import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.sending.answers import DUPLICATE, EVERY, LATER, LEFT_OUT, OK, PAUSED, PHONES, REFUSED
from worker.core.clock.timeouts import BREAK_WAIT, BREAK_WAIT_MAX, PROBE_WAIT, PROBE_WAIT_MAX
from worker.core.sending.pause import ACCOUNT, PROBED, PROVIDER, lifted_by, of_person, of_trigger, probe_wait
from worker.core.sending.send_result import Accepted, Answer, Outcome, Paused

OUTCOMES = st.sampled_from(EVERY)
ANSWERS = st.builds(Answer, OUTCOMES, st.dictionaries(st.sampled_from(PHONES), OUTCOMES), st.booleans())


@pytest.mark.parametrize(
    ("scope", "seconds"),
    [(ACCOUNT, [60, 120, 240, 480, 900, 900]), (PROVIDER, [30, 60, 120, 240, 300, 300])],
)
def test_each_probe_waits_twice_as_long_as_the_last(scope: str, seconds: list[int]) -> None:
    assert [probe_wait(scope, probes).total_seconds() for probes in range(6)] == seconds


@given(st.sampled_from(sorted(PROBED)), st.integers(0, 2**15 - 1))
def test_however_many_probes_failed_the_next_has_its_moment(scope: str, probes: int) -> None:
    first, longest = {ACCOUNT: (PROBE_WAIT, PROBE_WAIT_MAX), PROVIDER: (BREAK_WAIT, BREAK_WAIT_MAX)}[scope]

    assert first <= probe_wait(scope, probes) <= probe_wait(scope, probes + 1) <= longest


@pytest.mark.parametrize(
    ("outcome", "lifted"),
    [
        (OK, {ACCOUNT, PROVIDER}),
        (REFUSED, {PROVIDER}),
        (LATER, {PROVIDER}),
        (PAUSED, {PROVIDER}),
        (DUPLICATE, {PROVIDER}),
        (LEFT_OUT, {PROVIDER}),
    ],
)
def test_only_a_message_that_was_made_lifts_the_accounts_pause(outcome: Outcome, lifted: set[str]) -> None:
    assert set(lifted_by(Answer(outcome, {}), PHONES, is_failure=False)) == lifted
    assert set(lifted_by(Answer(REFUSED, {PHONES[0]: outcome}), PHONES[:1], is_failure=False)) == lifted


def test_an_adopted_message_lifts_only_the_providers_pause() -> None:
    adopted = Answer(OK, {PHONES[0]: OK}, adopted=True)

    assert lifted_by(adopted, PHONES, is_failure=False) == (PROVIDER,)


def test_a_message_to_somebody_else_is_not_the_probes() -> None:
    assert lifted_by(Answer(REFUSED, {PHONES[1]: OK}), PHONES[:1], is_failure=False) == (PROVIDER,)


def test_an_acceptance_of_one_of_several_messages_lifts_the_pause() -> None:
    assert set(lifted_by(Answer(REFUSED, {PHONES[1]: OK}), PHONES, is_failure=False)) == PROBED


@given(ANSWERS)
def test_a_failure_lifts_at_most_what_waits_for_money(answer: Answer) -> None:
    assert PROVIDER not in lifted_by(answer, PHONES, is_failure=True)


def test_a_token_that_cannot_be_sent_lifts_no_pause() -> None:
    assert lifted_by(Answer(Paused("token"), {}), PHONES, is_failure=False) == ()


@given(ANSWERS)
def test_a_probe_lifts_the_accounts_pause_only_with_the_providers(answer: Answer) -> None:
    lifted = set(lifted_by(answer, iter(PHONES), is_failure=False))

    is_made = not answer.adopted and any(isinstance(answer.of(phone), Accepted) for phone in PHONES)
    assert lifted == (PROBED if is_made else {PROVIDER})


def test_scopes_name_whom_they_stop() -> None:
    assert of_trigger("order_created") == "trigger/order_created"
    assert of_person(b"\x00\xff") == "person/00ff"
    assert {of_trigger("account"), of_person(b"")}.isdisjoint(PROBED)
