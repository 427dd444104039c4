import pytest

from tests.cli.conftest import Command
from tests.support.crm import TOKEN, execute, row
from worker.store.db.postgres import Pool

ADD = ("account", "add", "acme", "--name", "Акме", "--sender", "ACME", "--token-file", "-")
#: Three SMS of two segments and a hybrid, just accepted; reported are one SMS and both channels of the hybrid.
SENT = """
INSERT INTO notifications (
    month, id, account, trigger, dedupe_key, channel, recipient_key, recipient_kind, recipient_id, phone,
    message_class, lane,
    locale, zone, sender, text, segments, event_month, event, state, expires_at, created_at, attempt, viber
)
SELECT
    date_trunc('month', now()), i, 'acme', 'order_created', 'x', CASE i WHEN 4 THEN 'viber_then_sms' ELSE 'sms' END,
    'x', 'order', '1', '+380671234567', 'transactional', 'urgent', 'uk', 'Europe/Kyiv', 'x', 'x', 2,
    date_trunc('month', now()), 1, 'accepted', now(), now(), 'x', CASE i WHEN 4 THEN '{}'::jsonb END
FROM generate_series(1, 4) AS i;
INSERT INTO provider_messages
SELECT account, 'id ' || id, month, id, 'x', created_at FROM notifications;
INSERT INTO channel_statuses (account, message_id, channel, status, price, segments) VALUES
('acme', 'id 1', 'sms', 'delivered', 1.90, 2),
('acme', 'id 4', 'viber', 'rejected', 0, 1), ('acme', 'id 4', 'sms', 'delivered', 1.90, 2);
"""


@pytest.fixture
def acme(run: Command, pool: Pool) -> Command:
    run(*ADD, given=TOKEN)
    execute(pool, SENT)
    return run


def test_reported_costs_are_known_and_others_are_estimated(acme: Command) -> None:
    acme("account", "set", "acme", "--segment-price", "1")

    result = acme("stats", "cost", "--account", "acme", "--json")

    sms, hybrid = sorted(result.json, key=lambda value: value["channel"])
    assert sms == {
        "account": "acme",
        "trigger": "order_created",
        "channel": "sms",
        "messages": 3,
        "segments": 6,
        "uah": "5.9000",
        "uah_known": "1.9000",
        "uah_estimated": "4.0000",
        "messages_estimated": 2,
        "messages_unpriced": 0,
    }
    assert (hybrid["channel"], hybrid["uah_known"], hybrid["messages_estimated"]) == ("viber_then_sms", "1.9000", 0)


def test_the_last_line_of_the_table_is_what_it_comes_to_together(acme: Command) -> None:
    acme("account", "set", "acme", "--segment-price", "1")

    output = acme("stats", "cost", "--by", "trigger,channel", COLUMNS="120").out
    alone = acme("stats", "cost", "--by", "trigger", COLUMNS="120").out

    assert output.splitlines()[-1].split() == ["together", "4", "8", "~7.80", "2/4"]
    assert "together" not in alone


def test_a_cancelled_message_costs_nothing_despite_its_price(acme: Command, pool: Pool) -> None:
    execute(pool, "UPDATE channel_statuses SET status = 'cancelled' WHERE message_id = 'id 1'")

    result = acme("stats", "cost", "--account", "acme", "--by", "channel", "--json")
    history = acme("history", "--account", "acme", "--json")

    assert [(item["uah_known"], item["messages_estimated"]) for item in result.json if item["channel"] == "sms"] == [
        ("0.0000", 0)
    ]
    assert {item["message_id"]: item["price"] for item in history.json}["id 1"] == "0"


def test_the_cost_table_marks_estimates_and_unknown_prices(acme: Command) -> None:
    without = acme("stats", "cost", "--by", "channel").out
    acme("account", "set", "acme", "--segment-price", "1")
    with_price = acme("stats", "cost", "--by", "month").out

    assert "1/3" in without
    assert without.splitlines()[-1].split() == ["together", "4", "8", "3.80", "2/4"]
    assert ("~7.80" in with_price, "2/4" in with_price) == (True, True)


def test_a_wrong_option_of_cost_is_an_error_with_the_valid_options(acme: Command) -> None:
    wrong = [
        acme("stats", "cost", *options)
        for options in (
            ("--account", "nobody"),
            ("--by", "weather"),
            ("--since", "yesterday"),
            ("--since", "2026-11-02", "--until", "2026-11-01"),
        )
    ]

    assert [result.code for result in wrong] == [3, 2, 2, 2]
    assert "week" in wrong[1].err
    assert acme("stats", "cost", "--until", "2020-01-01").code == 0


def test_prices_are_shown_with_their_source(acme: Command, pool: Pool) -> None:
    unknown = acme("template", "lint", "acme", "order_created")
    execute(pool, "INSERT INTO prices VALUES ('acme', 'sms', 0.95, now()), ('acme', 'viber', 0.40, now())")
    learned = [
        acme("template", "lint", "acme", "order_created"),
        acme("template", "preview", "acme", "order_created", "--samples"),
    ]
    shown = acme("account", "show", "acme", "--json").json["prices"]

    assert "the price of a segment is not set" in unknown.out + unknown.err
    assert all("learned from TurboSMS's bills" in result.out + result.err for result in learned)
    assert shown == {"segment": "0.95 (learned)", "viber_message": "0.4 (learned)"}
    assert row(pool, "SELECT segment_price FROM accounts") == (None,)
