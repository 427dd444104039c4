from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.support.crm import SECRET, add_account, execute, row, rows
from worker.core.access.api_key import ApiKey, Scope
from worker.steps.access.api_keys import Made, Wanted, authenticate, make, revoke
from worker.store.accounts.sealed_places import signing_key_of
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool, clock, transaction

NOBODYS = f"Bearer psms_999_{'a' * 43}"
LAST_USE = "SELECT last_used_at FROM api_keys"


def made(pool: Pool, *scopes: Scope, expires_at: datetime | None = None, account: str = "acme") -> Made:
    wanted = Wanted(account, "CRM", scopes or ("read",), sees_phones=True, rate=50, expires_at=expires_at)
    with transaction(pool) as connection:
        return make(connection, Seal([SECRET]), wanted, by="Олена", now=clock(connection))


def whose(pool: Pool, authorization: str | None, *, later: timedelta = timedelta()) -> ApiKey | None:
    with transaction(pool) as connection:
        return authenticate(connection, authorization, clock(connection) + later)


def test_a_key_is_known_by_its_secret_of_which_a_hash_is_kept(acme_pool: Pool) -> None:
    key = made(acme_pool, "read", "send")

    found = whose(acme_pool, f"Bearer {key.text}")

    assert found == ApiKey(key.id, "acme", "CRM", frozenset[Scope]({"read", "send"}), sees_phones=True, rate=50)
    kept = repr(rows(acme_pool, "SELECT * FROM api_keys") + rows(acme_pool, "SELECT * FROM audit"))
    assert key.text.split("_", 2)[2] not in kept


def test_a_wrong_a_foreign_an_expired_and_a_revoked_key_are_nobodys(acme_pool: Pool) -> None:
    first, second = made(acme_pool), made(acme_pool)
    with transaction(acme_pool) as connection:
        until = clock(connection) + timedelta(hours=1)
    expiring = made(acme_pool, expires_at=until)
    mixed = f"psms_{first.id}_{second.text.split('_', 2)[2]}"
    assert whose(acme_pool, f"Bearer {expiring.text}") is not None

    with transaction(acme_pool) as connection:
        assert revoke(connection, first.id, by="Олена", now=clock(connection)) is not None
        assert revoke(connection, first.id, by="Олена", now=clock(connection)) is None

    assert [whose(acme_pool, f"Bearer {text}") for text in (first.text, mixed)] == [None, None]
    assert [whose(acme_pool, header) for header in (NOBODYS, None, "", f"Basic {second.text}")] == [None] * 4
    assert whose(acme_pool, f"Bearer {expiring.text}", later=timedelta(hours=1, seconds=1)) is None
    assert whose(acme_pool, f"Bearer {second.text}") is not None


def test_a_revoked_key_leaves_no_secret(acme_pool: Pool) -> None:
    for key in (made(acme_pool), made(acme_pool, "embed")):
        with transaction(acme_pool) as connection:
            revoke(connection, key.id, by="Олена", now=clock(connection))

    assert (
        rows(acme_pool, "SELECT secret_hash, sealed_secret, revoked_at IS NULL FROM api_keys")
        == [(None, None, False)] * 2
    )


def test_the_last_use_is_written_at_most_once_a_minute(acme_pool: Pool) -> None:
    header = f"Bearer {made(acme_pool).text}"
    uses = [row(acme_pool, LAST_USE)[0]]

    for seconds in (0, 30, 59, 90):
        whose(acme_pool, header, later=timedelta(seconds=seconds))
        uses.append(row(acme_pool, LAST_USE)[0])

    never, first, half, nearly, second = uses
    assert never is None
    assert first == half == nearly
    assert second - first > timedelta(minutes=1)


def test_nobody_waits_for_another_call_that_notes_its_use(acme_pool: Pool) -> None:
    header = f"Bearer {made(acme_pool).text}"

    with transaction(acme_pool) as connection:
        assert authenticate(connection, header, clock(connection)) is not None
        assert whose(acme_pool, header) is not None


def test_a_key_that_signs_is_sealed_in_its_place_and_calls_nothing(acme_pool: Pool) -> None:
    key = made(acme_pool, "embed")
    secret = key.text.split("_", 2)[2]

    [(sealed,)] = rows(acme_pool, "SELECT sealed_secret FROM api_keys")

    seal = Seal([SECRET])
    assert seal.open(bytes(sealed), signing_key_of("acme", key.id)) == secret
    assert not seal.opens(bytes(sealed), signing_key_of("other", key.id))
    assert not seal.opens(bytes(sealed), signing_key_of("acme", key.id + 1))
    assert whose(acme_pool, f"Bearer {key.text}") is None


def test_who_made_and_revoked_a_key_is_in_the_audit(acme_pool: Pool) -> None:
    key = made(acme_pool, "send", "read")
    with transaction(acme_pool) as connection:
        revoke(connection, key.id, by="Петро", now=clock(connection))

    notes: list[tuple[Any, ...]] = rows(
        acme_pool, "SELECT done_by, action, account, subject, after FROM audit ORDER BY id"
    )

    after: Mapping[str, object] = {"name": "CRM", "scopes": ["read", "send"], "sees_phones": True, "rate": 50}
    assert notes == [
        ("Олена", "api_key", "acme", f"key/{key.id}", {**after, "expires_at": None}),
        ("Петро", "api_key", "acme", f"key/{key.id}", {"is_revoked": True}),
    ]


def test_a_removed_accounts_keys_go_with_it(acme_pool: Pool) -> None:
    add_account(acme_pool, "other")
    theirs, ours = made(acme_pool, account="other"), made(acme_pool)

    execute(acme_pool, "DELETE FROM accounts WHERE id = 'other'")

    assert whose(acme_pool, f"Bearer {theirs.text}") is None
    assert whose(acme_pool, f"Bearer {ours.text}") is not None
