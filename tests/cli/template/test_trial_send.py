from datetime import timedelta

import pytest

from tests.cli.conftest import Command
from tests.support.crm import execute, row, rows
from tests.support.simulated_provider import Provider
from worker.store.db.postgres import Pool

SEND = ("template", "test-send", "acme", "order_created", "--to", "067 765 43 21", "--yes")


@pytest.fixture
def shop(shop: Command, provider: Provider) -> Command:
    return Command({**shop.environ, "SMS_TURBOSMS_URL": provider.url})


def test_one_text_goes_to_one_number_through_the_accounts_provider(shop: Command, provider: Provider) -> None:
    result = shop(*SEND, "--json")

    [message] = provider.messages()
    assert result.code == 0, result.err
    assert (result.json["state"], result.json["message_id"]) == ("accepted", message["message_id"])
    assert (message["recipient"], message["sender"]) == ("380677654321", "DemoShop")
    assert message["text"].startswith("Замовлення №")


def test_a_trial_text_is_in_the_ledger(shop: Command, pool: Pool) -> None:
    shop(*SEND)

    [value] = shop("history", "--json").json
    assert (value["trigger"], value["state"], value["phone"]) == ("test_send", "accepted", "+38067***4321")
    assert rows(pool, "SELECT to_state FROM transitions ORDER BY id") == [("planned",), ("sending",), ("accepted",)]
    assert row(pool, "SELECT outcome FROM attempts") == ("accepted",)


def test_a_trial_text_without_yes_is_shown_with_its_segments(shop: Command, provider: Provider) -> None:
    result = shop(*SEND[:-1])

    assert (result.code, "--yes" in result.err) == (2, True)
    assert "Замовлення №" in result.err
    assert "1 segment" in result.err
    assert "+38067***4321" in result.err
    assert provider.messages() == []


def test_a_text_that_is_given_goes_as_it_would_read(shop: Command, provider: Provider) -> None:
    shop(*SEND, "--text", "Проба [{stock_orders_ttn}]")

    assert provider.messages()[0]["text"].startswith("Проба")


def test_hours_do_not_hold_a_test_back(shop: Command, provider: Provider, pool: Pool) -> None:
    execute(pool, "UPDATE accounts SET window_opens = 0, window_closes = 1")

    assert shop(*SEND).code == 0
    assert len(provider.messages()) == 1


def test_a_trial_text_of_a_paused_account_is_cancelled(shop: Command, provider: Provider, pool: Pool) -> None:
    execute(pool, "INSERT INTO pauses (account, reason, since, paused_by) VALUES ('acme', 'money', now(), 'test')")

    result = shop(*SEND)

    assert (result.code, "is paused" in result.err) == (1, True)
    assert provider.messages() == []
    assert rows(pool, "SELECT state, due_at FROM notifications") == [("cancelled", None)]


def test_trial_texts_count_to_no_frequency_cap(shop: Command, provider: Provider, pool: Pool) -> None:
    execute(pool, "UPDATE accounts SET same_text = interval '10 minutes', person_hour_max = 1, person_day_max = 1")
    tried = [shop(*SEND, "--text", f"Проба {number}").code for number in range(3)]
    soon = shop(*SEND, "--text", "Проба 2")
    provider.advance(timedelta(seconds=91))

    again = shop(*SEND, "--text", "Проба 2")

    assert ([*tried, again.code], len(provider.messages())) == ([0, 0, 0, 0], 4), again.err
    assert (soon.code, "once in 90 seconds" in soon.err) == (1, True)
    assert rows(pool, "SELECT FROM contact_log") == []


def test_a_text_is_tried_by_viber_too(shop: Command, provider: Provider, pool: Pool) -> None:
    execute(pool, "UPDATE accounts SET viber_sender = 'Demo Viber'")

    by_viber = shop(*SEND, "--channel", "viber")
    first = shop(*SEND, "--channel", "viber_then_sms", "--text", "Спершу Viber")

    assert (by_viber.code, first.code) == (0, 0), by_viber.err + first.err
    assert "Demo Viber → +38067***4321, viber" in by_viber.err
    assert rows(pool, "SELECT channel, sender FROM notifications ORDER BY id") == [
        ("viber", "Demo Viber"),
        ("viber_then_sms", "DemoShop"),
    ]
    assert len(provider.messages()) == 2


@pytest.mark.parametrize("channel", ["viber", "viber_then_sms"])
def test_without_a_viber_sender_nothing_is_tried_by_viber(shop: Command, provider: Provider, channel: str) -> None:
    result = shop(*SEND, "--channel", channel)

    assert (result.code, "--viber-sender" in result.err) == (1, True)
    assert provider.messages() == []


def test_a_refusal_is_exit_code_1_and_shown(shop: Command, provider: Provider) -> None:
    provider.stop("380677654321")

    result = shop(*SEND)

    assert (result.code, "Not sent" in result.err) == (1, True)


def test_an_answer_that_is_lost_leaves_the_text_to_the_workers(shop: Command, provider: Provider, pool: Pool) -> None:
    provider.fault("reset_after")

    result = shop(*SEND)

    assert (result.code, "perhaps sent" in result.err) == (4, True)
    assert row(pool, "SELECT state FROM notifications") == ("sending",)


@pytest.mark.parametrize("to", ["044 123 45 67", "12", "Олена", ""])
def test_a_number_that_gets_no_sms_is_refused(shop: Command, provider: Provider, to: str) -> None:
    result = shop(*SEND[:5], to, "--yes")

    assert (result.code, "--to" in result.err) == (2, True)
    assert provider.messages() == []


def test_a_blank_text_is_not_sent(shop: Command) -> None:
    result = shop(*SEND, "--text", " ")

    assert (result.code, "blank" in result.err) == (1, True)


def test_a_refused_trial_text_is_marked_and_not_sent(shop: Command, provider: Provider) -> None:
    result = shop(*SEND, "--text", "Рахунок {nope}")

    assert (result.code, "^^^^^^" in result.err, "Nothing was sent" in result.err) == (1, True, True)
    assert provider.messages() == []
