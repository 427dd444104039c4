from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.support.crm import add_account, execute
from worker.core.accounts.account import Account
from worker.core.accounts.price import UNKNOWN, Price
from worker.core.accounts.settings import AccountSettings
from worker.core.clock.quiet_hours import Window
from worker.core.texts.transliteration import AS_WRITTEN, Spelling
from worker.core.triggers.catalogue import TRIGGERS
from worker.store.accounts import account_settings
from worker.store.accounts.configuration import Configuration, ConfigurationCache, OutdatedError
from worker.store.db.postgres import Pool, transaction

CHANGES = [
    "UPDATE accounts SET sms_sender = 'Other'",
    "UPDATE accounts SET window_opens = 600",
    "UPDATE accounts SET plain_punctuation = TRUE",
    "UPDATE accounts SET transliterate = TRUE",
    "UPDATE accounts SET custom_shortcodes = '{customers_manager}'",
    "UPDATE accounts SET segment_price = 1.28",
    "UPDATE templates SET missing = 'fail'",
    "UPDATE accounts SET viber_sender = 'Акме'",
    "UPDATE accounts SET viber_instead = TRUE",
    "UPDATE accounts SET viber_reach_days = 7",
    """UPDATE templates SET viber = '{"ttl": 600}'""",
    "DELETE FROM accounts",
    "UPDATE triggers SET switched_on = FALSE",
    "DELETE FROM triggers WHERE trigger = 'order_created'",
    "UPDATE templates SET locale = 'en'",
    "DELETE FROM templates",
    "UPDATE template_versions SET text = 'x'",
    "DELETE FROM template_versions",
    "INSERT INTO template_versions SELECT template, 2, 'x', 'admin', now() FROM template_versions",
]
NOT_YET_LOADED = [
    "INSERT INTO triggers (account, trigger, switched_on) VALUES ('acme', 'another', TRUE)",
    "INSERT INTO templates (account, trigger, locale) VALUES ('acme', 'order_created', 'pl')",
]
NO_CHANGES = [
    "INSERT INTO pauses VALUES ('acme', 'account', 'money', 203, now(), 'provider')",
    "INSERT INTO suppressions VALUES ('acme', 'x', 'asked', 'test', now())",
    "INSERT INTO rate_limits (account) VALUES ('acme')",
]


def look(cache: ConfigurationCache, pool: Pool) -> Configuration:
    with transaction(pool) as connection:
        return cache.look(connection)[0]


def account(cache: ConfigurationCache, pool: Pool) -> Account:
    return look(cache, pool).accounts["acme"]


def test_a_new_account_has_all_triggers_with_texts_in_its_language(acme_pool: Pool, cache: ConfigurationCache) -> None:
    result = account(cache, acme_pool)

    assert (result.name, result.sms_sender, result.zone, result.locale) == (
        "ТОВ Ромашка",
        "DemoShop",
        "Europe/Kyiv",
        "uk",
    )
    assert (result.window, result.key_life, result.in_flight) == (Window(0, 1440), timedelta(hours=24), 50)
    assert (result.spelling_for("sms"), result.custom_shortcodes, result.prices.sms) == (AS_WRITTEN, (), UNKNOWN)
    assert result.switches.keys() == {trigger.id for trigger in TRIGGERS}
    assert {name: switch.texts["uk"].text for name, switch in result.switches.items() if switch.texts} == {
        trigger.id: trigger.texts["uk"] for trigger in TRIGGERS if trigger.texts
    }


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_setting_is_read_at_the_next_look(acme_pool: Pool, cache: ConfigurationCache, change: str) -> None:
    before = look(cache, acme_pool)

    execute(acme_pool, change)

    after = look(cache, acme_pool)
    assert after.version > before.version
    assert after.accounts != before.accounts


