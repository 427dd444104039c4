from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.steps.ledger import planned
from tests.support.crm import SALT, event, execute, row, rows
from tests.support.simulated_provider import Provider
from tests.support.waiting import PATIENCE_S
from worker.core.sending.nudge import NotificationId
from worker.core.spending.alert import AccountAlert
from worker.steps.alerts.alerts import plan_alert_sms, ring
from worker.steps.alerts.record_balance import record_balance
from worker.steps.effects import Alert
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send
from worker.store.db.postgres import Connection, Pool, clock, transaction

PHONE = "+380501112233"
LOW = "UPDATE accounts SET low_balance = 100, alert_phone = %s"
SMS = "SELECT text, lane, message_class, recipient_kind FROM notifications WHERE trigger = 'alert'"


def salt(_connection: Connection) -> bytes:
    return SALT


def an_hour_later(pool: Pool) -> None:
    execute(pool, "UPDATE alerts SET at = at - interval '1 hour'")
    execute(pool, "UPDATE balances SET at = at - interval '1 hour'")


def rung(pool: Pool, name: str = "budget.spent", subject: str = "today") -> list[Alert]:
    with transaction(pool) as connection:
        return ring(connection, [AccountAlert("acme", name, subject, {"budget": "5.00"})], now=clock(connection))


def ids_of_alerts(intake: Intake) -> list[NotificationId]:
    results = rows(intake.pool, "SELECT month, id FROM notifications WHERE trigger = 'alert'")
    return [(month, number) for month, number in results]


def test_an_alert_is_sent_once_an_hour_and_never_twice_of_the_same(intake: Intake) -> None:
    assert [len(rung(intake.pool, subject=subject)) for subject in ("a", "a", "b")] == [1, 0, 0]
    an_hour_later(intake.pool)
    assert [len(rung(intake.pool, subject=subject)) for subject in ("a", "b", "c")] == [0, 1, 0]


def test_several_schedulers_send_one_sms_an_hour_about_a_low_balance(intake: Intake) -> None:
    execute(intake.pool, LOW, PHONE)
    numbers: list[int] = []

    for money in ("99.50", "98.50"):
        with ThreadPoolExecutor(3) as schedulers:
            futures = [schedulers.submit(record_balance, intake.pool, "acme", Decimal(money)) for _ in range(3)]
            numbers.append(sum(len(item.result(PATIENCE_S).alerts) for item in futures))
            for future in [schedulers.submit(plan_alert_sms, intake.pool, salt) for _ in range(3)]:
                assert future.result(PATIENCE_S) == []
        an_hour_later(intake.pool)

    assert numbers == [1, 1]
    texts = [item[0] for item in rows(intake.pool, SMS + " ORDER BY id")]
    assert [text.split(": ", 1)[1].split(",")[0] for text in texts] == [
        "на рахунку TurboSMS мало грошей: 99.50 грн",
        "на рахунку TurboSMS мало грошей: 98.50 грн",
    ]
    assert row(intake.pool, "SELECT count(DISTINCT dedupe_key) FROM notifications") == (2,)


def test_money_that_lasts_for_fewer_hours_than_asked_is_low(intake: Intake) -> None:
    execute(intake.pool, "UPDATE accounts SET low_hours = 10")
    assert record_balance(intake.pool, "acme", Decimal(200)).alerts == []
    an_hour_later(intake.pool)
    an_hour_later(intake.pool)

    recorded = record_balance(intake.pool, "acme", Decimal(100))

    assert recorded.hours == pytest.approx(2, rel=0.2)
    assert recorded.alerts == [("balance.low", {"account": "acme", "balance": "100.00", "hours": 2})]


def test_the_sms_of_an_alert_goes_past_the_spent_budget(intake: Intake, sender: Sender, provider: Provider) -> None:
    execute(intake.pool, "UPDATE accounts SET daily_segments = 1, alert_phone = %s", PHONE)
    execute(intake.pool, "UPDATE template_versions SET text = 'Paid'")
    send(sender, planned(intake, event(), event()))

    assert plan_alert_sms(intake.pool, salt) == []
    send(sender, ids_of_alerts(intake))

    assert row(intake.pool, SMS) == ("ТОВ Ромашка: денний бюджет витрачено: 1 сегм.", "urgent", "staff", "staff")
    assert [message["recipient"] for message in provider.messages()][-1] == PHONE.removeprefix("+")
    assert rows(intake.pool, "SELECT name, sms FROM alerts") == [("budget.spent", "planned")]


def test_an_account_without_an_alert_phone_is_alerted_in_the_log(intake: Intake) -> None:
    execute(intake.pool, LOW, None)

    assert len(record_balance(intake.pool, "acme", Decimal(1)).alerts) == 1
    assert plan_alert_sms(intake.pool, salt) == []

    assert rows(intake.pool, SMS) == []
    assert rows(intake.pool, "SELECT name, sms FROM alerts") == [("balance.low", "no_phone")]


def test_an_alert_about_spent_money_has_no_sms(
    intake: Intake, sender: Sender, provider: Provider, alerts: list[str]
) -> None:
    execute(intake.pool, "UPDATE accounts SET alert_phone = %s", PHONE)
    provider.fault("code", code=203, times=None)
    send(sender, planned(intake))

    results = plan_alert_sms(intake.pool, salt)

    assert alerts == ["account.paused"]
    facts = {"account": "acme", "alert": "account.paused", "reason": "account_paused"}
    assert results == [("alert.unsent", facts)]
    assert rows(intake.pool, SMS) == []


def test_a_stopped_trigger_rings_as_well(intake: Intake, sender: Sender, alerts: list[str]) -> None:
    execute(intake.pool, "UPDATE accounts SET runaway_threshold = 1, alert_phone = %s", PHONE)

    send(sender, planned(intake, event(), event(), event()))
    plan_alert_sms(intake.pool, salt)

    assert alerts == ["trigger.stopped"]
    assert row(intake.pool, SMS)[0].endswith("тригер зупинено: надто багато SMS (invoice_payment_recorded)")


def test_an_alert_older_than_an_hour_is_logged_as_unsent(intake: Intake) -> None:
    execute(intake.pool, LOW, PHONE)
    record_balance(intake.pool, "acme", Decimal(1))
    an_hour_later(intake.pool)

    assert [name for name, _ in plan_alert_sms(intake.pool, salt)] == ["alert.unsent"]
    assert rows(intake.pool, SMS) == []


def test_balances_of_ten_minutes_are_one_row(intake: Intake) -> None:
    for money in (200, 150, 100):
        record_balance(intake.pool, "acme", Decimal(money))

    assert len(rows(intake.pool, "SELECT balance FROM balances")) <= 2
    assert row(intake.pool, "SELECT max(balance) FROM balances") == (200,)
    assert timedelta(minutes=10) > row(intake.pool, "SELECT now() - max(at) FROM balances")[0]
