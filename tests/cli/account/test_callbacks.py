from tests.cli.conftest import Command
from tests.support.crm import SECRET, row
from worker.store.accounts.sealed_places import callback_key_of
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool


def test_a_callback_key_is_sealed_never_shown_and_removable(shop: Command, pool: Pool) -> None:
    address = "https://sms.acme.ua/turbosms/acme/receipts"
    given = shop(
        "account", "set", "acme", "--callback-secret-file", "-", given="key-8", SMS_PUBLIC_URL="https://sms.acme.ua"
    )
    shown = shop("account", "show", "acme", "--json", SMS_PUBLIC_URL="https://sms.acme.ua")
    (sealed,) = row(pool, "SELECT callback_secret FROM accounts")
    taken = shop("account", "set", "acme", "--no-callback-secret")

    assert (given.code, address in given.err, "key-8" in given.err) == (0, True, False), given
    assert (shown.json["callback_url"], shown.json["callbacks"]) == (address, "accepted")
    assert Seal([SECRET]).open(bytes(sealed), callback_key_of("acme")) == "key-8"
    assert (taken.code, shop("account", "show", "acme", "--json").json["callbacks"]) == (0, "refused")


def test_a_callback_key_is_asked_for_and_needs_somebody_to_ask(shop: Command) -> None:
    alone = shop("account", "set", "acme", "--callback-secret")
    nobody = shop("account", "set", "nobody", "--callback-secret-file", "-", given="key-8")
    neither = shop("account", "set", "acme", "--callback-secret-file", "-", given=" ")

    assert (alone.code, "--callback-secret-file" in alone.err) == (2, True)
    assert (nobody.code, neither.code) == (3, 2)
