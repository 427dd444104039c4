from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.steps.ledger import planned, repeat_all, states, sweep
from tests.support.crm import event, execute, person, row, rows
from tests.support.simulated_provider import Provider
from tests.support.waiting import PATIENCE_S
from worker.core.sending.nudge import NotificationId
from worker.core.spending.budget import next_day
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send
from worker.store.accounts.configuration import ConfigurationCache

SENT, WAITS = ("accepted", None), ("postponed", "budget_spent")
TAKEN = """
SELECT coalesce(sum(CASE WHEN is_refund THEN -segments ELSE segments END), 0),
    coalesce(sum(CASE WHEN is_refund THEN -cost ELSE cost END), 0)
FROM spending
"""


def budget(intake: Intake, uah: str | None = None, *, segments: int | None = None, price: str | None = "1") -> None:
    values = (uah, segments, price)
    execute(intake.pool, "UPDATE accounts SET daily_budget = %s, daily_segments = %s, segment_price = %s", *values)


def crowd(intake: Intake, number: int) -> list[NotificationId]:
    """Texts of one segment to as many people."""
    execute(intake.pool, "UPDATE template_versions SET text = 'Paid, {contact_firstname}'")
    return planned(
        intake, *(event(recipients=[person(phone=f"067{nth:07d}", firstname=f"N{nth}")]) for nth in range(number))
    )


def test_a_spent_budget_alerts_again_after_yesterdays_alert(intake: Intake, sender: Sender, alerts: list[str]) -> None:
    budget(intake, "1")
    execute(intake.pool, "UPDATE accounts SET over_budget = 'alert'")
    execute(
        intake.pool,
        "INSERT INTO alerts (account, name, subject, at, facts, sms)"
        " VALUES ('acme', 'budget.spent', 'yesterday', now() - interval '59 minutes', '{}', 'no_phone')",
    )

    send(sender, crowd(intake, 1))
    assert alerts == []

    execute(intake.pool, "UPDATE alerts SET at = at - interval '1 minute'")
    for _ in range(2):
        send(sender, crowd(intake, 1))
    assert alerts == ["budget.spent"]


def test_a_budget_that_has_alerted_costs_later_claims_no_lock(
    intake: Intake, sender: Sender, alerts: list[str]
) -> None:
    budget(intake, "1")
    execute(intake.pool, "UPDATE accounts SET over_budget = 'alert'")
    send(sender, crowd(intake, 1))
    locked = "SELECT xmin::text, xmax::text FROM alerts"
    before = row(intake.pool, locked)

    send(sender, crowd(intake, 2))

    assert row(intake.pool, locked) == before
    assert alerts == ["budget.spent"]


def test_a_row_beyond_the_budget_waits_for_the_next_day(
    intake: Intake, sender: Sender, provider: Provider, alerts: list[str]
) -> None:
    budget(intake, "3")

    send(sender, crowd(intake, 5))

    assert states(intake) == [SENT] * 3 + [WAITS] * 2
    assert len(provider.messages()) == 3
    assert row(intake.pool, TAKEN) == (3, Decimal(3))
    due = {item[0] for item in rows(intake.pool, "SELECT due_at FROM notifications WHERE state = 'postponed'")}
    assert due == {next_day("Europe/Kyiv", datetime.now(UTC))}  # noqa: TID251 (PostgreSQL is on this machine)
    assert alerts == ["budget.spent"]


def test_a_trigger_has_its_own_budget_of_segments(intake: Intake, sender: Sender, alerts: list[str]) -> None:
    budget(intake, segments=4, price=None)
    execute(intake.pool, "UPDATE triggers SET daily_segments = 2 WHERE trigger = 'invoice_payment_recorded'")
    execute(intake.pool, "UPDATE template_versions SET text = 'News {booking_branch}'")
    paid = crowd(intake, 3)
    others = [event("order.created", recipients=[person("order", f"050{nth:07d}")]) for nth in range(3)]
    execute(intake.pool, "UPDATE template_versions SET text = 'News'")

    send(sender, [*paid, *planned(intake, *others)])

    assert states(intake) == [SENT, SENT, WAITS, SENT, SENT, WAITS]
    assert sorted(alerts) == ["budget.spent", "budget.spent"]


@pytest.mark.parametrize("post_mode", ["send", "sendmulti"])
def test_replicas_that_race_for_the_last_hryvnia_never_spend_it_twice(
    intake: Intake, sender: Sender, provider: Provider, alerts: list[str], post_mode: str
) -> None:
    budget(intake, "7.5")
    execute(intake.pool, "UPDATE accounts SET post_mode = %s, multi_max = 3", post_mode)
    notification_ids = crowd(intake, 24)
    replicas = [ConfigurationCache() for _ in range(4)]

    def work(nth: int) -> None:
        mine: Sequence[NotificationId] = notification_ids[nth::4]
        copy = Sender(
            sender.pool, replicas[nth], sender.provider, sender.seal, sender.posts, sender.on_alert, sender.is_ending
        )
        for notification_id in mine:
            send(copy, [notification_id])

    with ThreadPoolExecutor(4) as threads:
        for future in [threads.submit(work, nth) for nth in range(4)]:
            future.result(PATIENCE_S)

    assert len(provider.messages()) == 7
    assert row(intake.pool, TAKEN) == (7, Decimal(7))
    assert sorted(states(intake)) == [SENT] * 7 + [WAITS] * 17
    assert alerts.count("budget.spent") == 1


def test_only_a_definite_refusal_returns_its_money_to_the_budget(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    budget(intake, "2")
    first, second, third, fourth = crowd(intake, 4)
    provider.fault("code", code=503, times=1)

    send(sender, [first])
    assert row(intake.pool, TAKEN) == (0, Decimal(0))

    provider.fault("reset_after", times=1)
    send(sender, [second])
    send(sender, [third, fourth])

    assert Counter(states(intake)) == Counter([("postponed", "failed_sms_send"), ("sending", None), SENT, WAITS])
    assert row(intake.pool, TAKEN) == (2, Decimal(2))


def test_an_attempt_in_doubt_is_repeated_over_a_spent_budget(
    intake: Intake, sender: Sender, provider: Provider
) -> None:
    budget(intake, "1")
    provider.fault("reset_after", times=1)
    send(sender, crowd(intake, 2))
    assert states(intake) == [("sending", None), WAITS]

    repeat_all(sender, sweep(intake, after=timedelta(minutes=3)))

    assert states(intake) == [SENT, WAITS]
    assert row(intake.pool, TAKEN) == (1, Decimal(1))
