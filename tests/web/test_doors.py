"""A console that serves everything, and one that takes callbacks alone, with the role and the key of a door."""

from base64 import urlsafe_b64encode
from collections.abc import Generator
from pathlib import Path

import httpx
import pytest

from tests.steps.receipts.receipts import states_by_message, taken
from tests.support.crm import SECRET, add_account, execute, row
from tests.support.databases import own_roles
from tests.support.health_client import answer, wait_until_ready, wait_until_unready
from tests.support.http_client import http
from tests.web.conftest import body, set_key
from tests.web.replica import Replica, replica
from worker.steps.access.api_keys import Wanted, make, revoke
from worker.store.accounts import sealed_values
from worker.store.accounts.secrets import Seal, derived, salt
from worker.store.db.postgres import Pool, clock, transaction

CALLBACK_KEY = urlsafe_b64encode(derived(SECRET, "callbacks")).decode()


@pytest.fixture
def door(database_url: str, acme_pool: Pool, outputs: Path, request: pytest.FixtureRequest) -> Generator[Replica]:
    add_account(acme_pool, "other")
    set_key(acme_pool)
    set_key(acme_pool, "other")
    log = outputs / f"{request.node.name}.log"
    with own_roles(database_url) as urls:
        environment = {"SMS_DATABASE_URL": urls.door, "SMS_CALLBACK_KEY": CALLBACK_KEY}
        with replica(log, environment, "--serve", "callbacks") as console:
            yield console


def test_a_door_records_callbacks_with_its_role_and_its_key_alone(door: Replica, acme_pool: Pool) -> None:
    taken(acme_pool, "m-1")
    wait_until_ready(door.health_at)

    answers = [
        http.post(f"{door.receipts_at}/turbosms/{account}/receipts", json=body(event, message=message)).status_code
        for account, event, message in (("acme", "e-1", "m-1"), ("acme", "e-1", "m-1"), ("other", "e-2", "m-1"))
    ]

    assert answers == [200, 200, 404]
    assert states_by_message(acme_pool) == {"m-1": ("delivered", None)}
    assert row(acme_pool, "SELECT actor FROM transitions WHERE to_state = 'delivered'") == ("receipt",)


def test_a_door_of_callbacks_serves_neither_api_nor_pages(door: Replica) -> None:
    paths = ("/api/v1/openapi.json", "/embed/client/notifications")
    assert [http.get(f"{door.receipts_at}{path}").status_code for path in paths] == [404, 404]


def test_a_console_opens_all_doors_and_answers_a_key_until_it_is_revoked(
    database_url: str, acme_pool: Pool, outputs: Path
) -> None:
    wanted = Wanted("acme", "CRM", ["read"], rate=1)
    with transaction(acme_pool) as connection:
        key = make(connection, Seal([SECRET]), wanted, by="Олена", now=clock(connection))
    environment = {"SMS_DATABASE_URL": database_url, "SMS_SECRET_KEY": SECRET}
    with replica(outputs / "console.log", environment) as console:

        def ask(text: str) -> httpx.Response:
            url = f"{console.receipts_at}/api/v1/notifications"
            return http.get(url, headers={"Authorization": f"Bearer {text}"})

        right = ask(key.text)
        statuses = [ask(key.text).status_code for _ in range(3)]
        with transaction(acme_pool) as connection:
            revoke(connection, key.id, by="Олена", now=clock(connection))
        unsigned = http.get(f"{console.receipts_at}/embed/client/notifications").status_code
        revoked, foreign = ask(key.text), ask(f"psms_999_{key.text.split('_', 2)[2]}")
        counted = http.get(f"{console.health_at}/metrics").text

    assert (right.status_code, right.json()["items"]) == (200, [])
    assert (429 in statuses, unsigned) == (True, 403)
    assert (revoked.status_code, revoked.content) == (401, foreign.content)
    assert 'sms_api_requests_total{operation="list_notifications",status="401"} 2.0' in counted


def test_the_key_of_a_door_opens_no_signing_key_and_no_token(acme_pool: Pool) -> None:
    set_key(acme_pool)
    whole, door = Seal([SECRET]), Seal([{"callbacks": derived(SECRET, "callbacks")}])
    with transaction(acme_pool) as connection:
        salt(connection, whole)
        make(connection, whole, Wanted("acme", "card", ["embed"]), by="Олена", now=clock(connection))
        kept = sealed_values.load(connection)

    opened = {
        seal: {item.sealed_kind for item in kept if seal.opens(item.sealed, item.place)} for seal in (whole, door)
    }

    assert opened[whole] == {"salt", "token", "callback key", "signing key"}
    assert opened[door] == {"callback key"}


def test_a_door_names_a_callback_key_that_was_moved(door: Replica, acme_pool: Pool) -> None:
    wait_until_ready(door.health_at)

    execute(
        acme_pool,
        "UPDATE accounts SET callback_secret = (SELECT callback_secret FROM accounts WHERE id = 'acme')"
        " WHERE id = 'other'",
    )

    wait_until_unready(door.health_at, because="does not open callback key of other")
    assert answer(door.health_at, "/livez") == (200, [])
