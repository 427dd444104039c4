from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.examples import NOW
from tests.core.sending.answers import EVERY, HOUR, OK, PHONES, attempt, row
from tests.support.tries import tries
from worker.core.sending.eligibility import Allowed, Decision, Dropped, Postponed
from worker.core.sending.notification_states import MOVES, may_move
from worker.core.sending.send_result import Accepted, Answer, Outcome
from worker.core.sending.settlement import Attempt, Ignore, Keep, Settle, before_repeat, late, settlement

DECISIONS: list[Decision] = [
    Allowed(),
    Postponed(datetime.max.replace(tzinfo=UTC), "quiet_hours"),
    Dropped("cancelled", "suppressed"),
]
MANY = settings(max_examples=tries(500))
OUTCOMES = st.sampled_from(EVERY)
ANSWERS = st.builds(Answer, OUTCOMES, st.dictionaries(st.sampled_from(PHONES), OUTCOMES), st.booleans())
TIMES = st.integers(-50, 50).map(lambda hours: NOW + hours * HOUR)


@st.composite
def attempts(draw: st.DrawFn) -> Attempt:
    phones = draw(st.lists(st.sampled_from(PHONES), min_size=1, unique=True))
    reasons = st.sampled_from([None, "duplicate", "quiet_hours"])
    lease = draw(st.integers(1, 40))
    made = attempt(
        *(row(phone, reason=draw(reasons), hours=draw(st.integers(-5, 5))) for phone in phones),
        unknown=draw(st.booleans()),
        held=draw(st.integers(1, lease)),
        lease=lease,
        is_settled=draw(st.booleans()),
    )
    return replace(made, key_expires_at=draw(TIMES))


def outcomes(made: Attempt, answer: Answer) -> list[Outcome]:
    return [answer.of(item.digits) for item in made.rows]


def is_acceptance(made: Attempt, answer: Answer) -> bool:
    return answer.adopted or any(isinstance(outcome, Accepted) for outcome in outcomes(made, answer))


@MANY
@given(attempts(), ANSWERS)
def test_a_row_perhaps_sent_is_unconfirmed_until_accepted(made: Attempt, answer: Answer) -> None:
    result = settlement(made, answer, now=NOW)

    if made.unknown and not is_acceptance(made, answer) and isinstance(result, Settle):
        assert {verdict.state for verdict in result.verdicts} == {"unconfirmed"}


@MANY
@given(attempts(), ANSWERS)
def test_a_refusal_of_a_stale_lease_changes_nothing(made: Attempt, answer: Answer) -> None:
    result = settlement(made, answer, now=NOW)

    if made.is_settled or (made.held != made.lease and not is_acceptance(made, answer)):
        assert result == Ignore()


@MANY
@given(attempts(), ANSWERS)
def test_an_acceptance_is_recorded_whoever_brings_it(made: Attempt, answer: Answer) -> None:
    result = settlement(made, answer, now=NOW)

    accepted = [outcome for outcome in outcomes(made, answer) if isinstance(outcome, Accepted)]
    if accepted and not made.is_settled:
        assert isinstance(result, Settle)
        assert [verdict.message_id for verdict in result.verdicts if verdict.state == "accepted"] == [
            OK.message_id
        ] * len(accepted)


@MANY
@given(attempts(), ANSWERS)
def test_every_row_leaves_sending_together_by_an_allowed_move(made: Attempt, answer: Answer) -> None:
    result = settlement(made, answer, now=NOW)

    if isinstance(result, Settle):
        assert [verdict.row for verdict in result.verdicts] == list(made.rows)
        assert all(may_move("sending", verdict.state) for verdict in result.verdicts)
        assert all(verdict.reason or verdict.state == "accepted" for verdict in result.verdicts)
        assert all((verdict.due_at is not None) == (verdict.state == "postponed") for verdict in result.verdicts)


@MANY
@given(attempts(), ANSWERS)
def test_a_repeat_never_waits_past_the_keys_life(made: Attempt, answer: Answer) -> None:
    result = settlement(made, answer, now=NOW)

    if isinstance(result, Keep):
        assert result.until <= made.key_expires_at
        assert result.until <= NOW + timedelta(minutes=30)
        assert result.until == made.key_expires_at or result.until >= NOW + timedelta(seconds=30)


@MANY
@given(attempts(), ANSWERS)
def test_a_late_answer_only_adds_acceptances(made: Attempt, answer: Answer) -> None:
    for state in MOVES:
        rows = tuple(replace(item, state=state) for item in made.rows)

        verdicts = late(replace(made, rows=rows), answer, now=NOW)

        assert all(verdict.state == "accepted" and verdict.message_id for verdict in verdicts)
        assert len(verdicts) == sum(isinstance(outcome, Accepted) for outcome in outcomes(made, answer))


@MANY
@given(attempts(), TIMES, st.lists(st.sampled_from(DECISIONS), min_size=1))
def test_an_attempt_is_repeated_only_while_somebody_wants_it(
    made: Attempt, now: datetime, decisions: list[Decision]
) -> None:
    result = before_repeat(made, decisions, (), now=now)

    is_wanted = any(isinstance(decision, Allowed) for decision in decisions)
    assert (result is None) == (is_wanted and made.key_expires_at > now)
    if isinstance(result, Settle):
        assert {verdict.state for verdict in result.verdicts} == {"unconfirmed"}
    if isinstance(result, Keep):
        assert now < result.until <= made.key_expires_at