@pytest.mark.parametrize("change", NOT_YET_LOADED)
def test_a_template_without_a_text_changes_no_account(acme_pool: Pool, cache: ConfigurationCache, change: str) -> None:
    before = look(cache, acme_pool)

    execute(acme_pool, change)

    after = look(cache, acme_pool)
    assert after.version > before.version
    assert after.accounts == before.accounts


@pytest.mark.parametrize("change", NO_CHANGES)
def test_a_change_outside_the_configuration_is_not_read(
    acme_pool: Pool, cache: ConfigurationCache, change: str
) -> None:
    before = look(cache, acme_pool)

    execute(acme_pool, change)

    assert look(cache, acme_pool) is before


def test_only_changed_accounts_are_read_anew(acme_pool: Pool, cache: ConfigurationCache) -> None:
    for number in range(5):
        add_account(acme_pool, f"other-{number}")
    before = look(cache, acme_pool)
    execute(acme_pool, "UPDATE accounts SET sms_sender = 'Other' WHERE id = 'acme'")
    execute(
        acme_pool, "UPDATE template_versions SET text = 'x' FROM templates WHERE template = id AND account = 'other-1'"
    )
    execute(acme_pool, "DELETE FROM accounts WHERE id = 'other-2'")

    after = look(cache, acme_pool)

    assert after.accounts["acme"].sms_sender == "Other"
    assert before.accounts.keys() - after.accounts.keys() == {"other-2"}
    assert before.tokens.keys() - after.tokens.keys() == {"other-2"}
    kept = {name for name, item in after.accounts.items() if before.accounts[name] is item}
    assert kept == {"other-0", "other-3", "other-4"}
    assert before.accounts["acme"].sms_sender == "DemoShop"


def test_what_is_read_anew_and_is_equal_takes_no_memory(acme_pool: Pool, cache: ConfigurationCache) -> None:
    before = look(cache, acme_pool)
    execute(acme_pool, "UPDATE accounts SET rules_version = rules_version + 1")

    after = look(cache, acme_pool)

    assert after.version > before.version
    assert after.accounts["acme"] is before.accounts["acme"]


@pytest.mark.parametrize("change", [*CHANGES, *NOT_YET_LOADED])
def test_a_configuration_read_in_parts_equals_a_whole_reading(
    acme_pool: Pool, cache: ConfigurationCache, change: str
) -> None:
    add_account(acme_pool, "beta")
    look(cache, acme_pool)
    execute(acme_pool, change)

    assert look(cache, acme_pool) == look(ConfigurationCache(), acme_pool)


def test_a_database_that_was_set_back_is_read_anew(acme_pool: Pool, cache: ConfigurationCache) -> None:
    execute(acme_pool, "UPDATE accounts SET sms_sender = 'Other'")
    look(cache, acme_pool)

    execute(acme_pool, "ALTER TABLE accounts DISABLE TRIGGER USER")
    execute(acme_pool, "UPDATE accounts SET sms_sender = 'DemoShop'")
    execute(acme_pool, "UPDATE configuration SET version = 1")

    assert account(cache, acme_pool).sms_sender == "DemoShop"


def test_the_held_configuration_is_used_while_a_thread_reads_it_anew(
    acme_pool: Pool, cache: ConfigurationCache
) -> None:
    before, _ = cache.fresh(acme_pool)
    execute(acme_pool, "UPDATE accounts SET sms_sender = 'Other'")

    with cache.reading:
        assert cache.fresh(acme_pool)[0] is before
        assert cache.as_of(before.version + 1) is before
    with pytest.raises(OutdatedError):
        cache.as_of(before.version + 1)
    assert cache.fresh(acme_pool)[0].accounts["acme"].sms_sender == "Other"


def test_every_thread_waits_for_the_first_reading(acme_pool: Pool, cache: ConfigurationCache) -> None:
    with ThreadPoolExecutor(8) as threads:
        configurations = [configuration for configuration, _ in threads.map(cache.fresh, [acme_pool] * 8)]

    assert all(configuration is configurations[0] for configuration in configurations)
    assert configurations[0].accounts.keys() == {"acme"}


