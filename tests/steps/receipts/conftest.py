import pytest

from worker.store.db.postgres import Pool


@pytest.fixture
def acme(acme_pool: Pool) -> Pool:
    return acme_pool
