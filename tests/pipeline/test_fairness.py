from collections.abc import Callable, Iterable
from itertools import pairwise

import pytest

from tests.pipeline.conftest import System, states, wait_for_accepted
from tests.support.crm import Json, add_account, event, execute, given_columns, person, row
from tests.support.simulated_provider import Provider
from tests.support.waiting import wait_until
from worker.store.db.postgres import Pool

Publish = Callable[[Iterable[Json]], None]

#: As many rows as asked for, each with its own text and phone, copied from the only row.
CROWD = """
INSERT INTO notifications ({given})
SELECT {given}
FROM (
    SELECT
        jsonb_populate_record(
            n,
            jsonb_build_object(
                'id', nextval('notification_ids'), 'state', 'planned', 'attempt', NULL, 'attempt_month', NULL,
                'reason', NULL, 'due_at', clock_timestamp(), 'text', 'Text ' || nth,
                'phone', '+38067' || to_char(nth, 'FM0000000'), 'recipient_key', '\\x' || lpad(to_hex(nth), 32, '0')
            )
        ) AS made
    FROM notifications AS n
    CROSS JOIN generate_series(1, %s) AS nth
    WHERE n.account = 'acme'
) AS crowd, LATERAL (SELECT (crowd.made).*) AS row
"""


def crowd(pool: Pool, publish: Publish, size: int) -> None:
    """Let many rows of an account wait."""
    publish([event("order.created", recipients=[person("order", phone="0671234567")])])
    wait_for_accepted(pool, 1)
    execute(pool, CROWD.format(given=given_columns(pool, "notifications")), size)


def created_at(provider: Provider) -> list[float]:
    """When each message was made, the oldest first."""
    return sorted(message["created_at"] for message in provider.messages())


def test_a_row_overtakes_20000_waiting_rows_of_another_account(
    pool: Pool, system: System, provider: Provider, publish: Publish
) -> None:
    add_account(pool, "beta")
    execute(pool, "UPDATE accounts SET requests_per_s = 50, in_flight = 20 WHERE id = 'acme'")
    system.start("worker")
    system.start("scheduler")
    crowd(pool, publish, 20_000)
    wait_until(lambda: states(pool)["accepted"] > 100, "the crowd is on its way")

    before = provider.state()["posts"]
    publish([event("order.created", account="beta", recipients=[person("order", phone="0509998877")])])
    wait_until(
        lambda: any(message["recipient"] == "380509998877" for message in provider.messages()), "the other one's row"
    )

    phones = [message["recipient"] for message in sorted(provider.messages(), key=lambda fields: fields["created_at"])]
    assert phones.index("380509998877") - before < 2_000, "a tenth of the crowd, however slow the machine"
    assert row(pool, "SELECT count(*) > 18000 FROM notifications WHERE state IN ('planned', 'postponed')") == (True,)


@pytest.mark.long
def test_five_replicas_together_keep_the_rate(pool: Pool, system: System, provider: Provider, publish: Publish) -> None:
    # A rate that five processes reach on two busy cores.
    execute(pool, "UPDATE accounts SET requests_per_s = 20, in_flight = 20")
    for _ in range(5):
        system.start("worker")
    system.start("scheduler")
    crowd(pool, publish, 400)

    wait_for_accepted(pool, 401)

    moments = created_at(provider)[1:]
    # The first rows wait for the sweeper; the last ones no longer fill the line.
    steady = moments[60:340]
    assert len(steady) / (steady[-1] - steady[0]) < 20 * 1.05
    assert len(steady) / (steady[-1] - steady[0]) > 20 * 0.95
    assert sum(later - earlier > 2 for earlier, later in pairwise(steady)) == 0
