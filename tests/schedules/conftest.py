from __future__ import annotations

import pytest

from tests.crm import SALT, add_account
from tests.schedules.almanac import Almanac
from worker.steps.plan import Intake
from worker.store.configuration import ConfigurationCache
from worker.store.postgres import Pool


@pytest.fixture
def intake(pool: Pool) -> Intake:
    add_account(pool)
    return Intake(pool, ConfigurationCache(), SALT)


@pytest.fixture
def almanac(intake: Intake) -> Almanac:
    return Almanac(intake.pool, intake)
