import pytest

from tests.cli.conftest import Command
from tests.support.crm import delivery, event, execute
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.store.db.postgres import Pool


@pytest.fixture
def backlog(shop: Command, intake: Intake, pool: Pool) -> Command:
    """Three orders and a payment wait; a segment costs 0.95."""
    accept(intake, [delivery(event(kind)) for kind in [*["order.created"] * 3, "invoice.payment_recorded"]])
    execute(pool, "UPDATE accounts SET segment_price = 0.95")
    return shop
