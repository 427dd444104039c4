"""A nudge with few rows of each of many accounts: one claim, a POST for each, one record."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from threading import Event

import pytest

from tests.steps.ledger import planned, states
from tests.support.crm import Json, add_account, event, execute, person, row, rows
from tests.support.simulated_provider import Provider
from tests.support.waiting import PATIENCE_S, wait_until
from worker import failpoint
from worker.core.sending.nudge import NotificationId
from worker.failpoint import Boundary
from worker.steps.ingest.plan import Intake
from worker.steps.post_room import PostRoom
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send
from worker.steps.sending.together.rounds import OWN
from worker.store.db.postgres import transaction

ACCOUNTS = ("acme", "bravo", "charlie", "delta")
ACCEPTED = ("accepted", None)
CLAIMS = "SELECT count(DISTINCT created_at) FROM attempts"
RECORDS = "SELECT count(DISTINCT settled_at) FROM attempts"
SENDING = "SELECT count(*) FROM notifications WHERE state <> 'planned'"
PACE = "SELECT FROM rate_limits WHERE account = %s FOR UPDATE"


@pytest.fixture(autouse=True)
def _accounts(intake: Intake) -> None:
    for account in ACCOUNTS[1:]:
        add_account(intake.pool, account)
    execute(intake.pool, "INSERT INTO rate_limits (account) SELECT id FROM accounts ON CONFLICT DO NOTHING")


@pytest.fixture
def crowd(intake: Intake, sender: Sender) -> list[NotificationId]:
    """A text of each account, which wait."""
    sender.cache.fresh(sender.pool)
    return planned(intake, *map(overdue, ACCOUNTS))


def overdue(account: str, nth: int = 0) -> Json:
    """An event for a person of their own, to whom TurboSMS sends what it sends to nobody else."""
    phone = f"06710{ACCOUNTS.index(account)}000{nth}"
    return event("invoice.overdue", account=account, recipients=[person(phone=phone, id=f"{account}{nth}")])


@contextmanager
def pace_held(sender: Sender, account: str) -> Generator[None]:
    """Somebody else claims for this account."""
    with transaction(sender.pool) as connection:
        connection.execute(PACE, (account,))
        yield


def test_texts_of_several_accounts_share_a_claim_and_each_has_its_post(
    intake: Intake, sender: Sender, provider: Provider, crowd: list[NotificationId]
) -> None:
    sent = send(sender, crowd)

    assert (sent.claimed, sent.posted, sent.settled) == (4, 4, 4)
    assert states(intake) == [ACCEPTED] * 4
    assert provider.state()["posts"] == 4
    assert row(intake.pool, CLAIMS) == (1,)


def test_a_busy_pace_keeps_no_other_account_waiting(
    intake: Intake, sender: Sender, crowd: list[NotificationId]
) -> None:
    with ThreadPoolExecutor(1) as threads:
        with pace_held(sender, "bravo"):
            sending = threads.submit(send, sender, crowd)
            wait_until(lambda: row(intake.pool, SENDING)[0] == 3, "all others are claimed")
            assert rows(intake.pool, "SELECT account FROM notifications WHERE state = 'planned'") == [("bravo",)]
        assert sending.result(PATIENCE_S).settled == 4
    assert states(intake) == [ACCEPTED] * 4


def test_what_is_paused_of_an_account_stays_and_the_others_go(
    intake: Intake, sender: Sender, crowd: list[NotificationId]
) -> None:
    execute(
        intake.pool,
        "INSERT INTO pauses (account, scope, reason, since, paused_by) VALUES ('bravo', 'hand', 'paused', now(), 'me')",
    )

    send(sender, crowd)

    stayed = "SELECT DISTINCT account FROM notifications WHERE state NOT IN ('accepted')"
    assert rows(intake.pool, stayed) == [("bravo",)]
    assert row(intake.pool, "SELECT count(*) FROM attempts WHERE account = 'bravo'") == (0,)


def test_a_text_that_is_wanted_no_longer_ends_and_the_others_go(
    intake: Intake, sender: Sender, provider: Provider, crowd: list[NotificationId]
) -> None:
    execute(
        intake.pool,
        "INSERT INTO suppressions SELECT account, recipient_key, 'asked', 'test', now() FROM notifications"
        " WHERE account = 'bravo'",
    )

    send(sender, crowd)

    assert rows(intake.pool, "SELECT account FROM notifications WHERE state = 'cancelled'") == [("bravo",)]
    assert states(intake).count(ACCEPTED) == provider.state()["posts"] == 3


def test_one_person_gets_no_more_than_allowed_beside_other_accounts(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    execute(intake.pool, "UPDATE accounts SET person_hour_max = 1, same_text = '0'")
    bodies = [overdue(account) for account in ACCOUNTS for _ in range(2)]

    send(sender, planned(intake, *bodies))

    assert provider.state()["posts"] == len(ACCOUNTS)
    assert row(intake.pool, "SELECT count(*) FROM notifications WHERE state = 'postponed'") == (len(ACCOUNTS),)


def test_a_row_that_breaks_the_claim_is_counted_alone(
    intake: Intake, sender: Sender, crowd: list[NotificationId]
) -> None:
    refuse = "ALTER TABLE attempts ADD CONSTRAINT only_in_this_test CHECK (account <> 'bravo') NOT VALID"
    execute(intake.pool, refuse)

    send(sender, crowd)

    assert states(intake).count(ACCEPTED) == 3
    assert rows(intake.pool, "SELECT account, tries FROM notifications WHERE reason = 'failing'") == [("bravo", 1)]


@pytest.mark.parametrize("threads", [1, 6, 13])
def test_without_room_for_posts_accounts_are_claimed_by_themselves(
    intake: Intake, sender: Sender, provider: Provider, crowd: list[NotificationId], threads: int
) -> None:
    send(replace(sender, room=PostRoom(threads)), crowd)

    assert states(intake) == [ACCEPTED] * 4
    assert provider.state()["posts"] == 4


def test_an_account_with_more_posts_than_there_is_room_for_is_claimed_by_itself(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    bodies = [overdue("acme", nth) for nth in range(OWN - 1)] + [overdue("bravo")]

    send(replace(sender, room=PostRoom(6)), planned(intake, *bodies))

    assert states(intake) == [ACCEPTED] * OWN
    assert provider.state()["posts"] == OWN


def test_a_refusal_for_one_account_settles_the_others(
    intake: Intake, sender: Sender, provider: Provider, crowd: list[NotificationId]
) -> None:
    provider.fault("code", code=203, times=1)

    send(sender, crowd)

    assert states(intake).count(ACCEPTED) == 3
    assert row(intake.pool, "SELECT count(*) FROM pauses") == (1,)


def test_two_workers_with_one_nudge_of_many_accounts_send_once(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    notification_ids = planned(intake, *(overdue(account, nth) for account in ACCOUNTS for nth in range(3)))

    with ThreadPoolExecutor(4) as workers:
        results = [workers.submit(send, sender, notification_ids) for _ in range(4)]
        claimed = sum(future.result(PATIENCE_S).claimed for future in results)

    moves = "SELECT count(*) FROM transitions WHERE to_state = 'sending'"
    assert row(intake.pool, moves) == (len(provider.messages()),)
    assert claimed == len(notification_ids)


def test_rows_of_many_accounts_left_by_an_ending_worker_are_due_at_once(
    intake: Intake, sender: Sender, provider: Provider, ending: Event, crowd: list[NotificationId]
) -> None:
    ending.set()

    send(sender, crowd)

    assert provider.state()["posts"] == 0
    assert rows(intake.pool, "SELECT DISTINCT state, due_at <= now() FROM notifications") == [("planned", True)]


def test_a_death_before_the_commit_leaves_every_account_as_it_was(
    intake: Intake, sender: Sender, crowd: list[NotificationId]
) -> None:
    def die(boundary: Boundary) -> None:
        if boundary == "claimed_together":
            raise KeyboardInterrupt

    failpoint.arm(die)
    with pytest.raises(KeyboardInterrupt):
        send(sender, crowd)

    assert states(intake) == [("planned", None)] * 4
    assert row(intake.pool, "SELECT count(*) FROM attempts") == (0,)


def test_an_account_far_ahead_of_its_pace_waits_in_line_and_the_others_go(
    intake: Intake, sender: Sender, crowd: list[NotificationId]
) -> None:
    execute(intake.pool, "UPDATE rate_limits SET requests_at = now() + interval '1 minute' WHERE account = 'bravo'")

    send(sender, crowd)

    waiting = rows(intake.pool, "SELECT account, state, reason FROM notifications WHERE state <> 'accepted'")
    assert waiting == [("bravo", "postponed", "paced")]


def test_answers_of_several_accounts_are_written_down(
    intake: Intake, sender: Sender, crowd: list[NotificationId]
) -> None:
    send(sender, crowd)

    ids = rows(
        intake.pool, "SELECT account, count(*)::integer FROM provider_messages GROUP BY account ORDER BY account"
    )
    assert ids == [(account, 1) for account in ACCOUNTS]


def test_people_of_many_accounts_get_their_own_texts(
    sender: Sender, provider: Provider, crowd: list[NotificationId]
) -> None:
    send(sender, crowd)

    assert {message["recipient"] for message in provider.messages()} == {f"3806710{nth}0000" for nth in range(4)}
