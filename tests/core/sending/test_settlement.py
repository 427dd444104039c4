from dataclasses import replace
from datetime import timedelta

import pytest

from tests.core.examples import NOW
from tests.core.sending.answers import (
    DUPLICATE,
    LATER,
    LEFT_OUT,
    OK,
    PAUSED,
    PHONES,
    REFUSED,
    SPOKEN,
    UNKNOWN,
    attempt,
    row,
)
from worker.core.clock.timeouts import DUPLICATE_WAIT
from worker.core.sending.eligibility import Allowed, Dropped, Postponed
from worker.core.sending.send_result import Answer, Later, Outcome, Repeated
from worker.core.sending.settlement import (
    Attempt,
    Ignore,
    Keep,
    Settle,
    Settlement,
    Verdict,
    before_repeat,
    late,
    settlement,
)


def settled(made: Attempt, whole: Outcome, *, adopted: bool = False, **rows: Outcome) -> Settlement:
    named = {phone.removeprefix("p"): outcome for phone, outcome in rows.items()}
    return settlement(made, Answer(whole, named, adopted), now=NOW)


def states(result: Settlement) -> list[tuple[str, str | None]]:
    assert isinstance(result, Settle), result
    return [(verdict.state, verdict.reason) for verdict in result.verdicts]


@pytest.mark.parametrize(
    ("outcome", "state", "reason", "wait"),
    [
        (OK, "accepted", None, None),
        (REFUSED, "refused", "bad_number", None),
        (LATER, "postponed", "rate_limited", timedelta(minutes=1)),
        (PAUSED, "postponed", "money", timedelta(seconds=30)),
        (DUPLICATE, "postponed", "duplicate", timedelta(seconds=100)),
        (LEFT_OUT, "unconfirmed", "left_out", None),
    ],
)
def test_a_first_answer_settles_its_row(
    outcome: Outcome, state: str, reason: str | None, wait: timedelta | None
) -> None:
    result = settled(attempt(), outcome)

    assert states(result) == [(state, reason)]
    assert isinstance(result, Settle)
    assert result.verdicts[0].due_at == (wait and NOW + wait)
    assert result.code == getattr(outcome, "code", None)


def test_a_second_duplicate_is_refused() -> None:
    assert states(settled(attempt(row(reason="duplicate")), DUPLICATE)) == [("refused", "duplicate")]


def test_a_duplicate_after_a_lost_answer_was_the_first_post() -> None:
    assert states(settled(attempt(unknown=True), DUPLICATE)) == [("unconfirmed", "duplicate")]


@pytest.mark.parametrize("outcome", [*SPOKEN, UNKNOWN])
def test_after_a_lost_answer_a_refusal_keeps_the_attempt(outcome: Outcome) -> None:
    assert isinstance(settled(attempt(unknown=True), outcome), Keep)


@pytest.mark.parametrize("outcome", SPOKEN)
def test_after_a_lost_answer_a_refusal_beside_a_duplicate_proves_nothing(outcome: Outcome) -> None:
    made = attempt(row(PHONES[0]), row(PHONES[1]), unknown=True)

    result = settled(made, outcome, p380671234567=DUPLICATE)

    assert {state for state, _ in states(result)} == {"unconfirmed"}


@pytest.mark.parametrize("outcome", SPOKEN)
def test_a_refusal_that_the_provider_remembers_is_read_as_that_refusal(outcome: Outcome) -> None:
    result = settled(attempt(unknown=True, held=1, lease=3), outcome, adopted=True)

    assert states(result)[0][0] in {"refused", "postponed"}


def test_a_repeat_without_rows_is_unconfirmed() -> None:
    assert states(settled(attempt(unknown=True), Repeated("repeat", 507), adopted=True)) == [("unconfirmed", "repeat")]


def test_a_row_left_out_of_an_answer_is_unconfirmed() -> None:
    made = attempt(row(PHONES[0]), row(PHONES[1]))

    result = settled(made, LEFT_OUT, p380671234567=OK)

    assert states(result) == [("accepted", None), ("unconfirmed", "left_out")]
    assert isinstance(result, Settle)
    assert result.outcome == "mixed"


def test_repeats_grow_rarer_to_half_an_hour() -> None:
    waits = [settled(attempt(lease=lease, held=lease, unknown=True), UNKNOWN) for lease in range(1, 12)]

    seconds = [(keep.until - NOW).total_seconds() for keep in waits if isinstance(keep, Keep)]
    assert seconds[:4] == [30, 60, 120, 240]
    assert seconds[-1] == 1800


def test_a_longer_wait_that_the_provider_asks_for_is_kept() -> None:
    asked = Later("rate_limited", timedelta(minutes=5), 438)

    assert settled(attempt(unknown=True), asked) == Keep(NOW + timedelta(minutes=5), "rate_limited")


@pytest.mark.parametrize("unknown", [False, True])
def test_no_money_pauses_the_account_whatever_becomes_of_the_attempt(unknown: bool) -> None:  # noqa: FBT001 (both)
    result = settled(attempt(unknown=unknown), PAUSED)

    assert not isinstance(result, Ignore)
    assert result.pause == PAUSED


def test_a_pause_in_the_answer_for_one_row_is_kept() -> None:
    made = attempt(row(PHONES[0]), row(PHONES[1]))

    result = settled(made, OK, p380671234567=PAUSED)

    assert isinstance(result, Settle)
    assert result.pause == PAUSED


def test_before_a_repeat_one_wanted_row_is_enough_and_a_wait_is_kept() -> None:
    made = attempt(row(), row(PHONES[1]))
    dropped, night = Dropped("expired", "too_late"), Postponed(NOW + timedelta(hours=9), "quiet_hours")

    assert before_repeat(made, [dropped, Allowed()], (), now=NOW) is None
    assert before_repeat(made, [dropped, night], (), now=NOW) == Keep(NOW + timedelta(hours=9), "quiet_hours")
    assert states(before_repeat(made, [dropped, dropped], (), now=NOW) or Ignore())[0] == ("unconfirmed", "not_wanted")
    over = before_repeat(replace(made, key_expires_at=NOW), [Allowed(), Allowed()], (), now=NOW)
    assert states(over or Ignore())[0] == ("unconfirmed", "key_expired")


def test_after_the_key_expired_only_twice_preferring_rows_go_again() -> None:
    made = replace(attempt(row(), row(PHONES[1])), key_expires_at=NOW)
    twice, once = made.rows

    over = before_repeat(made, [Allowed(), Allowed()], {twice.notification_id}, now=NOW)

    assert isinstance(over, Settle)
    assert over.verdicts == (
        Verdict(twice, "postponed", "key_expired", NOW + DUPLICATE_WAIT),
        Verdict(once, "unconfirmed", "key_expired"),
    )


def test_a_late_acceptance_of_an_erased_row_keeps_its_id() -> None:
    made = attempt(replace(row(), phone=None), is_settled=True)
    answer = Answer(OK, {})

    assert settlement(made, answer, now=NOW) == Ignore()
    assert [verdict.message_id for verdict in late(made, answer, now=NOW)] == [OK.message_id]
