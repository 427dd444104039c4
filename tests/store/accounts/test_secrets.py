from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.errors import LockNotAvailable

from tests.support.crm import TOKEN, add_account, row, rows
from tests.support.tries import tries
from worker.store.accounts import sealed_values
from worker.store.accounts.accounts import sealed_tokens
from worker.store.accounts.sealed_places import SALT, Place, callback_key_of, token_of
from worker.store.accounts.secrets import Seal, WrongSecretError, current, derived, salt
from worker.store.db.postgres import Pool, transaction

OLD, NEW = "the key of last year", "the key of this year"
PLACE = token_of("acme")


def salt_under(pool: Pool, *keys: str) -> bytes:
    with transaction(pool) as connection:
        return salt(connection, Seal(keys))


@settings(max_examples=tries(20))
@given(st.text(min_size=8), st.text(min_size=1, max_size=40))
def test_a_sealed_secret_opens_again_and_is_not_readable(secret: str, key: str) -> None:
    sealed = Seal([key]).close(secret.encode(), PLACE)

    assert Seal([key]).open(sealed, PLACE) == secret
    assert secret.encode() not in sealed
    assert Seal([key]).close(secret.encode(), PLACE) != sealed


def test_another_key_opens_nothing_and_the_error_has_a_fix() -> None:
    sealed = Seal([OLD]).close(TOKEN.encode(), PLACE)

    with pytest.raises(WrongSecretError, match="SMS_SECRET_KEY") as refusal:
        Seal([NEW]).open(sealed, PLACE)

    assert OLD not in str(refusal.value)
    assert NEW not in str(refusal.value)


@pytest.mark.parametrize("spoilt", [b"", b"not sealed", TOKEN.encode()])
def test_bytes_that_were_never_sealed_do_not_open(spoilt: bytes) -> None:
    with pytest.raises(WrongSecretError):
        Seal([OLD]).open(spoilt, PLACE)
    with pytest.raises(WrongSecretError):
        Seal([OLD]).renew(spoilt, PLACE)


def test_no_byte_of_what_is_sealed_can_be_changed(subtests: pytest.Subtests) -> None:
    sealed = Seal([OLD]).close(TOKEN.encode(), PLACE)

    for nth in range(len(sealed)):
        with subtests.test(byte=nth), pytest.raises(WrongSecretError):
            Seal([OLD]).open(sealed[:nth] + bytes([sealed[nth] ^ 1]) + sealed[nth + 1 :], PLACE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        pytest.param(token_of("other"), id="account"),
        pytest.param(callback_key_of("acme"), id="column"),
        pytest.param(PLACE._replace(column="callback_secret"), id="column of the same key"),
        pytest.param(PLACE._replace(table="secrets"), id="table"),
        pytest.param(SALT, id="salt"),
    ],
)
def test_what_is_moved_to_another_place_does_not_open(elsewhere: Place) -> None:
    seal = Seal([OLD])
    sealed = seal.close(TOKEN.encode(), PLACE)
    assert seal.open(sealed, PLACE) == TOKEN, "and it was opened before, so that it is remembered"

    assert seal.opened_or_none(sealed, elsewhere) is None
    assert seal.opener(sealed, elsewhere) is None


def test_the_key_of_callbacks_opens_no_token_and_no_salt() -> None:
    whole, door = Seal([OLD]), Seal([{"callbacks": derived(OLD, "callbacks")}])
    places = (callback_key_of("acme"), PLACE, SALT)

    opened = [door.opened_or_none(whole.close(b"secret", place), place) for place in places]

    assert opened == ["secret", None, None]
    assert derived(OLD, "callbacks") != derived(OLD, "tokens")


def test_a_renewed_secret_needs_the_new_key_only() -> None:
    renewed = Seal([NEW, OLD]).renew(Seal([OLD]).close(TOKEN.encode(), PLACE), PLACE)

    assert Seal([NEW]).open(renewed, PLACE) == TOKEN
    with pytest.raises(WrongSecretError):
        Seal([OLD]).open(renewed, PLACE)


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
        assert Seal([OLD]).open(current(connection, Seal([NEW, OLD])).close(b"token", PLACE), PLACE) == "token"


def test_a_wrong_key_leaves_the_salt_as_it_was(pool: Pool) -> None:
    first = salt_under(pool, OLD)

    with pytest.raises(WrongSecretError):
        salt_under(pool, NEW)

    assert salt_under(pool, OLD) == first


def test_four_processes_that_start_at_once_agree_on_one_salt(pool: Pool) -> None:
    with ThreadPoolExecutor(4) as processes:
        salts = set(processes.map(partial(salt_under, pool), [OLD] * 4))

    assert len(salts) == 1


def test_reading_the_salt_writes_nothing_and_waits_for_no_rotation(pool: Pool) -> None:
    first = salt_under(pool, OLD)

    with transaction(pool) as rotation, transaction(pool) as reading:
        sealed_values.hold(rotation)
        reading.execute("SET TRANSACTION READ ONLY")

        assert salt(reading, Seal([OLD])) == first


def test_who_seals_something_keeps_a_rotation_waiting(pool: Pool) -> None:
    salt_under(pool, OLD)

    with transaction(pool) as sealing, transaction(pool) as rotation:
        current(sealing, Seal([OLD]))
        rotation.execute("SET LOCAL lock_timeout = '50ms'")

        with pytest.raises(LockNotAvailable):
            sealed_values.hold(rotation)


def test_salt_and_token_are_sealed_in_the_database(pool: Pool) -> None:
    add_account(pool)
    secret = salt_under(pool, OLD)

    with transaction(pool) as connection:
        token = sealed_tokens(connection)["acme"]
    assert TOKEN.encode() not in token
    assert secret not in bytes(row(pool, "SELECT sealed FROM secrets")[0])
