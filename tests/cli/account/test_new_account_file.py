"""An account that a file adds."""

from pathlib import Path

import yaml

from tests.cli.account.account_files import export, give
from tests.cli.conftest import Command
from tests.support.crm import TOKEN
from worker.core.triggers.catalogue import BY_ID
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.db.postgres import Pool, transaction


def test_a_new_account_needs_a_name_and_a_sender(run: Command) -> None:
    result = give(run, "rate: 5\n")

    assert (result.code, "name and sender" in result.err) == (3, True)


def test_a_new_account_has_every_trigger_that_the_file_leaves_out(run: Command, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(TOKEN)

    result = give(run, "name: Акме\nsender: ACME\n", "--token-file", str(token))

    document = yaml.safe_load(export(run))
    assert result.code == 0, result.err
    assert document["triggers"]["order_created"]["texts"] == {"uk": BY_ID["order_created"].texts["uk"]}
    assert all(trigger["enabled"] for trigger in document["triggers"].values())


def test_a_new_account_lacks_the_language_that_a_file_leaves_out(run: Command, tmp_path: Path, pool: Pool) -> None:
    token = tmp_path / "token"
    token.write_text(TOKEN)

    result = give(
        run,
        "name: Акме\nsender: ACME\ntriggers:\n  order_created: {texts: {en: Received}}\n",
        "--token-file",
        str(token),
    )

    with transaction(pool) as connection:
        account = ConfigurationCache().look(connection)[0].accounts["acme"]
    assert result.code == 0, result.err
    assert {locale: text.text for locale, text in account.switches["order_created"].texts.items()} == {"en": "Received"}
    assert yaml.safe_load(export(run))["triggers"]["order_created"]["texts"] == {"en": "Received"}
