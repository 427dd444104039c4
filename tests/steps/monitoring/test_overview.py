"""One look at everything: what waits for what and until when, what was spent, and who works."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.steps.ledger import accept_batch, planned
from tests.support.crm import add_account, delivery, event, execute, row
from worker.core.accounts.account import Budget
from worker.core.monitoring.departure import Departure
from worker.core.spending.cost_estimate import Spent
from worker.steps.ingest.plan import Intake
from worker.steps.monitoring.overview import AccountView, LaneView, Overview, SpentToday, Wait, overview
from worker.steps.monitoring.standstill import FailingTask, OverBudget, Overdue, Paused, WaitingOutcomes, standstills
from worker.store.db.postgres import transaction
from worker.store.monitoring import lately

PAUSE = "INSERT INTO pauses (account, scope, reason, since, paused_by) VALUES (%s, %s, %s, now(), 'test')"
POSTPONE = "UPDATE notifications SET state = 'postponed', reason = %s, due_at = now() + interval '9 hours'"
URGENT = "(SELECT min(id) FROM notifications WHERE lane = 'urgent')"
RUN = """
INSERT INTO task_statuses (task, runner, every, last_at, next_at, lag, took, runs, failure, reported_at)
VALUES (%s, %s, '5 s', now(), now() + interval '5 s', %s::interval, '0.1 s', 1, %s, now() - %s::interval)
"""
SPEND = """
INSERT INTO spending (account, day, trigger, is_refund, segments, cost)
VALUES ('acme', (now() AT TIME ZONE 'Europe/Kyiv')::date - %s::integer, %s, %s, %s, %s)
"""
OUTCOME = """
INSERT INTO outcomes (account, type, at, reason, facts)
VALUES (%s, 'account.paused', now() - %s::interval, 'money', '{}')
"""
BALANCE = "INSERT INTO balances (account, at, balance) VALUES ('acme', now() - %s::interval, %s)"


def look(intake: Intake, account: str | None = None) -> Overview:
    with transaction(intake.pool) as connection:
        return overview(connection, account)


def lanes(view: Overview) -> Mapping[str, LaneView]:
    return {lane.lane: lane for lane in view.lanes}


def acme(view: Overview) -> AccountView:
    [account] = [item for item in view.accounts if item.account == "acme"]
    return account


def waits(view: Overview) -> dict[str | None, int]:
    return {wait.waits_for: wait.texts for wait in acme(view).waits}


def test_an_idle_installation_has_nothing_to_show(intake: Intake) -> None:
    view = look(intake)

    assert [(lane.planned, lane.postponed, lane.sending, lane.oldest) for lane in view.lanes] == [(0, 0, 0, None)] * 3
    assert acme(view) == AccountView("acme", [], [SpentToday(None, Spent(), None)], None, None, None)
    assert (view.holds, view.lately.states, view.lately.events_per_s, view.schedulers.living) == ([], {}, 0.0, [])
    assert list(standstills(view)) == []


def test_the_oldest_text_of_a_lane_has_the_moment_when_it_goes(intake: Intake) -> None:
    planned(intake, event("order.created"), event("order.created"), event("invoice.overdue"))
    execute(intake.pool, f"{POSTPONE}, created_at = now() - interval '2 hours' WHERE id = {URGENT}", "quiet_hours")

    view = look(intake)

    urgent, normal = lanes(view)["urgent"], lanes(view)["normal"]
    assert (urgent.planned, urgent.postponed, normal.planned) == (1, 1, 1)
    assert urgent.oldest
    assert (urgent.oldest.text.trigger, urgent.oldest.text.state) == ("order_created", "postponed")
    assert urgent.oldest.departure.waits_for == "quiet_hours"
    assert urgent.oldest.departure.at
    assert timedelta(hours=8) < urgent.oldest.departure.at - view.at < timedelta(hours=10)
    assert normal.oldest
    assert normal.oldest.departure == Departure(view.at)


def test_what_an_account_waits_for_is_counted(intake: Intake) -> None:
    planned(intake, *(event("order.created") for _ in range(4)))
    execute(intake.pool, f"{POSTPONE} WHERE id <= 3", "quiet_hours")
    execute(intake.pool, f"{POSTPONE} WHERE id = 1", "budget_spent")

    assert waits(look(intake)) == {"quiet_hours": 2, "budget_spent": 1, None: 1}
    execute(intake.pool, PAUSE, "acme", "account", "money")
    assert waits(look(intake)) == {"money": 4}


def test_texts_wait_for_whom_a_pause_by_hand_waits(intake: Intake) -> None:
    add_account(intake.pool, "beta")
    accept_batch(intake, *(delivery(event("order.created", account=name)) for name in ("acme", "beta")))
    execute(intake.pool, PAUSE, None, "hand/trigger/order_created", "by_hand")

    view = look(intake)

    held = Wait("by_hand", 1, Departure(None, "by_hand", view.holds[0]))
    assert [account.waits for account in view.accounts] == [[held]] * 2
    assert [type(still) for still in standstills(view)] == [Paused]
    assert [account.account for account in look(intake, "beta").accounts] == ["beta"]


def test_what_was_spent_today_is_shown_beside_its_budget(intake: Intake) -> None:
    limits = "UPDATE accounts SET daily_budget = 100"
    execute(intake.pool, limits)
    execute(intake.pool, "UPDATE triggers SET daily_segments = 50 WHERE trigger = 'order_created'")
    for days, trigger, is_refund, segments, cost in (
        (0, "order_created", False, 12, 11.4),
        (0, "order_created", True, 2, 1.9),
        (0, "order_approved", False, 1, 0.95),
        (1, "order_created", False, 500, 475),
    ):
        execute(intake.pool, SPEND, days, trigger, is_refund, segments, cost)

    spent = [(item.trigger, item.spent, item.budget) for item in acme(look(intake)).spent]

    assert spent == [
        (None, Spent(Decimal("10.4500"), 11), Budget(Decimal("100.00"))),
        ("order_created", Spent(Decimal("9.5000"), 10), Budget(None, 50)),
    ]


def test_the_newest_balance_has_the_hours_that_it_lasts(intake: Intake) -> None:
    for ago, balance in (("3 hours", 300), ("1 hour", 220), ("1 minute", 200)):
        execute(intake.pool, BALANCE, ago, balance)

    account = acme(look(intake))

    assert (account.balance, account.hours_left) == (Decimal("200.0000"), pytest.approx(6, abs=0.2))


def test_texts_of_the_last_hour_are_counted_by_their_state(intake: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    planned(intake, *(event("order.created") for _ in range(5)))
    execute(intake.pool, "UPDATE notifications SET created_at = now() - interval '2 hours' WHERE id = 1")
    execute(intake.pool, f"{POSTPONE} WHERE id = 2", "quiet_hours")

    view = look(intake)
    monkeypatch.setattr(lately, "TEXTS", 3)
    cut = look(intake)

    assert (view.lately.states, view.at - view.lately.since) == ({"planned": 3, "postponed": 1}, timedelta(hours=1))
    assert cut.lately.states == {"planned": 3}
    assert cut.at - cut.lately.since < timedelta(minutes=1)


def test_rates_are_of_the_last_minute(intake: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    planned(intake, *(event("order.created") for _ in range(6)))
    execute(intake.pool, "UPDATE events SET received_at = now() - interval '2 minutes' WHERE id <= 3")
    contact = """
    INSERT INTO contact_log (account, recipient_key, month, notification, text_hash, at)
    SELECT account, recipient_key, month, id, decode(repeat('00', 16), 'hex'), now() - id * interval '20 seconds'
    FROM notifications
    """
    execute(intake.pool, contact)

    assert (look(intake).lately.events_per_s, look(intake).lately.texts_per_s) == (3 / 60, pytest.approx(2 / 60))
    execute(intake.pool, "UPDATE events SET received_at = now() - interval '4 seconds'")
    monkeypatch.setattr(lately, "EVENTS", 6)
    view = look(intake)
    (oldest,) = row(intake.pool, "SELECT min(received_at) FROM events")
    assert view.lately.events_per_s == pytest.approx(6 / (view.at - oldest).total_seconds())


def test_the_latest_task_of_the_living_schedulers_is_named(intake: Intake) -> None:
    for task, runner, lag, failure, silent in (
        ("release", "host/1", "0.2 s", None, "1 s"),
        ("retention", "host/2", "7 s", "the disk is full", "2 s"),
        ("release", "host/9", "99 s", "gone", "2 minutes"),
    ):
        execute(intake.pool, RUN, task, runner, lag, failure, silent)

    view = look(intake)

    found = view.schedulers
    assert (found.living, found.latest, found.lag) == (["host/1", "host/2"], "retention", timedelta(seconds=7))
    assert list(standstills(view)) == [FailingTask("retention", "the disk is full")]


def test_a_crm_that_does_not_hear_stands_still(intake: Intake) -> None:
    for account, age in (("acme", "6 minutes"), ("quick", "4 minutes")):
        execute(intake.pool, OUTCOME, account, age)

    view = look(intake)

    assert list(standstills(view)) == [WaitingOutcomes("acme", view.outcomes_waiting["acme"])]
    assert view.outcomes_waiting.keys() == {"acme", "quick"}
    assert look(intake, "quick").outcomes_waiting.keys() == {"quick"}


def test_what_nothing_holds_and_nobody_sends_stands_still(intake: Intake) -> None:
    planned(intake, event("order.created"), event("invoice.overdue"))
    execute(intake.pool, "UPDATE transitions SET at = now() - interval '1 hour'")
    execute(intake.pool, f"{POSTPONE} WHERE lane = 'normal'", "budget_spent")

    stands = list(standstills(look(intake)))

    assert [(still.account, still.texts) for still in stands if isinstance(still, OverBudget)] == [("acme", 1)]
    assert [still.lane for still in stands if isinstance(still, Overdue)] == ["urgent"]
