from __future__ import annotations

from datetime import timedelta

import pytest

from tests.crm import execute, row
from tests.provider import Provider
from tests.steps.ledger import planned, repeat_all, states, sweep
from worker.steps.plan import Intake
from worker.steps.post import Sender
from worker.steps.send import send


def test_a_lost_answer_is_repeated_under_the_same_key_and_sends_nothing_twice(
    intake: Intake, sender: Sender, provider: Provider, alerts: list[str]
) -> None:
    provider.fault("reset_after", times=1)
    send(sender, planned(intake))
    assert states(intake) == [("sending", None)]

    repeat_all(sender, sweep(intake, after=timedelta(minutes=2)))

    assert states(intake) == [("accepted", None)]
    assert (len(provider.messages()), provider.state()["repeats"]) == (1, 1)
    assert alerts == ["attempt.in_doubt"]


def test_a_repeat_posts_the_very_same_bytes(intake: Intake, sender: Sender, provider: Provider) -> None:
    provider.fault("http", times=1, status=502)
    send(sender, planned(intake))
    before = row(intake.pool, "SELECT body, key FROM attempts")
    execute(intake.pool, "UPDATE template_versions SET text = 'another text'")

    released = sweep(intake, after=timedelta(minutes=2))
    after = row(intake.pool, "SELECT body, key FROM attempts")
    repeat_all(sender, released)

    assert before == after
    assert provider.messages()[0]["text"].startswith("Олена, рахунок")


def test_an_attempt_is_handed_over_whole_and_only_when_its_lease_has_ended(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    provider.fault("no_answer", times=1)
    send(sender, planned(intake))

    assert sweep(intake).held == {}
    first = sweep(intake, after=timedelta(minutes=2)).held
    assert [lease for held in first.values() for _, _, lease in held] == [2]
    assert sweep(intake).held == {}


def test_a_lease_that_was_given_on_is_not_used_any_more(intake: Intake, sender: Sender, provider: Provider) -> None:
    provider.fault("reset_after", times=1)
    send(sender, planned(intake))
    old = sweep(intake, after=timedelta(minutes=2))
    new = sweep(intake, after=timedelta(minutes=2))

    repeat_all(sender, old)
    assert provider.state()["posts"] == 1
    repeat_all(sender, new)
    assert states(intake) == [("accepted", None)]


def test_when_the_keys_life_is_over_nobody_asks_again(intake: Intake, sender: Sender, provider: Provider) -> None:
    provider.fault("reset_after", times=1)
    send(sender, planned(intake))
    execute(intake.pool, "UPDATE attempts SET key_expires_at = now()")

    repeat_all(sender, sweep(intake, after=timedelta(minutes=2)))

    assert provider.state()["posts"] == 1
    assert states(intake) == [("unconfirmed", "key_expired")]


def test_507_without_rows_is_unconfirmed_and_never_sent_again(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    provider.settings(repeat_shape="null")
    provider.fault("reset_after", times=1)
    send(sender, planned(intake))

    repeat_all(sender, sweep(intake, after=timedelta(minutes=2)))

    assert states(intake) == [("unconfirmed", "repeat")]
    assert sweep(intake, after=timedelta(days=2)).count == 0


@pytest.mark.parametrize(("code", "reason"), [(438, "rate_limited"), (503, "failed_sms_send")])
def test_a_definite_refusal_that_time_heals_is_tried_under_a_fresh_key(
    intake: Intake, sender: Sender, provider: Provider, code: int, reason: str
) -> None:
    provider.fault("code", times=1, code=code)
    places = planned(intake)
    send(sender, places)
    state, found = states(intake)[0]
    assert state == "postponed"
    assert found in {reason, row(intake.pool, "SELECT reason FROM notifications")[0]}

    sweep(intake, after=timedelta(minutes=2))
    send(sender, places)

    assert states(intake)[0][0] == "accepted"
    assert row(intake.pool, "SELECT count(DISTINCT key) FROM attempts") == (2,)


def test_a_refusal_of_a_repeat_says_nothing_about_the_first_post(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    provider.fault("reset_after", times=1)
    provider.fault("code", times=1, code=503)
    send(sender, planned(intake))

    repeat_all(sender, sweep(intake, after=timedelta(minutes=2)))
    assert states(intake) == [("sending", None)]
    repeat_all(sender, sweep(intake, after=timedelta(minutes=10)))

    assert states(intake) == [("accepted", None)]
    assert len(provider.messages()) == 1
