from collections.abc import Generator

import pytest

from tests.store.right_rows import add
from tests.support.crm import add_account
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.db.postgres import Connection, Pool, open_pool
from worker.store.db.temporary_database import scratch_database


@pytest.fixture(scope="package")
def shared(services: tuple[str, str], template_database: str) -> Generator[Pool]:
    """One database for the many tests that leave nothing behind."""
    with (
        scratch_database(services[1], prefix="sms_test", template=template_database) as url,
        open_pool(url, size=1, name="test") as pool,
    ):
        add_account(pool)
        yield pool


@pytest.fixture
def acme(shared: Pool) -> Generator[Connection]:
    """A transaction with one account, one calendar entry and one message of the provider, rolled back in the end."""
    with shared.connection() as connection:
        add(connection, "calendar", {})
        add(connection, "provider_messages", {"message_id": "'told'"})
        yield connection
        connection.rollback()


@pytest.fixture
def cache() -> ConfigurationCache:
    return ConfigurationCache()
