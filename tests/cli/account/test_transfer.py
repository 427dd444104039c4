from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.account.account_files import export, give
from tests.cli.conftest import Command
from tests.support.crm import SECRET, TOKEN, row, rows
from worker.core.triggers.catalogue import TRIGGERS
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.sealed_places import token_of
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool, transaction

#: Nothing of it is as a new account has it.
CHANGED = """\
name: 'Ромашка: «Дніпро»'
sender: Romashka
viber_sender: РомашкаViber
viber_instead: true
viber_reach_days: 7
zone: Europe/London
locale: en
hours: 0:00-24:00
custom_shortcodes:
- customers_kod
plain_punctuation: true
transliterate: true
segment_price: 0.95
daily_budget: 500.5
daily_segments: 400
over_budget: alert
low_balance: 200
low_hours: 24
alert_phone: '+380671234567'
person_hour: 3
person_day: 7
same_text: '0'
runaway_threshold: 100
post_mode: sendmulti
multi_max: 100
rate: 0.5
segment_rate: 30
in_flight: 9
key_life: 90m
triggers:
  order_created:
    enabled: false
    channel: viber_then_sms
    if_unconfirmed: resend
    daily_budget: 99
    daily_segments: none
    over_budget: stop
    texts:
      uk: |-
        Замовлення №{stock_orders_number_order_id}: прийнято!
        Дякуємо 🙂
      pl: Przyjęte
      en:
        text: Order {stock_orders_number_order_id}
        missing: fail
        viber:
          ttl: 600
          button:
            caption: Look
            link: https://example.com
  booking_confirmed:
    texts:
      uk: ''
templates:
  'Знижка: -10 %':
    section: clients
    description: До свят
    texts:
      uk: '{contact_firstname}, {customers_kod}'
      en: A discount
"""


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def written(text: str) -> str:
        file = tmp_path / "acme.yaml"
        file.write_text(text, encoding="utf-8")
        return str(file)

    return written


def test_an_export_is_readable_and_whole(shop: Command) -> None:
    text = export(shop)

    document = yaml.safe_load(text)
    assert (document["account"], document["sender"], document["hours"]) == ("acme", "DemoShop", "0:00-24:00")
    assert {name: trigger.get("texts") for name, trigger in document["triggers"].items()} == {
        trigger.id: {"uk": trigger.texts["uk"]} if trigger.texts else None for trigger in TRIGGERS
    }
    assert "      uk: Замовлення №{stock_orders_number_order_id} прийнято. Дякуємо![ {company_name}]\n" in text


def test_an_export_given_back_changes_nothing(shop: Command) -> None:
    result = give(shop, export(shop))

    assert (result.code, result.err) == (0, "acme is set so already: nothing changed.\n")


def test_every_setting_survives_export_and_import(shop: Command) -> None:
    changed = give(shop, CHANGED)
    text = export(shop)

    assert changed.code == 0, changed.err
    wanted, value = yaml.safe_load(CHANGED), yaml.safe_load(text)
    assert {key: value[key] for key in wanted if key != "triggers"} == {
        key: wanted[key] for key in wanted if key != "triggers"
    }
    assert value["triggers"]["order_created"] == wanted["triggers"]["order_created"]
    assert value["triggers"]["booking_confirmed"]["texts"] == {"uk": ""}


def test_a_file_makes_the_same_account_anew(shop: Command, write: Any, tmp_path: Path, pool: Pool) -> None:
    give(shop, CHANGED)
    token = tmp_path / "token"
    token.write_text("another-token")

    result = shop("account", "import", write(export(shop)), "--account", "beta", "--token-file", str(token), "--yes")

    assert result.code == 0, result.err
    assert export(shop, "beta") == export(shop).replace("acme", "beta")
    [sealed] = row(pool, "SELECT token FROM accounts WHERE id = 'beta'")
    assert Seal([SECRET]).open(bytes(sealed), token_of("beta")) == "another-token"


def test_a_token_is_never_exported(shop: Command) -> None:
    text = export(shop)

    assert TOKEN not in text
    assert "token:" not in text


def test_settings_absent_from_a_file_stay(shop: Command) -> None:
    before = yaml.safe_load(export(shop))

    result = give(shop, "rate: 25\ntriggers:\n  order_created:\n    channel: viber\n")

    assert result.err.splitlines()[:2] == [
        "rate: was 1000, is 25 now",
        "triggers.order_created.channel: was sms, is viber now",
    ]
    before["rate"] = 25
    before["triggers"]["order_created"]["channel"] = "viber"
    assert yaml.safe_load(export(shop)) == before


def test_workers_see_what_was_imported(shop: Command, pool: Pool) -> None:
    give(shop, "triggers:\n  order_created:\n    texts:\n      uk: Прийнято\n")

    with transaction(pool) as connection:
        account = ConfigurationCache().look(connection)[0].accounts["acme"]
    assert account.switches["order_created"].texts["uk"].text == "Прийнято"


def test_a_changed_text_is_a_new_version_and_the_rest_keep_theirs(shop: Command) -> None:
    text = export(shop).replace("прийнято. Дякуємо!", "прийнято!")

    result = give(shop, text)

    assert "triggers.order_created.texts.uk:\n- " in result.err
    assert {item["name"] for item in shop("template", "list", "acme", "--json").json if item["version"] > 1} == {
        "order_created"
    }


def test_a_language_that_is_left_out_is_blank_and_its_history_stays(shop: Command) -> None:
    give(shop, "triggers:\n  order_created:\n    texts:\n      en: Received\n")

    texts = {
        item["locale"]: item["text"]
        for item in shop("template", "list", "acme", "--json").json
        if item["name"] == "order_created"
    }
    assert texts == {"uk": "", "en": "Received"}
    assert len(shop("template", "versions", "acme", "order_created", "--json").json) == 2


def test_a_custom_template_left_out_of_an_import_is_removed(shop: Command) -> None:
    give(shop, CHANGED)

    result = give(shop, "templates: {}\n")

    assert "is not there now" in result.err
    assert yaml.safe_load(export(shop))["templates"] == {}


def test_a_dry_run_only_shows_changes(shop: Command, pool: Pool) -> None:
    before = export(shop)

    result = give(shop, CHANGED, "--dry-run")

    assert "sender: was DemoShop, is Romashka now" in result.err
    assert "+ Przyjęte" in result.err
    assert export(shop) == before
    assert rows(pool, "SELECT max(version) FROM template_versions") == [(1,)]


def test_an_import_without_yes_changes_nothing(shop: Command) -> None:
    result = shop("account", "import", "-", "--account", "acme", given="rate: 25\n")

    assert (result.code, "rate: was 1000, is 25 now" in result.err, "--yes" in result.err) == (2, True, True)
    assert "rate: 1000" in export(shop)


@pytest.mark.parametrize("text", ["rate: 5", "account: Acme Ltd\nrate: 5"])
def test_an_imported_file_must_name_its_account(shop: Command, text: str) -> None:
    result = shop("account", "import", "-", "--yes", given=text)

    assert result.code in {1, 2}
    assert "account" in result.err


def test_a_missing_file_is_an_error(shop: Command) -> None:
    result = shop("account", "import", "/nowhere/at/all.yaml")

    assert (result.code, "cannot be read" in result.err) == (1, True)


def test_an_account_that_is_not_there_cannot_be_exported(run: Command) -> None:
    assert run("account", "export", "nobody").code == 3
