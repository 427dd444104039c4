import pytest

from tests.steps.sending.channels import VIBER
from tests.support.crm import execute
from worker.steps.ingest.plan import Intake


@pytest.fixture(autouse=True)
def _viber_sender(intake: Intake) -> None:
    execute(intake.pool, "UPDATE accounts SET viber_sender = %s", VIBER)
