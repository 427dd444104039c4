import pytest

from tests.support.crm import add_account
from worker.store.db.postgres import Pool


@pytest.fixture
def acme(pool: Pool) -> Pool:
    add_account(pool)
    return pool
