from __future__ import annotations

import structlog

from tests.console.conftest import KEY, SEAL, set_key
from tests.crm import add_account, execute
from worker.console.opened_keys import OpenedKeys
from worker.store.postgres import Pool
from worker.store.secrets import Seal


def test_a_key_that_cannot_be_opened_is_left_out_with_one_warning_and_hides_no_change_of_the_others(pool: Pool) -> None:
    for account in ("acme", "lost", "other"):
        add_account(pool, account)
        set_key(pool, account)
    foreign = Seal(["a key that this console lacks"]).close(KEY.encode())
    keys = OpenedKeys(pool, SEAL)
    assert set(keys.read()) == {"acme", "lost", "other"}

    execute(pool, "UPDATE accounts SET callback_secret = %s WHERE id = 'lost'", foreign)
    with structlog.testing.capture_logs() as said:
        assert keys.read() == {"acme": KEY, "other": KEY}
        execute(pool, "UPDATE accounts SET callback_secret = NULL WHERE id = 'acme'")
        assert keys.read() == {"other": KEY}

    assert said == [{"account": "lost", "event": "callback_key.unopened", "log_level": "warning"}]


def test_a_key_that_is_lost_again_is_told_of_again(pool: Pool) -> None:
    add_account(pool)
    keys = OpenedKeys(pool, SEAL)
    with structlog.testing.capture_logs() as said:
        for _ in range(2):
            execute(pool, "UPDATE accounts SET callback_secret = %s", Seal(["another key"]).close(b"x"))
            assert keys.read() == {}
            set_key(pool)
            assert keys.read() == {"acme": KEY}

    assert len(said) == 2
