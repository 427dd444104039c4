from datetime import timedelta

import pytest

from tests.steps.ledger import planned
from tests.steps.receipts.receipts import ASK_AT, CHANNELS, callback, due, questions, states_by_message, taken
from tests.support.crm import SECRET, TOKEN, add_account, execute, row, rows
from tests.support.simulated_provider import Provider
from worker.core.clock.timeouts import ASK_LEASE
from worker.core.receipts.polling import ABANDONED, DENIED_TOO_EARLY, TRACKED
from worker.steps.effects import Effect, Ended, Receipts
from worker.steps.ingest.plan import Intake
from worker.steps.receipts.callbacks import record_callbacks
from worker.steps.receipts.poll import Collector, collect
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send
from worker.store.accounts.sealed_places import token_of
from worker.store.accounts.secrets import Seal

WAIT = "SELECT ask_at - now() FROM provider_messages"


@pytest.mark.parametrize("known", ["00000000-0000-0000-0000-000000000000", "malformed"], ids=["414", "307"])
def test_an_id_that_turbosms_does_not_know_is_not_asked_for_again(
    intake: Intake, collector: Collector, measured: list[Effect], known: str
) -> None:
    taken(intake.pool, known, age=DENIED_TOO_EARLY)
    due(intake.pool)

    collect(collector)

    assert states_by_message(intake.pool) == {known: ("accepted", "not_tracked")}
    assert rows(intake.pool, ASK_AT) == [(None,)]
    assert row(intake.pool, "SELECT from_state, to_state, reason, actor FROM transitions") == (
        "accepted",
        "accepted",
        "not_tracked",
        "collect",
    )
    told, counted = measured
    assert isinstance(told, Ended)
    assert (told.state, told.reason) == ("accepted", "not_tracked")
    assert counted == Receipts("poll", "unknown_id", 1)


def test_an_id_unknown_to_turbosms_is_polled_again_for_an_hour(intake: Intake, collector: Collector) -> None:
    taken(intake.pool, "malformed")
    taken(intake.pool, "malformed-too")
    record_callbacks(intake.pool, "acme", [callback("malformed-too")])
    execute(intake.pool, "DELETE FROM callbacks")
    due(intake.pool)

    assert collect(collector).messages == 2

    assert states_by_message(intake.pool) == {"malformed": ("accepted", None), "malformed-too": ("delivered", None)}
    assert timedelta() < row(intake.pool, WAIT + " WHERE message_id = 'malformed'")[0] <= timedelta(minutes=1)
    assert row(intake.pool, WAIT + " WHERE message_id = 'malformed-too'")[0] > timedelta(minutes=1)


@pytest.mark.parametrize("fault", ["html", "truncated", "reset_after", "null_result"])
def test_an_unreadable_poll_answer_leaves_the_row_unchanged(
    intake: Intake, collector: Collector, provider: Provider, fault: str
) -> None:
    taken(intake.pool, "m-1")
    due(intake.pool)
    provider.fault(fault, match={"method": "message/*"}, times=1)

    collect(collector)

    assert states_by_message(intake.pool) == {"m-1": ("accepted", None)}
    assert timedelta(seconds=30) < row(intake.pool, WAIT)[0] <= timedelta(seconds=60)
    assert rows(intake.pool, CHANNELS) == []


def test_an_answer_of_three_hundred_megabytes_is_cut(intake: Intake, collector: Collector, provider: Provider) -> None:
    taken(intake.pool, "m-1")
    due(intake.pool)
    provider.fault("huge", match={"method": "message/*"}, megabytes=300)

    assert collect(collector).faults == {"acme": "too_large"}

    assert states_by_message(intake.pool) == {"m-1": ("accepted", None)}


def test_a_lost_poll_is_given_up_on_the_eighth_day(
    intake: Intake, collector: Collector, provider: Provider, measured: list[Effect]
) -> None:
    taken(intake.pool, "m-1", age=TRACKED)
    due(intake.pool)
    provider.fault("http", match={"method": "message/*"}, times=None)

    collect(collector)
    assert states_by_message(intake.pool) == {"m-1": ("accepted", None)}

    execute(intake.pool, "UPDATE provider_messages SET accepted_at = now() - %s", ABANDONED)
    due(intake.pool)
    assert collect(collector).messages == 0
    assert states_by_message(intake.pool) == {"m-1": ("accepted", "no_receipt")}
    assert [(end.state, end.reason) for end in measured if isinstance(end, Ended)] == [("accepted", "no_receipt")]

    record_callbacks(intake.pool, "acme", [callback("m-1", "SENT")])
    due(intake.pool)
    assert collect(collector).messages == 0
    assert states_by_message(intake.pool) == {"m-1": ("sent", "no_receipt")}


