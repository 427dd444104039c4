from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from tests.steps.ledger import planned
from tests.support.crm import event, execute, person, row, rows
from tests.support.simulated_provider import Provider
from worker.core.accounts.price import RECENT, Price
from worker.core.spending.cost_report import Taken
from worker.steps.ingest.plan import Intake
from worker.steps.sending.post import Sender
from worker.steps.sending.send import send
from worker.steps.upkeep.learn_prices import learn_prices
from worker.store.db.postgres import Pool, transaction
from worker.store.spending import cost_report, prices

#: Messages that were accepted a minute apart, and the price that TurboSMS reported of each.
CHANNELS = """
WITH taken AS (
    INSERT INTO provider_messages (account, message_id, month, notification, attempt, accepted_at)
    SELECT 'acme', %(name)s || i, '2026-11-01', i, 'x', %(first)s::timestamptz + i * interval '1 minute'
    FROM generate_series(1, %(messages)s) AS i
    RETURNING account, message_id, accepted_at
)
INSERT INTO channel_statuses (account, message_id, channel, status, sent_at, price, segments)
SELECT account, message_id, %(channel)s, 'delivered', accepted_at, %(price)s, %(segments)s FROM taken
"""
MORNING = datetime(2026, 11, 23, 9, tzinfo=UTC)


def add_prices(
    pool: Pool, price: str, messages: int, *, segments: int = 1, channel: str = "sms", hours: int = 0
) -> None:
    values = {"name": f"{channel} {hours} ", "first": MORNING + timedelta(hours=hours), "messages": messages}
    with transaction(pool) as connection:
        connection.execute(CHANNELS, {**values, "price": Decimal(price), "segments": segments, "channel": channel})


def test_a_price_is_learned_by_the_segment_and_of_viber_by_the_message(intake: Intake) -> None:
    add_prices(intake.pool, "1.90", 3, segments=2)
    add_prices(intake.pool, "0.40", 3, segments=2, channel="viber")

    assert learn_prices(intake.pool) == 2

    with transaction(intake.pool) as connection:
        configuration, _ = intake.cache.look(connection)
        shown = prices.prices_of(connection, "acme")
    assert configuration.accounts["acme"].prices == shown
    assert (shown.sms, shown.viber) == (Price(Decimal("0.95"), "learned"), Price(Decimal("0.40"), "learned"))


def test_the_newest_usual_price_is_learned(intake: Intake) -> None:
    add_prices(intake.pool, "0.80", RECENT)
    add_prices(intake.pool, "0.95", RECENT - 5, hours=1)
    add_prices(intake.pool, "9.99", 5, hours=2)
    add_prices(intake.pool, "0", 30, hours=3)

    learn_prices(intake.pool)

    assert rows(intake.pool, "SELECT channel, price FROM prices") == [("sms", Decimal("0.95"))]


def test_an_unchanged_price_leaves_the_configuration_version(intake: Intake) -> None:
    add_prices(intake.pool, "0.95", 3)
    learn_prices(intake.pool)
    version = row(intake.pool, "SELECT version FROM configuration")

    assert learn_prices(intake.pool) == 0
    assert row(intake.pool, "SELECT version FROM configuration") == version


def test_costs_are_counted_by_the_days_of_the_accounts_zone(intake: Intake, sender: Sender, provider: Provider) -> None:
    execute(intake.pool, "UPDATE template_versions SET text = 'Paid'")
    send(sender, planned(intake, *(event(recipients=[person(phone=f"067000000{nth}")]) for nth in range(3))))
    assert len(provider.messages()) == 3
    # 22:30 in UTC is the next day in Kyiv.
    execute(intake.pool, "UPDATE provider_messages SET accepted_at = '2026-11-23 22:30+00'")
    execute(
        intake.pool,
        "INSERT INTO channel_statuses (account, message_id, channel, status, price, segments) "
        "SELECT account, message_id, 'sms', 'delivered', 0.95, 1 FROM provider_messages ORDER BY 2 LIMIT 2",
    )

    with transaction(intake.pool) as connection:
        days = [
            list(cost_report.taken(connection, account=account, since=date(2026, 11, day), to=date(2026, 11, day)))
            for account, day in (("acme", 23), ("acme", 24), (None, 24), ("other", 24))
        ]

    taken = Taken("acme", date(2026, 11, 24), "invoice_payment_recorded", "sms", 3, 3, Decimal("1.90"), 2, 1)
    assert days == [[], [taken], [taken], []]
