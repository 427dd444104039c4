import pytest

from worker.amqp.broker import BATCH_ACTORS, shares_of
from worker.amqp.topology import QUEUES, SEND_QUEUES


@pytest.mark.parametrize("threads", [6, 8, 16, 64])
def test_sending_leaves_a_thread_for_every_queue_of_batches(threads: int) -> None:
    shares = shares_of(threads, QUEUES)

    assert sum(shares.values()) <= threads - len(BATCH_ACTORS)
    assert shares["sms.urgent"] >= shares["sms.normal"] >= shares["sms.bulk"] >= 1


def test_a_replica_for_urgent_alone_gives_it_every_thread() -> None:
    assert shares_of(8, ["sms.urgent"]) == {"sms.urgent": 8}
    assert shares_of(8, ["crm.events"]) == {}


def test_every_lane_goes_on_with_few_threads() -> None:
    assert shares_of(1, QUEUES) == dict.fromkeys(SEND_QUEUES, 1)
