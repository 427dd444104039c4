from datetime import timedelta

import pytest
from psycopg.errors import CheckViolation

from tests.steps.ledger import planned, states, sweep
from tests.support.crm import event, execute, person, row, rows
from tests.support.simulated_provider import Provider
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send, send_alone
from worker.steps.upkeep.sweeper import release


@pytest.mark.parametrize(("code", "reason"), [(203, "money"), (105, "token"), (401, "sender")])
def test_money_token_and_sender_pause_the_account_with_one_alert(
    intake: Intake, sender: Sender, provider: Provider, alerts: list[str], code: int, reason: str
) -> None:
    provider.fault("code", code=code, times=None)
    notification_ids = planned(intake, event(), event())

    send(sender, notification_ids)
    send(sender, notification_ids)

    assert row(intake.pool, "SELECT reason FROM pauses") == (reason,)
    assert alerts == ["account.paused"]
    assert {state for state, _ in states(intake)} <= {"postponed", "planned"}
    assert sweep(intake, after=timedelta(seconds=45)).count == 0


def test_a_paused_account_goes_on_when_it_is_resumed(intake: Intake, sender: Sender, provider: Provider) -> None:
    provider.fault("code", code=203, times=1)
    notification_ids = planned(intake)
    send(sender, notification_ids)
    execute(intake.pool, "DELETE FROM pauses")

    sweep(intake, after=timedelta(minutes=1))
    send(sender, notification_ids)

    assert states(intake) == [("accepted", None)]


def test_a_lost_nudge_is_a_delay_and_not_a_loss(intake: Intake) -> None:
    notification_ids = planned(intake)

    assert sweep(intake).count == 0
    released = sweep(intake, after=timedelta(seconds=31))

    assert [nudge.notification_ids for nudge in released.nudges] == [tuple(notification_ids)]
    assert row(intake.pool, "SELECT due_at - now() > interval '20 s', nudges FROM notifications") == (True, 1)


def test_a_crowded_account_does_not_keep_the_sweeper_from_another(intake: Intake) -> None:
    crowd = [person(phone=f"067{number:07d}", id=str(number)) for number in range(450)]
    planned(intake, event(recipients=crowd), event("order.created"))

    released = sweep(intake, after=timedelta(minutes=1))

    lanes = {
        nudge.lane: sum(len(other.notification_ids) for other in released.nudges if other.lane == nudge.lane)
        for nudge in released.nudges
    }
    assert lanes == {"urgent": 1, "normal": 200}


def test_a_row_that_breaks_five_claims_fails_with_a_dead_letter(intake: Intake, sender: Sender) -> None:
    notification_ids = planned(intake, event(), event())
    execute(intake.pool, "UPDATE notifications SET phone = 'not digits' WHERE id = %s", notification_ids[0][1])

    for _ in range(5):
        send(sender, notification_ids)
        sweep(intake, after=timedelta(hours=1))

    assert sorted(states(intake)) == [("accepted", None), ("failed", "failing")]
    assert row(intake.pool, "SELECT kind, reason, notification FROM dead_letters") == (
        "job",
        "failing",
        notification_ids[0][1],
    )


def test_a_row_that_killed_workers_four_times_is_poison(intake: Intake, sender: Sender, provider: Provider) -> None:
    notification_ids = planned(intake)
    name = f"{notification_ids[0][0]}/{notification_ids[0][1]}".encode()
    execute(intake.pool, "INSERT INTO suspect_messages VALUES (sha256(%s), 4, now(), now())", name)

    send_alone(sender, notification_ids)

    assert states(intake) == [("failed", "poison")]
    assert provider.state()["posts"] == 0


def test_a_nudge_that_came_back_is_split_and_its_rows_go_out(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    notification_ids = planned(intake, event(), event())

    send_alone(sender, notification_ids)

    assert len(provider.messages()) == 2
    assert rows(intake.pool, "SELECT * FROM suspect_messages") == []


def test_a_lane_of_unknown_depth_costs_no_other_lane_its_nudges(intake: Intake) -> None:
    planned(intake, event("order.created"), event())
    execute(intake.pool, "UPDATE notifications SET due_at = now()")

    def depth(lane: str) -> int:
        if lane == "bulk":
            raise ConnectionError
        return 0

    with pytest.raises(ConnectionError):
        release(intake.pool, depth)

    assert {nudge.lane for nudge in release(intake.pool, lambda _lane: 0).nudges} == {"urgent", "normal"}


def test_a_lane_that_cannot_be_released_costs_no_other_its_nudges(intake: Intake) -> None:
    planned(intake, event("order.created"), event())
    execute(intake.pool, "UPDATE notifications SET due_at = now()")
    refuse = "ALTER TABLE notifications ADD CONSTRAINT only_in_this_test CHECK (lane <> 'normal' OR nudges = 0)"
    execute(intake.pool, refuse)

    with pytest.raises(CheckViolation):
        release(intake.pool, lambda _lane: 0)

    execute(intake.pool, "ALTER TABLE notifications DROP CONSTRAINT only_in_this_test")
    assert {nudge.lane for nudge in release(intake.pool, lambda _lane: 0).nudges} == {"urgent", "normal"}
