from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.crm import TOKEN, add_account, row, rows
from tests.support.tries import tries
from worker.store.accounts.accounts import sealed_tokens
from worker.store.accounts.secrets import Seal, WrongSecretError, current, salt
from worker.store.db.postgres import Pool, transaction

OLD, NEW = "the key of last year", "the key of this year"


def salt_under(pool: Pool, *keys: str) -> bytes:
    with transaction(pool) as connection:
        return salt(connection, Seal(keys))


@settings(max_examples=tries(20))
@given(st.text(min_size=8), st.text(min_size=1, max_size=40))
def test_a_sealed_secret_opens_again_and_is_not_readable(secret: str, key: str) -> None:
    sealed = Seal([key]).close(secret.encode())

    assert Seal([key]).open(sealed) == secret
    assert secret.encode() not in sealed
    assert Seal([key]).close(secret.encode()) != sealed


def test_another_key_opens_nothing_and_the_error_has_a_fix() -> None:
    sealed = Seal([OLD]).close(TOKEN.encode())

    with pytest.raises(WrongSecretError, match="SMS_SECRET_KEY") as refusal:
        Seal([NEW]).open(sealed)

    assert OLD not in str(refusal.value)
    assert NEW not in str(refusal.value)


@pytest.mark.parametrize("spoilt", [b"", b"not sealed", TOKEN.encode()])
def test_bytes_that_were_never_sealed_do_not_open(spoilt: bytes) -> None:
    with pytest.raises(WrongSecretError):
        Seal([OLD]).open(spoilt)
    with pytest.raises(WrongSecretError):
        Seal([OLD]).renew(spoilt)


def test_a_changed_byte_does_not_open() -> None:
    sealed = bytearray(Seal([OLD]).close(TOKEN.encode()))
    sealed[20] ^= 1

    with pytest.raises(WrongSecretError):
        Seal([OLD]).open(bytes(sealed))


def test_a_renewed_secret_needs_the_new_key_only() -> None:
    renewed = Seal([NEW, OLD]).renew(Seal([OLD]).close(TOKEN.encode()))

    assert Seal([NEW]).open(renewed) == TOKEN
    with pytest.raises(WrongSecretError):
        Seal([OLD]).open(renewed)


def test_the_salt_is_made_once_and_kept(pool: Pool) -> None:
    first = salt_under(pool, OLD)

    assert len(first) == 32
    assert salt_under(pool, OLD) == first
    assert rows(pool, "SELECT name FROM secrets") == [("recipient_salt",)]


def test_a_newer_key_beside_the_old_one_leaves_the_salt(pool: Pool) -> None:
    first = salt_under(pool, OLD)

    assert salt_under(pool, NEW, OLD) == first
    assert salt_under(pool, OLD) == first
    with transaction(pool) as connection:
        assert Seal([OLD]).open(current(connection, Seal([NEW, OLD])).close(b"token")) == "token"


def test_a_wrong_key_leaves_the_salt_as_it_was(pool: Pool) -> None:
    first = salt_under(pool, OLD)

    with pytest.raises(WrongSecretError):
        salt_under(pool, NEW)

    assert salt_under(pool, OLD) == first


def test_four_processes_that_start_at_once_agree_on_one_salt(pool: Pool) -> None:
    with ThreadPoolExecutor(4) as processes:
        salts = set(processes.map(partial(salt_under, pool), [OLD] * 4))

    assert len(salts) == 1


def test_salt_and_token_are_sealed_in_the_database(pool: Pool) -> None:
    add_account(pool)
    secret = salt_under(pool, OLD)

    with transaction(pool) as connection:
        token = sealed_tokens(connection)["acme"]
    assert TOKEN.encode() not in token
    assert secret not in bytes(row(pool, "SELECT sealed FROM secrets")[0])
