import signal
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.faults.harness.nursery import Nursery
from tests.pipeline.processes import Process
from tests.support.crm import SECRET, Json, routing_key, rows
from tests.support.simulated_provider import Provider
from tests.support.waiting import PATIENCE_S, wait_until
from worker.amqp.publisher import Outgoing, Publisher
from worker.amqp.topology import EVENTS_EXCHANGE
from worker.store.db.postgres import Pool


class System:
    """Our real processes and their logs."""

    def __init__(self, nursery: Nursery, environment: dict[str, str], folder: Path) -> None:
        self.environment = environment
        self.folder = folder
        self.processes: list[Process] = []
        self._nursery = nursery

    def start(self, *command: str, **environment: str) -> Process:
        log = self.folder / f"{len(self.processes)}-{command[0]}.log"
        log.touch()
        process = Process(self._nursery, command, {**self.environment, **environment}, log)
        self.processes.append(process)
        return process

    def run(self, *command: str) -> None:
        """What an admin does beside them, to its good end."""
        output = self.folder.with_name(f"{self.folder.name}-{command[0]}.out")
        output.touch()
        assert Process(self._nursery, command, self.environment, output).wait(PATIENCE_S) == 0, output.read_text()

    def log_lines(self, action: str) -> list[dict[str, Any]]:
        """Log lines of an event, of all processes."""
        lines = [line for path in sorted(self.folder.iterdir()) for line in path.read_bytes().splitlines()]
        return [body for line in lines if (body := orjson.loads(line)).get("event.action") == action]

    def door(self, process: Process) -> str:
        """Where a process listens."""
        wait_until(lambda: self._doors(process), "the process listens")
        return self._doors(process)[0]

    def _doors(self, process: Process) -> list[str]:
        return [line["sms.at"] for line in self.log_lines("http.listening") if line["process.pid"] == process.pid]

    def stop(self) -> list[int]:
        """End everything in good order, and return the exit codes."""
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        return [process.wait(PATIENCE_S) for process in self.processes]

    def kill(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture(scope="package")
def nursery() -> Generator[Nursery]:
    nursery = Nursery("tests.pipeline.processes")
    yield nursery
    nursery.close()


@pytest.fixture
def environment(amqp_url: str, database_url: str, provider: Provider) -> dict[str, str]:
    return {
        "SMS_AMQP_URL": amqp_url,
        "SMS_DATABASE_URL": database_url,
        "SMS_SECRET_KEY": SECRET,
        "SMS_TURBOSMS_URL": provider.url,
        "SMS_LISTEN": "127.0.0.1:0",
    }


@pytest.fixture
def system(
    nursery: Nursery,
    environment: dict[str, str],
    acme_pool: Pool,  # noqa: ARG001
    outputs: Path,
    request: pytest.FixtureRequest,
) -> Generator[System]:
    folder = outputs / request.node.name.replace("/", "_")
    folder.mkdir()
    system = System(nursery, environment, folder)
    yield system
    system.kill()


@pytest.fixture
def publish(amqp_url: str) -> Generator[Callable[[Iterable[Json]], None]]:
    publisher = Publisher(amqp_url)

    def confirmed(events: Iterable[Json]) -> None:
        messages = [Outgoing(EVENTS_EXCHANGE, routing_key(event), orjson.dumps(event)) for event in events]
        assert publisher.publish(messages, patience_s=PATIENCE_S).result(PATIENCE_S) == len(messages)

    yield confirmed
    publisher.close()


@pytest.fixture
def publish_raw(amqp_url: str) -> Generator[Callable[[str, str, bytes], None]]:
    publisher = Publisher(amqp_url)

    def confirmed(exchange: str, key: str, body: bytes) -> None:
        assert publisher.publish([Outgoing(exchange, key, body)], patience_s=PATIENCE_S).result(PATIENCE_S) == 1

    yield confirmed
    publisher.close()


#: A message that the provider took counts as accepted, whatever its receipts.
STATES = """
SELECT CASE WHEN state IN ('sent', 'delivered', 'read', 'undelivered') THEN 'accepted' ELSE state END, count(*)
FROM notifications GROUP BY 1
"""


def states(pool: Pool) -> dict[str, int]:
    return dict(rows(pool, STATES))


def wait_for_accepted(pool: Pool, count: int) -> None:
    wait_until(lambda: states(pool).get("accepted") == count, f"{count} accepted, now {states(pool)}")
