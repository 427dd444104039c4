from __future__ import annotations

from collections.abc import Callable, Iterable

from tests.pipeline.conftest import System, wait_for_accepted
from tests.support.crm import Json, event
from tests.support.pgbouncer import pgbouncer
from tests.support.simulated_provider import Provider
from worker.store.db.postgres import Pool


def test_behind_a_pooler_of_sessions_every_text_goes_once(
    system: System, publish: Callable[[Iterable[Json]], None], pool: Pool, provider: Provider
) -> None:
    url = system.environment["SMS_DATABASE_URL"]
    with pgbouncer(url, pool_mode="session", default_pool_size=60) as pooled:
        system.start("worker", SMS_DATABASE_URL=pooled)
        system.start("scheduler", SMS_DATABASE_URL=pooled)

        publish(event("order.created", order={"id": str(n), "number": str(n)}) for n in range(40))

        wait_for_accepted(pool, 40)
        assert system.stop() == [0, 0]
    assert len(provider.messages()) == 40
    assert system.said("postgresql.away") == []