def test_a_lost_poll_does_not_wait_for_a_row_that_somebody_moves(intake: Intake, collector: Collector) -> None:
    taken(intake.pool, "m-1", "m-2", age=ABANDONED)
    due(intake.pool)

    with intake.pool.connection() as other:
        other.execute("SELECT FROM notifications WHERE dedupe_key = 'm-1' FOR UPDATE")
        collect(collector)

    assert states_by_message(intake.pool) == {"m-1": ("accepted", None), "m-2": ("accepted", "no_receipt")}
    [(again,), (never,)] = rows(intake.pool, ASK_AT)
    assert never is None
    assert timedelta() < again - row(intake.pool, "SELECT now()")[0] <= ASK_LEASE
    due(intake.pool)
    collect(collector)
    assert states_by_message(intake.pool)["m-1"] == ("accepted", "no_receipt")


def test_a_rate_limit_on_a_poll_slows_the_account(
    intake: Intake, collector: Collector, provider: Provider, alerts: list[str]
) -> None:
    taken(intake.pool, "m-1")
    due(intake.pool)
    provider.fault("code", code=438, match={"method": "message/*"}, times=1)

    collect(collector)
    due(intake.pool)
    assert collect(collector).messages == 0

    assert alerts == ["provider.limits"]
    assert row(intake.pool, "SELECT slowed_until > now() FROM rate_limits") == (True,)
    assert timedelta(0) < row(intake.pool, WAIT)[0] <= ASK_LEASE
    assert questions(provider) == {"message/details": 1}


def test_with_details_refused_the_status_is_polled(
    intake: Intake, sender: Sender, collector: Collector, provider: Provider
) -> None:
    send(sender, planned(intake))
    provider.advance(timedelta(seconds=10))
    provider.fault("code", code=300, match={"method": "message/details"}, times=None)
    due(intake.pool)

    collect(collector)

    assert row(intake.pool, "SELECT state FROM notifications") == ("delivered",)
    assert questions(provider) == {"message/details": 1, "message/status": 1}
    assert row(intake.pool, "SELECT price FROM channel_statuses") == (None,)
    assert row(intake.pool, WAIT)[0] > timedelta(minutes=1)


@pytest.mark.parametrize(("scope", "reason"), [("provider", "provider_failing"), ("account", "token")])
def test_a_paused_account_is_not_polled(
    intake: Intake, collector: Collector, provider: Provider, scope: str, reason: str
) -> None:
    taken(intake.pool, "m-1")
    due(intake.pool)
    execute(intake.pool, "INSERT INTO pauses VALUES ('acme', %s, %s, NULL, now(), 'x')", scope, reason)

    assert collect(collector).messages == 0

    assert row(intake.pool, WAIT)[0] > timedelta()
    assert questions(provider) == {}


def test_an_account_paused_for_money_is_polled(intake: Intake, collector: Collector) -> None:
    taken(intake.pool, "m-1")
    due(intake.pool)
    execute(intake.pool, "INSERT INTO pauses VALUES ('acme', 'account', 'money', 203, now(), 'x')")

    assert collect(collector).messages == 1


def test_a_price_that_never_comes_is_given_up(intake: Intake, collector: Collector) -> None:
    taken(intake.pool, "m-1", age=timedelta(days=2))
    record_callbacks(intake.pool, "acme", [callback("m-1")])
    due(intake.pool)

    collect(collector)

    assert states_by_message(intake.pool) == {"m-1": ("delivered", None)}
    assert rows(intake.pool, ASK_AT) == [(None,)]


def test_a_deleted_account_and_an_unopened_token_are_not_polled(
    intake: Intake, collector: Collector, provider: Provider
) -> None:
    taken(intake.pool, "m-1", account="gone")
    taken(intake.pool, "m-2")
    execute(intake.pool, "UPDATE accounts SET token = %s", Seal(["another key"]).close(b"x", token_of("acme")))
    due(intake.pool)

    collected = collect(collector)

    assert (collected.messages, collected.faults, questions(provider)) == (0, {}, {})
    assert set(states_by_message(intake.pool).values()) == {("accepted", None)}
    execute(intake.pool, "UPDATE accounts SET token = %s", Seal([SECRET]).close(TOKEN.encode(), token_of("acme")))
    due(intake.pool)
    assert collect(collector).messages == 1


def test_an_account_over_its_rate_leaves_polls_for_others(intake: Intake, collector: Collector) -> None:
    add_account(intake.pool, "other")
    taken(intake.pool, "m-1")
    taken(intake.pool, "m-2", account="other", age=DENIED_TOO_EARLY)
    execute(
        intake.pool,
        "INSERT INTO rate_limits (account, requests_at) VALUES ('acme', now() + interval '1 minute')",
    )
    due(intake.pool)

    assert collect(collector).messages == 1

    assert states_by_message(intake.pool) == {"m-1": ("accepted", None), "m-2": ("accepted", "not_tracked")}
