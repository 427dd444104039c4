"""The servers of a session: a private RabbitMQ and PostgreSQL that rows may kill, and nurseries of our processes."""

import subprocess
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from deploy.services.local import Pair, private_servers
from deploy.services.programs import THIS_MACHINE, needed_programs
from tests.faults.harness.nursery import Nursery
from tests.support.waiting import PATIENCE_S
from worker.store.db.temporary_database import migrated_database

#: Erlang, for rabbitmqctl's eval.
GET = "element(2, application:get_env(rabbit, {name}))."
SET = "[application:set_env(rabbit, Name, Value) || {{Name, Value}} <- [{pairs}]]."


@dataclass(slots=True)
class Servers:
    """Both servers, the database that rows copy, and a nursery for each set of waits that a row asked for."""

    pair: Pair
    template: str
    rabbitmqctl_program: str
    nurseries: dict[str, Nursery] = field(default_factory=dict[str, Nursery])

    def nursery(self, waits: str) -> Nursery:
        """The nursery whose processes wait so long."""
        if waits not in self.nurseries:
            self.nurseries[waits] = Nursery("tests.faults.harness.build", "nursery", FAULTS_WAITS=waits)
        return self.nurseries[waits]

    def kill_rabbitmq(self) -> None:
        """SIGKILL."""
        self.pair.rabbitmq.kill()

    def stop_rabbitmq(self) -> None:
        """In good order."""
        self.pair.rabbitmq.stop()

    def start_rabbitmq(self) -> float:
        """Start it and wait until it answers; the moment when it did, by `time.time()`."""
        self.pair.rabbitmq.start()
        return time.time()

    def kill_postgresql(self) -> None:
        """SIGKILL."""
        self.pair.postgresql.kill()

    def start_postgresql(self) -> float:
        """Start it and wait until it answers; the moment when it did, by `time.time()`."""
        self.pair.postgresql.start()
        return time.time()

    def rabbitmqctl(self, *arguments: str) -> str:
        """What RabbitMQ's own tool answers; CalledProcessError where it refuses."""
        answer = subprocess.run(
            [self.rabbitmqctl_program, *arguments],
            env=dict(self.pair.rabbitmq.launch.environment),
            check=True,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        return answer.stdout

    @contextmanager
    def rabbitmq_with(self, **values: int) -> Generator[None]:
        """Variables of the running RabbitMQ, by its own names; afterwards as they were."""
        before = {name: int(self.rabbitmqctl("eval", GET.format(name=name))) for name in values}
        try:
            self._set(values)
            yield
        finally:
            self._set(before)

    def _set(self, values: Mapping[str, int]) -> None:
        pairs = ", ".join(f"{{{name}, {value}}}" for name, value in values.items())
        self.rabbitmqctl("eval", SET.format(pairs=pairs))

    def revive(self) -> None:
        """What a row has left dead runs again."""
        self.pair.rabbitmq.start()
        self.pair.postgresql.start()


@contextmanager
def servers() -> Generator[Servers]:
    """Private servers for as long as the block runs, whatever URLs the environment has: these are killed."""
    programs = needed_programs(THIS_MACHINE)
    tool = programs.rabbitmq.server.parent / "rabbitmqctl"
    with (
        private_servers(programs, durable=False) as pair,
        migrated_database(pair.database_url, prefix="faults") as template,
    ):
        result = Servers(pair, urlsplit(template).path.removeprefix("/"), str(tool))
        try:
            yield result
        finally:
            close(list(result.nurseries.values()))
            result.revive()


def close(nurseries: Sequence[Nursery]) -> None:
    """End them all."""
    for nursery in nurseries:
        nursery.close()