def test_while_nothing_changes_nothing_is_read_anew(acme_pool: Pool, cache: ConfigurationCache) -> None:
    first = look(cache, acme_pool)
    execute(acme_pool, "ALTER TABLE accounts RENAME TO away")

    assert look(cache, acme_pool) is first


def test_a_change_that_is_taken_back_changes_nothing(acme_pool: Pool, cache: ConfigurationCache) -> None:
    before = look(cache, acme_pool)

    with acme_pool.connection() as connection:
        connection.execute("UPDATE accounts SET sms_sender = 'Other'")
        connection.rollback()

    assert look(cache, acme_pool) is before


def test_the_newest_version_of_a_text_counts(acme_pool: Pool, cache: ConfigurationCache) -> None:
    for number, text in [(3, "third"), (2, "second")]:
        add = "INSERT INTO template_versions SELECT id, %s, %s, 'admin', now() FROM templates"
        execute(acme_pool, add, number, text)

    text = account(cache, acme_pool).switches["order_created"].texts["uk"]

    assert (text.version, text.text) == (3, "third")


@pytest.mark.parametrize("blank", ["", "  ", "\n\t", "\u00a0"])
def test_a_blank_text_switches_its_trigger_off(acme_pool: Pool, cache: ConfigurationCache, blank: str) -> None:
    execute(
        acme_pool,
        "INSERT INTO template_versions SELECT id, 2, %s, 'admin', now() FROM templates WHERE trigger = 'order_created'",
        blank,
    )

    switches = account(cache, acme_pool).switches

    assert "order_created" not in switches
    assert len(switches) == len(TRIGGERS) - 1


def test_a_switch_without_any_text_is_off(acme_pool: Pool, cache: ConfigurationCache) -> None:
    execute(acme_pool, "DELETE FROM templates WHERE trigger = 'order_created'")

    assert "order_created" not in account(cache, acme_pool).switches


def test_one_account_does_not_see_anothers_texts(acme_pool: Pool, cache: ConfigurationCache) -> None:
    add_account(acme_pool, "beta")
    execute(
        acme_pool,
        "UPDATE template_versions SET text = 'x' WHERE template IN (SELECT id FROM templates WHERE account = 'beta')",
    )

    accounts = look(cache, acme_pool).accounts

    assert accounts["beta"].switches["order_created"].texts["uk"].text == "x"
    assert accounts["acme"].switches["order_created"].texts["uk"].text != "x"


def test_options_of_texts_and_prices_are_read(acme_pool: Pool, cache: ConfigurationCache) -> None:
    execute(
        acme_pool,
        "UPDATE accounts SET transliterate = TRUE, custom_shortcodes = '{customers_manager,x9}', segment_price = 1.28",
    )
    execute(acme_pool, "UPDATE templates SET missing = 'fail' WHERE trigger = 'order_created'")

    result = account(cache, acme_pool)

    assert (result.spelling_for("sms"), result.prices.sms) == (Spelling(is_latin=True), Price(Decimal("1.28"), "set"))
    assert result.custom_shortcodes == ("customers_manager", "x9")
    assert result.switches["order_created"].texts["uk"].fails_on_holes
    assert not result.switches["order_approved"].texts["uk"].fails_on_holes


def test_an_installation_without_accounts_has_none(pool: Pool, cache: ConfigurationCache) -> None:
    configuration = look(cache, pool)

    assert (configuration.accounts, configuration.tokens) == ({}, {})


def test_the_schema_has_the_defaults_of_the_table_of_settings(acme_pool: Pool) -> None:
    execute(
        acme_pool,
        "INSERT INTO accounts (id, token, created_at, name, sms_sender) VALUES ('bare', '', now(), 'Bare', 'BARE')",
    )

    with transaction(acme_pool) as connection:
        assert account_settings.read(connection, "bare") == AccountSettings(name="Bare", sms_sender="BARE")
