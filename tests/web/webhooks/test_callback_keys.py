from concurrent.futures import ThreadPoolExecutor

from tests.support.crm import add_account, execute
from tests.web.conftest import KEY, SEAL, set_key
from worker.store.accounts.sealed_places import callback_key_of
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool
from worker.web.webhooks.callback_keys import Keys


def test_a_key_that_cannot_be_opened_hides_no_change_of_the_others(pool: Pool) -> None:
    for account in ("acme", "lost", "other"):
        add_account(pool, account)
        set_key(pool, account)
    foreign = Seal(["a key that this console lacks"]).close(KEY.encode(), callback_key_of("lost"))
    keys = Keys(pool, SEAL, ThreadPoolExecutor())
    assert keys.read() == {"acme": KEY, "lost": KEY, "other": KEY}

    execute(pool, "UPDATE accounts SET callback_secret = %s WHERE id = 'lost'", foreign)
    assert keys.read() == {"acme": KEY, "lost": None, "other": KEY}
    execute(pool, "UPDATE accounts SET callback_secret = NULL WHERE id = 'acme'")
    assert keys.read() == {"lost": None, "other": KEY}
