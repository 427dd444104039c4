from collections.abc import Callable, Iterable

from tests.pipeline.conftest import System, states
from tests.support.crm import SECRET, Json, event, execute, person, row, rows
from tests.support.health_client import answer, wait_until_ready, wait_until_unready
from tests.support.simulated_provider import Provider
from tests.support.waiting import wait_until
from worker.steps.operate.key_state import UNOPENED
from worker.steps.operate.rotate_key import rotate_key
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool, transaction

Publish = Callable[[Iterable[Json]], None]

NEW = "the key of this year"
BOTH = {"SMS_SECRET_KEY": f"{NEW},{SECRET}"}
COUNTED = "SELECT (SELECT sum(tries) FROM notifications), (SELECT count(*) FROM dead_letters)"


def orders(count: int, *, since: int = 0) -> list[Json]:
    people = [person("order", phone=f"067{number:07d}") for number in range(since, since + count)]
    return [event("order.created", recipients=[item]) for item in people]


def wait_for_sent(pool: Pool, count: int) -> None:
    wait_until(lambda: states(pool) == {"accepted": count}, f"{count} sent, now {states(pool)}")


def rotate(pool: Pool) -> None:
    with transaction(pool) as connection:
        assert rotate_key(connection, Seal([NEW, SECRET])).resealed == {"salt": 1, "token": 1}


def test_a_key_rotation_beside_replicas_with_the_old_key_fails_no_text(
    system: System, publish: Publish, pool: Pool, provider: Provider
) -> None:
    behind = [system.start("worker"), system.start("scheduler")]
    doors = [system.door(process) for process in behind]
    for door in doors:
        wait_until_ready(door)
    early = system.start("worker", SMS_SECRET_KEY=NEW)
    wait_until_unready(system.door(early), because="starting: SMS_SECRET_KEY does not open")
    assert answer(system.door(early), "/livez") == (200, [])
    ahead = [system.start("worker", **BOTH), system.start("scheduler", **BOTH)]
    for process in ahead:
        wait_until_ready(system.door(process))
    publish(orders(20))
    wait_for_sent(pool, 20)

    rotate(pool)
    publish(orders(40, since=20))

    wait_for_sent(pool, 60)
    for door in doors:
        wait_until_unready(door, because="SMS_SECRET_KEY: does not open")
        assert answer(door, "/livez") == (200, [])
    wait_until_ready(system.door(early))
    execute(pool, "UPDATE provider_messages SET ask_at = now()")
    wait_until(lambda: "delivered" in {state for (state,) in rows(pool, "SELECT state FROM notifications")}, "receipts")
    assert row(pool, COUNTED) == (0, 0)
    assert len(provider.messages()) == 60
    complaining = [line["process.pid"] for line in system.log_lines(UNOPENED)]
    assert sorted(complaining) == sorted(process.pid for process in [*behind, early])
    assert system.stop() == [0] * 5


def test_texts_wait_unchanged_until_a_process_opens_the_tokens(
    system: System, publish: Publish, pool: Pool, provider: Provider
) -> None:
    worker, _scheduler = system.start("worker"), system.start("scheduler")
    door = system.door(worker)
    wait_until_ready(door)
    rotate(pool)
    wait_until_unready(door, because="SMS_SECRET_KEY: does not open")

    publish(orders(20))

    wait_until(lambda: states(pool) == {"planned": 20}, "all planned")
    assert (row(pool, COUNTED), provider.messages()) == ((0, 0), [])
    right = system.start("worker", SMS_SECRET_KEY=NEW)
    wait_for_sent(pool, 20)
    wait_until_ready(system.door(right))
    assert row(pool, COUNTED) == (0, 0)
