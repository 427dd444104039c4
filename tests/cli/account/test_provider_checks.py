import pytest

from tests.cli.conftest import Command
from tests.support.crm import SECRET, TOKEN, row
from tests.support.simulated_provider import Provider
from worker.store.accounts.sealed_places import token_of
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool

ADD = ("account", "add", "other", "--name", "Інша", "--token-file", "-", "--sender")
CYRILLIC = "Магазин квітів на Хрещатику!"


@pytest.fixture
def shop(shop: Command, provider: Provider) -> Command:
    return Command({**shop.environ, "SMS_TURBOSMS_URL": provider.url})


def token(pool: Pool, account: str) -> str:
    [sealed] = row(pool, "SELECT token FROM accounts WHERE id = %s", account)
    return Seal([SECRET]).open(bytes(sealed), token_of(account))


def test_a_token_that_turbosms_refuses_is_not_saved(shop: Command, pool: Pool) -> None:
    added = shop(*ADD, "Other", given="nobodys-token")
    replaced = shop("account", "token", "acme", "--token-file", "-", given="nobodys-token")

    for result in (added, replaced):
        assert (result.code, "TurboSMS refuses the token" in result.err, "--unchecked" in result.err) == (1, True, True)
    assert (token(pool, "acme"), row(pool, "SELECT count(*) FROM accounts")) == (TOKEN, (1,))


def test_a_token_that_turbosms_takes_is_confirmed(shop: Command, pool: Pool) -> None:
    added = shop(*ADD, "Other", given=TOKEN)
    replaced = shop("account", "token", "acme", "--token-file", "-", given=TOKEN)

    for result in (added, replaced):
        assert (result.code, "TurboSMS takes the token" in result.err) == (0, True), result.err
    assert token(pool, "other") == TOKEN


def test_unchecked_saves_without_a_request_to_turbosms(shop: Command, pool: Pool) -> None:
    result = shop(*ADD, CYRILLIC, "--unchecked", given="nobodys-token")
    changed = shop("account", "token", "acme", "--unchecked", "--token-file", "-", given="nobodys-token")

    assert (result.code, changed.code, "TurboSMS" in result.err) == (0, 0, False)
    assert row(pool, "SELECT sms_sender FROM accounts WHERE id = 'other'") == (CYRILLIC,)
    assert token(pool, "acme") == "nobodys-token"


def test_a_token_is_saved_untried_without_an_answer_of_turbosms(run: Command) -> None:
    result = run(*ADD, "Other", given=TOKEN)

    assert (result.code, "could not be tried" in result.err, "perfectum-sms check" in result.err) == (0, True, True)


def test_a_sender_is_checked_wherever_it_is_saved(shop: Command, pool: Pool) -> None:
    exported = shop("account", "export", "acme").out.replace("DemoShop", CYRILLIC)

    refused = [
        shop(*ADD, CYRILLIC, given=TOKEN),
        shop("account", "set", "acme", "--sender", CYRILLIC),
        shop("account", "import", "-", "--yes", given=exported),
    ]
    assert [(result.code, "Latin letters" in result.err) for result in refused] == [(1, True)] * 3
    assert row(pool, "SELECT string_agg(sms_sender, ',') FROM accounts") == ("DemoShop",)

    assert shop("account", "import", "-", "--yes", "--unchecked", given=exported).code == 0
    assert row(pool, "SELECT sms_sender FROM accounts") == (CYRILLIC,)
    assert shop("account", "import", "-", "--yes", given=exported).code == 0


def test_a_token_is_not_asked_for_where_there_is_no_account(shop: Command) -> None:
    assert shop("account", "token", "nobody", "--token-file", "-", given="x").code == 3
