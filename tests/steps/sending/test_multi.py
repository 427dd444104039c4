from datetime import timedelta

import pytest
from psycopg.errors import CheckViolation

from tests.steps.ledger import planned, repeat_all, states, sweep
from tests.support.crm import event, execute, person, row, rows
from tests.support.simulated_provider import Provider
from worker.core.sending.nudge import NotificationId
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send

ACCEPTED = ("accepted", None)
UNKNOWN = ("sending", None)
LEASE_OVER = timedelta(minutes=2)


@pytest.fixture(autouse=True)
def _many_texts_in_a_request(intake: Intake) -> None:
    execute(intake.pool, "UPDATE accounts SET post_mode = 'sendmulti'")


def texts(intake: Intake, count: int) -> list[NotificationId]:
    """One text for each of so many persons."""
    people = [person(phone=f"067100000{number}", id=str(number)) for number in range(count)]
    return planned(intake, *(event(recipients=[item]) for item in people))


def by_phone(intake: Intake) -> list[tuple[str, str | None]]:
    results = rows(intake.pool, "SELECT state, reason FROM notifications ORDER BY phone")
    return [(state, reason) for state, reason in results]


def requests(provider: Provider) -> dict[str, int]:
    return provider.state()["requests"]


def test_different_texts_share_a_post_each_with_its_own_key(intake: Intake, sender: Sender, provider: Provider) -> None:
    send(sender, texts(intake, 6))

    assert states(intake) == [ACCEPTED] * 6
    assert requests(provider) == {"message/sendmulti": 1}
    made = {(message["sequence_id"], message["message_id"]) for message in provider.messages()}
    assert len({key for key, _ in made}) == 6
    assert set(rows(intake.pool, "SELECT attempt, message_id FROM provider_messages")) == made
    assert row(intake.pool, "SELECT count(*), count(DISTINCT key), count(DISTINCT post) FROM attempts") == (6, 6, 1)


def test_each_item_has_its_own_outcome(intake: Intake, sender: Sender, provider: Provider, alerts: list[str]) -> None:
    provider.stop("380671000000")
    provider.settings(forbidden_texts=["FORBIDDEN"])
    provider.fault("row_code", code=203, match={"recipient": "380671000002"})
    notification_ids = texts(intake, 4)
    execute(intake.pool, "UPDATE notifications SET text = 'FORBIDDEN' WHERE phone LIKE %s", "%1")

    send(sender, notification_ids)

    refused = [("refused", "not_allowed_number_stoplist"), ("refused", "not_allowed_message_text")]
    assert by_phone(intake) == [*refused, ("postponed", "money"), ACCEPTED]
    assert alerts == ["account.paused"]
    assert provider.state()["posts"] == 1


