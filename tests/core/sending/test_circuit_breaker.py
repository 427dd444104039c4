from dataclasses import replace
from datetime import timedelta

import pytest

from tests.core.sending.answers import DUPLICATE, LATER, LEFT_OUT, OK, PAUSED, PHONES, REFUSED, UNKNOWN
from worker.core.clock.timeouts import CRAWL
from worker.core.sending.circuit_breaker import is_failure
from worker.core.sending.send_result import Answer, Later, Outcome

QUICK = timedelta(milliseconds=200)
TICK = timedelta(microseconds=1)
BROKEN = Later("provider_error", timedelta(seconds=30), 503)
UNREACHABLE = Later("provider_unreachable", timedelta(seconds=30))


@pytest.mark.parametrize("whole", [UNKNOWN, BROKEN, UNREACHABLE])
def test_a_provider_that_does_not_answer_fails(whole: Outcome) -> None:
    assert is_failure(Answer(whole, {}), took=QUICK)


@pytest.mark.parametrize("whole", [OK, REFUSED, PAUSED, DUPLICATE, LEFT_OUT])
def test_a_refusal_is_no_failure_of_the_provider(whole: Outcome) -> None:
    assert not is_failure(Answer(whole, {}), took=QUICK)


@pytest.mark.parametrize("whole", [OK, REFUSED, PAUSED, DUPLICATE, LEFT_OUT])
def test_an_answer_that_crawls_is_a_failure(whole: Outcome) -> None:
    assert not is_failure(Answer(whole, {}), took=CRAWL - TICK)
    assert is_failure(Answer(whole, {}), took=CRAWL)


def test_a_complaint_about_our_pace_speaks_for_the_provider() -> None:
    assert not is_failure(Answer(LATER, {}), took=QUICK)
    assert not is_failure(Answer(BROKEN, {PHONES[0]: LATER}), took=QUICK)


def test_a_repeat_whose_first_answer_is_lost_speaks_for_the_provider() -> None:
    lost = Answer(UNKNOWN, {}, adopted=True)

    assert not is_failure(lost, took=QUICK)
    assert is_failure(replace(lost, adopted=False), took=QUICK)


def test_one_recipient_in_doubt_is_not_the_providers_failure() -> None:
    assert not is_failure(Answer(OK, {PHONES[0]: UNKNOWN, PHONES[1]: BROKEN}), took=QUICK)
