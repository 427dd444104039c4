"""A console that takes callbacks alone, with the role and the key of a door."""

from base64 import urlsafe_b64encode
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.steps.receipts.receipts import states_by_message, taken
from tests.support.crm import SECRET, add_account, execute, row
from tests.support.databases import own_roles
from tests.support.health_client import answer, wait_until_ready, wait_until_unready
from tests.support.http_client import http
from tests.web.conftest import body, set_key
from tests.web.replica import Replica, replica
from worker.store.accounts.secrets import derived
from worker.store.db.postgres import Pool

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


def test_a_door_names_a_callback_key_that_was_moved(door: Replica, acme_pool: Pool) -> None:
    wait_until_ready(door.health_at)

    execute(
        acme_pool,
        "UPDATE accounts SET callback_secret = (SELECT callback_secret FROM accounts WHERE id = 'acme')"
        " WHERE id = 'other'",
    )

    wait_until_unready(door.health_at, because="does not open callback key of other")
    assert answer(door.health_at, "/livez") == (200, [])
