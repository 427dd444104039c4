from concurrent.futures import ThreadPoolExecutor

from tests.support.crm import SECRET, add_account, execute
from tests.web.conftest import KEY, SEAL, set_key
from worker.steps.operate.rotate_key import rotate_key
from worker.store.accounts.sealed_places import callback_key_of
from worker.store.accounts.secrets import Seal, derived
from worker.store.db.postgres import Pool, transaction
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


def test_a_rotation_leaves_no_door_without_a_key_that_has_both(acme_pool: Pool) -> None:
    new = "the key of this year"
    set_key(acme_pool)
    doors = [
        Keys(acme_pool, Seal([{"callbacks": derived(key, "callbacks")} for key in keys]), ThreadPoolExecutor())
        for keys in ([new, SECRET], [SECRET], [new])
    ]
    before = [door.read()["acme"] for door in doors]

    with transaction(acme_pool) as connection:
        assert rotate_key(connection, Seal([new, SECRET])).resealed["callback key"] == 1

    assert before == [KEY, KEY, None]
    assert [door.read()["acme"] for door in doors] == [KEY, None, KEY]
