from collections.abc import Generator

import psycopg
import pytest

from tests.schedules.almanac import Almanac
from tests.support.crm import SALT, add_account
from worker.steps.ingest.plan import Intake
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.db.postgres import Pool, open_pool
from worker.store.db.temporary_database import scratch_database

#: One database for all of these tests: to make one takes longer than most of them. Emptying a few rows is quicker than
#: to truncate every partition.
EMPTY = b"""
DELETE FROM accounts; DELETE FROM events; DELETE FROM event_keys; DELETE FROM records; DELETE FROM dead_letters;
DELETE FROM notifications; DELETE FROM notification_keys; DELETE FROM transitions; DELETE FROM occurrences;
DELETE FROM task_statuses
"""


@pytest.fixture(scope="package")
def shared(services: tuple[str, str], template_database: str) -> Generator[Pool]:
    with (
        scratch_database(services[1], prefix="sms_test", template=template_database) as url,
        open_pool(url, size=4, name="test") as pool,
    ):
        yield pool


@pytest.fixture
def almanac(shared: Pool) -> Almanac:
    with shared.connection() as connection:
        psycopg.ClientCursor(connection).execute(EMPTY)
    add_account(shared)
    return Almanac(shared, Intake(shared, ConfigurationCache(), SALT))