def test_items_that_are_repeated_alone_count_as_so_many_posts(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    # One place of these is kept for what is urgent.
    execute(intake.pool, "UPDATE accounts SET in_flight = 3")
    provider.fault("reset_after", times=1)
    send(sender, texts(intake, 4))
    provider.settings(latency_ms=500)

    repeated = sender.posts.submit(repeat_all, sender, sweep(intake, after=LEASE_OVER))
    seen = [provider.state()["in_flight"]]
    while not repeated.done():
        seen.append(provider.state()["in_flight"])

    repeated.result()
    assert max(seen) <= 2
    assert sorted(states(intake)) == [ACCEPTED, ACCEPTED, UNKNOWN, UNKNOWN]


@pytest.mark.parametrize("fault", ["reset_after", "null_result"])
def test_each_item_of_a_lost_answer_is_repeated_alone(
    intake: Intake, sender: Sender, provider: Provider, fault: str
) -> None:
    provider.fault(fault)
    send(sender, texts(intake, 3))
    assert states(intake) == [UNKNOWN] * 3

    repeat_all(sender, sweep(intake, after=LEASE_OVER))

    assert states(intake) == [ACCEPTED] * 3
    assert requests(provider) == {"message/sendmulti": 4}
    assert (len(provider.messages()), provider.state()["repeats"]) == (3, 3)


@pytest.mark.parametrize("keys", ["request", "ignored"])
def test_items_without_effective_keys_are_never_repeated(
    intake: Intake, sender: Sender, provider: Provider, keys: str
) -> None:
    provider.settings(multi_keys=keys)
    provider.fault("reset_after")
    send(sender, texts(intake, 3))

    repeat_all(sender, sweep(intake, after=timedelta(seconds=80)))

    assert states(intake) == [("unconfirmed", "duplicate")] * 3
    assert len(provider.messages()) == 3


def test_an_item_that_an_answer_leaves_out_is_in_doubt_and_alone_repeated(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    provider.fault("leave_out_items", count=1)
    send(sender, texts(intake, 4))
    assert sorted(states(intake)) == [*[ACCEPTED] * 3, UNKNOWN]

    released = sweep(intake, after=LEASE_OVER)
    assert released.count == 1
    repeat_all(sender, released)

    assert states(intake) == [ACCEPTED] * 4
    assert requests(provider) == {"message/sendmulti": 2}
    assert (len(provider.messages()), provider.state()["repeats"]) == (4, 1)


def test_no_money_for_all_items_pauses_their_account_once(
    intake: Intake, sender: Sender, provider: Provider, alerts: list[str]
) -> None:
    provider.fault("code", code=203)

    send(sender, texts(intake, 4))

    assert states(intake) == [("postponed", "money")] * 4
    assert row(intake.pool, "SELECT scope, reason FROM pauses") == ("account", "money")
    assert alerts == ["account.paused"]


def test_a_complaint_about_all_items_slows_their_account_once(
    intake: Intake, sender: Sender, provider: Provider, alerts: list[str]
) -> None:
    provider.fault("code", code=438)

    send(sender, texts(intake, 4))

    assert states(intake) == [("postponed", "rate_limited")] * 4
    assert row(intake.pool, "SELECT slowdown FROM rate_limits") == (2.0,)
    assert alerts == ["provider.limits"]


def test_a_failed_post_is_one_failure_however_many_items_it_has(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    provider.fault("http")

    send(sender, texts(intake, 6))

    assert states(intake) == [UNKNOWN] * 6
    assert row(intake.pool, "SELECT failure_weight FROM rate_limits") == (1.0,)
    assert rows(intake.pool, "SELECT * FROM pauses") == []


def test_a_post_carries_so_many_items_at_most(intake: Intake, sender: Sender, provider: Provider) -> None:
    execute(intake.pool, "UPDATE accounts SET multi_max = 4")

    send(sender, texts(intake, 10))

    assert states(intake) == [ACCEPTED] * 10
    sizes = rows(intake.pool, "SELECT count(*) FROM attempts GROUP BY post ORDER BY 1")
    assert sizes == [(2,), (4,), (4,)]
    assert requests(provider) == {"message/sendmulti": 3}


def test_equal_texts_are_one_item_with_many_recipients(intake: Intake, sender: Sender, provider: Provider) -> None:
    notification_ids = texts(intake, 3)
    crowd = [person(phone=f"050100000{number}", id=str(number)) for number in range(5)]
    notification_ids += planned(intake, event(recipients=crowd))

    send(sender, notification_ids)

    assert states(intake) == [ACCEPTED] * 8
    assert rows(intake.pool, "SELECT cardinality(row_ids) FROM attempts ORDER BY 1") == [(1,), (1,), (1,), (5,)]
    assert requests(provider) == {"message/sendmulti": 1}


def test_urgent_texts_share_no_post_with_others(intake: Intake, sender: Sender) -> None:
    send(sender, planned(intake, event(), event("order.created"), event(), event("order.created")))

    assert states(intake) == [ACCEPTED] * 4
    posts = rows(intake.pool, "SELECT count(*), count(DISTINCT lane) FROM attempts GROUP BY post")
    assert posts == [(2, 1), (2, 1)]


def test_the_probe_of_a_paused_account_is_one_item(intake: Intake, sender: Sender, provider: Provider) -> None:
    provider.fault("code", code=203)
    notification_ids = texts(intake, 4)
    send(sender, notification_ids)

    released = sweep(intake, after=timedelta(minutes=1))
    assert released.count == 1
    send(sender, released.nudges[0].notification_ids)

    assert sorted(states(intake)) == [ACCEPTED, *[("postponed", "money")] * 3]
    assert rows(intake.pool, "SELECT * FROM pauses") == []


def test_an_item_whose_answer_cannot_be_written_down_stays_alone_in_doubt(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    notification_ids = texts(intake, 4)
    text = f"ADD CONSTRAINT broken CHECK (notification <> {sorted(notification_ids)[1][1]})"
    execute(intake.pool, f"ALTER TABLE provider_messages {text}")

    with pytest.raises(CheckViolation):
        send(sender, notification_ids)

    assert states(intake) == [ACCEPTED, UNKNOWN, ACCEPTED, ACCEPTED]
    assert len(provider.messages()) == 4
