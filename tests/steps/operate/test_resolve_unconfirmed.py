from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.steps.ledger import planned, repeat_all, states, sweep
from tests.support.crm import execute, row, rows
from tests.support.simulated_provider import Provider
from worker.core.hands.resend import Terms
from worker.core.sending.nudge import NotificationId, text_id
from worker.steps.hands.resend import resend_counts
from worker.steps.ingest.plan import Intake
from worker.steps.operate.resolve_unconfirmed import Decided, declare_sent, resend
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send
from worker.store.db.postgres import transaction

NOW_OR_24_HOURS = """
SELECT expires_at - clock_timestamp() BETWEEN interval '23:59' AND interval '24:00' FROM notifications
"""
LAST_MOVE = "SELECT from_state, to_state, reason, actor FROM transitions ORDER BY id DESC LIMIT 1"


@pytest.fixture
def lost(intake: Intake, sender: Sender, provider: Provider) -> NotificationId:
    """A text that TurboSMS made, without an answer as long as its key lived."""
    notification_ids = planned(intake)
    provider.fault("reset_after", times=1)
    send(sender, notification_ids)
    execute(intake.pool, "UPDATE attempts SET key_expires_at = now()")
    repeat_all(sender, sweep(intake, after=timedelta(minutes=2)))
    assert states(intake) == [("unconfirmed", "key_expired")]
    return notification_ids[0]


def resend_notification(intake: Intake, notification_id: NotificationId) -> list[Decided]:
    with transaction(intake.pool) as connection:
        return resend(connection, [notification_id], by="anna")


def declare_notification(intake: Intake, notification_id: NotificationId) -> list[Decided]:
    with transaction(intake.pool) as connection:
        return declare_sent(connection, [notification_id], by="anna")


def test_a_text_that_a_person_resends_goes_under_a_fresh_key(
    intake: Intake, sender: Sender, provider: Provider, lost: NotificationId
) -> None:
    provider.settings(duplicate_window_s=0)

    decided = resend_notification(intake, lost)
    send(sender, [lost])

    assert decided == [Decided(lost, "unconfirmed", is_done=True)]
    assert states(intake) == [("accepted", None)]
    assert len(provider.messages()) == 2
    assert row(intake.pool, "SELECT count(*) FROM attempts") == (2,)


def test_the_move_remembers_that_a_person_asked_and_who(intake: Intake, lost: NotificationId) -> None:
    resend_notification(intake, lost)

    assert rows(intake.pool, LAST_MOVE) == [("unconfirmed", "planned", "by_hand", "operator/anna")]


@pytest.mark.parametrize(
    ("act", "action", "state"),
    [(resend_notification, "resend", "planned"), (declare_notification, "unconfirmed", "sent")],
)
def test_a_decision_is_in_the_audit_of_its_account(
    intake: Intake,
    lost: NotificationId,
    act: Callable[[Intake, NotificationId], list[Decided]],
    action: str,
    state: str,
) -> None:
    act(intake, lost)

    noted = {"texts": [text_id(lost)], "state": state}
    assert rows(intake.pool, "SELECT done_by, action, account, subject, after FROM audit") == [
        ("anna", action, "acme", text_id(lost), noted)
    ]


def test_the_sweeper_nudges_a_resent_text(intake: Intake, lost: NotificationId) -> None:
    resend_notification(intake, lost)

    assert [nudge.notification_ids for nudge in sweep(intake).nudges] == [(lost,)]


def test_a_text_whose_time_is_over_gets_a_day_more(intake: Intake, lost: NotificationId) -> None:
    execute(intake.pool, "UPDATE notifications SET expires_at = now() - interval '3 days'")

    resend_notification(intake, lost)

    assert row(intake.pool, NOW_OR_24_HOURS) == (True,)


def test_a_text_that_still_makes_sense_keeps_its_time(intake: Intake, lost: NotificationId) -> None:
    before = row(intake.pool, "SELECT expires_at FROM notifications")

    resend_notification(intake, lost)

    assert row(intake.pool, "SELECT expires_at FROM notifications") == before


def test_a_text_declared_as_sent_is_polled_no_more(intake: Intake, lost: NotificationId) -> None:
    decided = declare_notification(intake, lost)

    assert decided == [Decided(lost, "unconfirmed", is_done=True)]
    assert row(intake.pool, "SELECT state, reason, due_at FROM notifications") == ("sent", "by_hand", None)
    assert rows(intake.pool, LAST_MOVE) == [("unconfirmed", "sent", "by_hand", "operator/anna")]


@pytest.mark.parametrize("act", [resend_notification, declare_notification])
@pytest.mark.parametrize("state", ["accepted", "delivered", "sending"])
def test_a_row_that_is_no_longer_unconfirmed_is_left_alone(
    intake: Intake, lost: NotificationId, state: str, act: Callable[[Intake, NotificationId], list[Decided]]
) -> None:
    execute(
        intake.pool,
        "UPDATE notifications SET state = %s, reason = NULL, due_at = CASE WHEN %s = 'sending' THEN now() END,"
        " expires_at = now() - interval '1 day'",
        state,
        state,
    )
    before = row(intake.pool, "SELECT * FROM notifications")

    decided = act(intake, lost)

    assert decided == [Decided(lost, state, is_done=False)]
    assert row(intake.pool, "SELECT * FROM notifications") == before


def test_a_decided_row_cannot_be_decided_again(intake: Intake, lost: NotificationId) -> None:
    declare_notification(intake, lost)

    decided = resend_notification(intake, lost)

    assert decided == [Decided(lost, "sent", is_done=False)]
    assert states(intake) == [("sent", "by_hand")]


def test_a_text_that_was_sent_again_as_another_is_left_alone(intake: Intake, lost: NotificationId) -> None:
    terms = Terms("olena", frozenset({"unconfirmed"}), 1)
    with transaction(intake.pool) as connection:
        [second] = resend_counts(connection, "acme", [lost], terms=terms)[1]

    decided = resend_notification(intake, lost)

    assert decided == [Decided(lost, "unconfirmed", is_done=False, resent_as=second)]
    assert states(intake) == [("unconfirmed", "key_expired"), ("planned", None)]


def test_a_resent_text_of_a_suppressed_person_is_cancelled(
    intake: Intake, sender: Sender, lost: NotificationId
) -> None:
    resend_notification(intake, lost)
    execute(
        intake.pool, "INSERT INTO suppressions SELECT account, recipient_key, 'stop', 'x', now() FROM notifications"
    )

    send(sender, [lost])

    assert states(intake) == [("cancelled", "suppressed")]
