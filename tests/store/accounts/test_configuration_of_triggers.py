from datetime import timedelta

import pytest

from tests.store.accounts.test_configuration import account
from tests.support.crm import execute
from worker.core.accounts.account import SENT
from worker.core.texts.viber_message import Button, Options
from worker.core.triggers.catalogue import TRIGGERS
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.db.postgres import Pool


def test_a_custom_template_is_no_triggers_text(acme_pool: Pool, cache: ConfigurationCache) -> None:
    execute(acme_pool, "INSERT INTO templates (account, name, section) VALUES ('acme', 'Привіт', 'clients')")
    execute(acme_pool, "INSERT INTO template_versions SELECT max(id), 1, 'x', 'admin', now() FROM templates")

    assert len(account(cache, acme_pool).switches) == len(TRIGGERS)


def test_custom_templates_are_read_by_name_with_their_languages(acme_pool: Pool, cache: ConfigurationCache) -> None:
    add = "INSERT INTO templates (account, name, section, locale) VALUES ('acme', %s, 'clients', %s)"
    for name, locale in (("Привіт", "uk"), ("Привіт", "en"), ("Бувай", "uk")):
        execute(acme_pool, add, name, locale)
    execute(
        acme_pool,
        "INSERT INTO template_versions SELECT id, 1, name || locale, 'admin', now() FROM templates WHERE name <> ''",
    )

    customs = account(cache, acme_pool).customs

    assert {
        name: (custom.section, {locale: text.text for locale, text in custom.texts.items()})
        for name, custom in customs.items()
    } == {
        "Привіт": ("clients", {"uk": "Привітuk", "en": "Привітen"}),
        "Бувай": ("clients", {"uk": "Бувайuk"}),
    }


def test_the_trigger_of_send_requests_is_on_without_a_text(acme_pool: Pool, cache: ConfigurationCache) -> None:
    assert account(cache, acme_pool).switches["sms_send_requested"].texts == {}
    execute(acme_pool, "UPDATE triggers SET switched_on = FALSE WHERE trigger = 'sms_send_requested'")

    assert "sms_send_requested" not in account(cache, acme_pool).switches


@pytest.mark.parametrize(
    ("settings", "codes", "age"),
    [
        ('{"sent_proposal": ["7"], "max_age_days": 45}', frozenset({"7"}), timedelta(days=45)),
        ("{}", SENT["proposal"], None),
        ('{"max_age_days": "soon"}', SENT["proposal"], None),
    ],
)
def test_a_triggers_own_settings_are_typed_values(
    acme_pool: Pool, cache: ConfigurationCache, settings: str, codes: frozenset[str], age: timedelta | None
) -> None:
    execute(acme_pool, "UPDATE triggers SET settings = %s WHERE trigger = 'position_status_sent'", settings)

    switch = account(cache, acme_pool).switches["position_status_sent"]

    assert (switch.sent["proposal"], switch.age_max) == (codes, age)


def test_a_template_keeps_what_it_asks_of_viber(acme_pool: Pool, cache: ConfigurationCache) -> None:
    asked = """{"ttl": 600, "button": {"caption": "Сплатити", "link": "{invoice_link}"}}"""
    execute(acme_pool, "UPDATE templates SET viber = %s WHERE trigger = 'order_created'", asked)

    switches = account(cache, acme_pool).switches

    assert switches["order_created"].texts["uk"].viber == Options(600, Button("Сплатити", "{invoice_link}"))
    assert switches["order_approved"].texts["uk"].viber == Options()


@pytest.mark.parametrize("asked", ["{}", '{"ttl": 1}', '{"colour": "red"}', '{"button": 5}'])
def test_invalid_viber_options_spoil_no_text(acme_pool: Pool, cache: ConfigurationCache, asked: str) -> None:
    execute(acme_pool, "UPDATE templates SET viber = %s", asked)

    assert {switch.texts["uk"].viber for switch in account(cache, acme_pool).switches.values() if switch.texts} == {
        Options()
    }
