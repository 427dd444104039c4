from __future__ import annotations

from tests.cli.conftest import Command
from tests.crm import SECRET, row
from worker.store import callback_keys
from worker.store.postgres import Pool, transaction
from worker.store.secrets import Seal


def test_a_callback_key_is_sealed_said_by_nobody_and_taken_away(shop: Command, pool: Pool) -> None:
    address = "https://sms.acme.ua/turbosms/acme/receipts"
    given = shop(
        "account", "set", "acme", "--callback-secret-file", "-", given="key-8", SMS_PUBLIC_URL="https://sms.acme.ua"
    )
    shown = shop("account", "show", "acme", "--json", SMS_PUBLIC_URL="https://sms.acme.ua")
    (sealed,) = row(pool, "SELECT callback_secret FROM accounts")
    taken = shop("account", "set", "acme", "--no-callback-secret")

    assert (given.code, address in given.err, "key-8" in given.err) == (0, True, False), given
    assert (shown.json["callback_url"], shown.json["callbacks"]) == (address, "heard")
    assert Seal([SECRET]).open(bytes(sealed)) == "key-8"
    assert (taken.code, shop("account", "show", "acme", "--json").json["callbacks"]) == (0, "refused")


def test_a_callback_key_is_asked_for_and_needs_somebody_to_ask(shop: Command) -> None:
    alone = shop("account", "set", "acme", "--callback-secret")
    nobody = shop("account", "set", "nobody", "--callback-secret-file", "-", given="key-8")
    neither = shop("account", "set", "acme", "--callback-secret-file", "-", given=" ")

    assert (alone.code, "--callback-secret-file" in alone.err) == (2, True)
    assert (nobody.code, neither.code) == (3, 2)


def test_a_callback_key_sealed_with_the_old_key_is_sealed_with_the_new_one(shop: Command, pool: Pool) -> None:
    shop("account", "set", "acme", "--callback-secret-file", "-", given="key-8")

    with transaction(pool) as connection:
        callback_keys.reseal(connection, Seal(["the newest key of all", SECRET]))

    with transaction(pool) as connection:
        assert Seal(["the newest key of all"]).open(callback_keys.sealed(connection)["acme"]) == "key-8"
