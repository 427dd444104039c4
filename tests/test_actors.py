import psycopg
import pytest
from psycopg_pool import PoolTimeout

from worker.actors import settling
from worker.amqp.consumer import Batch
from worker.amqp.subscription import Arrived
from worker.core.contract.inbound_message import Delivery


@pytest.fixture
def batch() -> Batch:
    return Batch([Arrived(1, Delivery(b"{}", "acme.x", "crm.events"))])


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (psycopg.OperationalError(), "OperationalError"),
        (PoolTimeout(), "PoolTimeout"),
        (psycopg.errors.DiskFull("could not extend file"), "could not extend file (53100)"),
        (OSError(), "OSError"),
    ],
)
def test_an_outage_of_postgresql_makes_a_batch_wait(batch: Batch, error: Exception, reason: str) -> None:
    with settling(batch):
        raise error

    assert (batch.is_committed, batch.refused) == (False, reason)


@pytest.mark.parametrize("error", [psycopg.errors.CheckViolation(), psycopg.DataError(), TypeError()])
def test_a_batch_broken_by_an_event_goes_back_to_be_counted(batch: Batch, error: Exception) -> None:
    with settling(batch):
        raise error

    assert (batch.is_committed, batch.refused) == (False, None)
