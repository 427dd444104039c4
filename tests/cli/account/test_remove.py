import pytest

from tests.cli.conftest import Command
from tests.support.crm import add_account, delivery, event, row, rows
from tests.support.simulated_provider import Provider
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.store.db.postgres import Pool

REMOVE = ("account", "remove", "acme", "--yes")
#: Everything that names an account.
TABLES = """
SELECT table_name FROM information_schema.columns
WHERE table_schema = 'public' AND column_name = 'account' AND table_name NOT LIKE '%%\\_20%%'
ORDER BY table_name
"""
#: Tables that stay: what was sent, to whom and why, and the keys that keep it from going twice.
HISTORY = {"audit", "attempts", "attempts_default", "dead_letters", "events", "events_default", "event_keys"} | {
    *("channel_statuses", "notifications", "notifications_default", "provider_messages")
}
#: Processes that hold the account's settings learn by this table that it was removed.
KEPT_TABLES = {"account_versions"}


SEND = ("template", "test-send", "acme", "order_created", "--to", "067 765 43 21", "--yes")


@pytest.fixture
def shop(shop: Command, provider: Provider) -> Command:
    return Command({**shop.environ, "SMS_TURBOSMS_URL": provider.url})


def left(pool: Pool) -> set[str]:
    """The tables that still speak of the account."""
    names = [name for (name,) in rows(pool, TABLES)]
    count = "SELECT count(*) FROM {} WHERE account = 'acme'"
    return {name for name in names if row(pool, count.format(name)) != (0,)}


def test_an_account_goes_with_everything_but_its_history(shop: Command, pool: Pool, intake: Intake) -> None:
    add_account(pool, "other")
    shop(*SEND)
    shop("suppression", "add", "acme", "067 123 45 67")
    contact = {"id": "17", "version": 1, "consent": True, "birthday": "1990-12-02"}
    accept(intake, [delivery(event("contact.saved", contact=contact))])

    shop("apikey", "add", "--account", "acme", "--name", "CRM", "--scope", "read")

    result = shop(*REMOVE)

    assert result.code == 0, result.err
    assert all(
        item in result.err
        for item in (
            *("phones of its stop-list: 1", "recorded consents: 1", "entries of the calendar: 1"),
            "keys of the API, whose callers are refused from then on: 1",
        )
    )
    assert "TurboSMS has yet to report on 1 text" in result.err
    assert left(pool) <= HISTORY | KEPT_TABLES
    assert rows(pool, "SELECT id FROM accounts") == [("other",)]
    assert row(pool, "SELECT state, reason FROM notifications") == ("accepted", "no_receipt")
    assert row(pool, "SELECT ask_at FROM provider_messages") == (None,)


def test_an_account_with_a_waiting_text_is_not_removed(shop: Command, pool: Pool, intake: Intake) -> None:
    accept(intake, [delivery(event("order.created"))])

    result = shop(*REMOVE)

    assert (result.code, "1 text of acme" in result.err, "trigger off acme --all" in result.err) == (1, True, True), (
        result.err
    )
    assert row(pool, "SELECT count(*) FROM accounts") == (1,)


def test_an_account_with_a_text_on_its_way_is_not_removed(shop: Command, pool: Pool, provider: Provider) -> None:
    provider.fault("reset_after")
    shop(*SEND)

    result = shop(*REMOVE)

    assert (result.code, "1 text of acme" in result.err) == (1, True), result.err
    assert row(pool, "SELECT state FROM notifications") == ("sending",)


def test_removing_needs_yes_and_an_existing_account(shop: Command, pool: Pool) -> None:
    asked = shop(*REMOVE[:-1])
    unknown = shop("account", "remove", "acmee", "--yes")

    assert (asked.code, "--yes" in asked.err, "What goes:" in asked.err) == (2, True, True)
    assert (unknown.code, "did you mean acme?" in unknown.err) == (3, True)
    assert row(pool, "SELECT count(*) FROM accounts") == (1,)
