from datetime import timedelta

import pytest

from tests.cli.conftest import Command
from tests.support.crm import execute, row, rows
from worker.store.db.postgres import Pool

SET = ("account", "set", "acme")
TRIGGER = ("trigger", "set", "acme", "order_created")
#: A text that waits for tomorrow.
WAITING = """
INSERT INTO notifications (
    month, id, account, trigger, dedupe_key, channel, recipient_key, recipient_kind, recipient_id, phone,
    message_class, lane,
    locale, zone, sender, text, segments, event_month, event, state, reason, due_at, expires_at, created_at
) VALUES (
    date_trunc('month', now()), 1, 'acme', 'order_created', 'x', 'sms', 'x', 'order', '1', '+380671234567',
    'transactional', 'urgent', 'uk', 'Europe/Kyiv', 'x', 'x', 1, date_trunc('month', now()), 1, 'postponed', %s,
    now() + interval '9 hours', now() + interval '2 days', now()
)
"""


def due_in(pool: Pool) -> timedelta:
    return row(pool, "SELECT due_at - now() FROM notifications")[0]


def test_a_budget_in_hryvnias_needs_a_price_that_is_set_or_learned(acme: Command, pool: Pool) -> None:
    refused = [acme(*SET, "--daily-budget", "500"), acme(*TRIGGER, "--daily-budget", "100")]
    with_segments = acme(*SET, "--daily-budget", "500", "--daily-segments", "400")
    acme(*SET, "--daily-budget", "none", "--daily-segments", "none")
    execute(pool, "INSERT INTO prices VALUES ('acme', 'sms', 0.95, now())")

    assert [(result.code, "--segment-price" in result.err) for result in refused] == [(2, True)] * 2
    assert with_segments.code == 0
    assert [acme(*SET, "--daily-budget", "500").code, acme(*TRIGGER, "--daily-budget", "100").code] == [0, 0]
    assert row(pool, "SELECT daily_budget FROM accounts") == (500,)
    assert rows(pool, "SELECT trigger, daily_budget FROM triggers WHERE daily_budget > 0") == [("order_created", 100)]


def test_a_price_that_a_triggers_budget_is_counted_with_is_not_taken_away(acme: Command, pool: Pool) -> None:
    acme(*SET, "--segment-price", "0.95")
    acme(*TRIGGER, "--daily-budget", "100")

    result = acme(*SET, "--segment-price", "none")

    assert (result.code, "--daily-segments" in result.err) == (2, True)
    assert row(pool, "SELECT segment_price::text FROM accounts") == ("0.9500",)


@pytest.mark.parametrize("command", [SET, TRIGGER])
def test_a_raised_budget_has_what_waits_for_it_looked_at_now(
    acme: Command, pool: Pool, command: tuple[str, ...]
) -> None:
    execute(pool, WAITING, "budget_spent")
    acme(*command, "--over-budget", "stop")
    assert due_in(pool) > timedelta(hours=8)

    result = acme(*command, "--daily-segments", "20")

    assert result.code == 0, result.err
    assert due_in(pool) <= timedelta()


def test_a_raised_budget_leaves_rows_that_wait_for_other_reasons(acme: Command, pool: Pool) -> None:
    execute(pool, WAITING, "quiet_hours")

    acme(*SET, "--daily-segments", "20")

    assert due_in(pool) > timedelta(hours=8)


def test_an_invalid_budget_is_refused_with_what_to_write(acme: Command) -> None:
    for option, wrong, named in (
        ("--daily-budget", "0", "hryvnias"),
        ("--daily-budget", "-5", "hryvnias"),
        ("--daily-segments", "1.5", "whole number"),
        ("--low-hours", "1001", "whole number"),
        ("--alert-phone", "0441234567", "landline"),
    ):
        result = acme(*SET, option, wrong)

        assert (result.code, named in result.err, "none" in result.err) == (2, True, True), (option, wrong)


def test_the_alert_phone_is_kept_whole_and_shown_masked(acme: Command, pool: Pool) -> None:
    result = acme(*SET, "--alert-phone", "067 123 45 67")

    assert row(pool, "SELECT alert_phone FROM accounts") == ("+380671234567",)
    assert "1234567" not in result.err + acme("account", "show", "acme", "--json").out
