"""The system of a soak: a worker that stays, workers that are replaced, a scheduler, a console and the provider."""

import signal
import socket
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import orjson
import psycopg

from tests.bench.processes import Process, product, speaking
from tests.bench.servers import Servers
from tests.bench.stage import ACCOUNTS, OURS, Layout, busy, empty_ledger
from tests.support.crm import SECRET, row
from tests.support.waiting import PATIENCE_S, wait_until
from worker.settings.environment import AMQP, DATABASE, RECEIPTS, SECRET_KEY, TURBOSMS
from worker.store.accounts.sealed_places import callback_key_of
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool

#: Of the cabinet, with which reports are signed.
CALLBACK_SECRET = "key-of-the-cabinet"
PROVIDER_DELAY_MS = 20
#: Every so many replaced workers one is killed, not asked to end.
KILLED = 3
#: All of them together are one series.
PASSING = "worker that is replaced"
RECORDED = "SELECT count(*) FROM callbacks WHERE recorded_at IS NOT NULL"


@dataclass(slots=True)
class Stage:
    """What runs; `published` counts the events of all generators."""

    pool: Pool
    database_url: str
    provider: httpx.Client
    console_url: str
    stays: list[Process]
    start_worker: Callable[[str], AbstractContextManager[Process]]
    servers: Servers
    published: int = 0
    passing: Process | None = None
    restarts: int = 0
    kills: int = 0

    @property
    def processes(self) -> list[Process]:
        return [*self.stays, *([self.passing] if self.passing else [])]

    def state(self) -> dict[str, int]:
        return self.provider.get("/_bench/soak").json()

    @contextmanager
    def generator(self, number: int, pace: float | None) -> Generator[Process]:
        """A generator that has its events ready."""
        paced = ("--pace", str(pace)) if pace else ()
        which = ("--first", str(self.published), "--count", str(number), "--accounts", str(ACCOUNTS))
        environment = {AMQP: self.servers.amqp_url}
        with speaking("generator", "tests.bench.generator", *which, *paced, environment=environment) as process:
            assert process.line() == "ready"
            self.published += number
            yield process

    def publish(self, number: int) -> None:
        """As fast as RabbitMQ confirms."""
        with self.generator(number, None) as generator:
            generator.send_line("go")
            assert orjson.loads(generator.line())["confirmed"] == number

    def wait_reported(self) -> None:
        """Wait until every text is sent, written down, and reported."""
        sent = lambda: self.state()["texts"]  # noqa: E731
        wait_until(lambda: sent() >= self.published, "all is sent", progress=sent)
        wait_until(lambda: row(self.pool, OURS.accepted)[0] >= self.published, "all is written down")
        recorded = lambda: row(self.pool, RECORDED)[0]  # noqa: E731
        wait_until(lambda: recorded() >= self.published, "all is reported", progress=recorded)

    def replaced(self, stack: ExitStack) -> None:
        """Another worker in place of the one that passes, which ends in good order, or is killed."""
        old = self.passing
        self.restarts += old is not None
        name = f"worker passing {self.restarts}"
        if old is not None and self.restarts % KILLED == 0:
            self.kills += 1
            old.signal(signal.SIGKILL)
        stack.close()
        self.passing = stack.enter_context(self.start_worker(name))
        self.passing.name = PASSING

    def wrong(self) -> tuple[int, int, list[str]]:
        """How many texts were lost, how many doubled, and what else does not add up."""
        state = self.state()
        counts = {
            "rows accepted": row(self.pool, OURS.accepted)[0],
            **{name: row(self.pool, statement)[0] for name, statement in OURS.counts.items()},
            "reports recorded": row(self.pool, RECORDED)[0],
        }
        faults = [f"{self.published} events, but {number} {name}" for name, number in counts.items()]
        faults = [fault for fault, number in zip(faults, counts.values(), strict=True) if number != self.published]
        faults += [f"{process.name} has ended" for process in self.processes if process.popen.poll() is not None]
        return self.published - state["different"], state["texts"] - state["different"], faults


def prepared(url: str, layout: Layout) -> None:
    """Accounts as quick as the machine, whose reports are signed."""
    busy("send", layout)(url)
    with psycopg.connect(url) as connection:
        for nth in range(ACCOUNTS):
            account = f"bench-{nth}"
            sealed = Seal([SECRET]).close(CALLBACK_SECRET.encode(), callback_key_of(account))
            connection.execute("UPDATE accounts SET callback_secret = %s WHERE id = %s", (sealed, account))


@contextmanager
def stage_of(servers: Servers, layout: Layout, folder: Path) -> Generator[Stage]:
    """A stage with its processes, ready; logs are in the folder."""
    with ExitStack() as stack:
        url, pool = empty_ledger(servers, stack)
        prepared(url, layout)
        arguments = ("--delay-ms", str(PROVIDER_DELAY_MS), "--accounts", str(ACCOUNTS))
        stand_in = stack.enter_context(speaking("provider", "tests.soak.provider", *arguments, environment={}))
        address = f"http://127.0.0.1:{stand_in.line()}"
        provider = stack.enter_context(httpx.Client(base_url=address, trust_env=False, timeout=PATIENCE_S))
        environment = {AMQP: servers.amqp_url, DATABASE: url, SECRET_KEY: SECRET, TURBOSMS: address}
        start = starter(environment, folder)
        receipts = {**environment, RECEIPTS: f"127.0.0.1:{free_port()}"}
        console = stack.enter_context(starter(receipts, folder)("console", "console"))
        scheduler = stack.enter_context(start("scheduler", "scheduler"))

        def worker(name: str) -> AbstractContextManager[Process]:
            return start(name, "worker", "--threads", str(layout.threads))

        staying = stack.enter_context(worker("worker that stays"))
        port = receipts[RECEIPTS].rpartition(":")[2]
        provider.get("/_bench/reports", params={"port": port, "secret": CALLBACK_SECRET})
        console_url = f"http://{receipts[RECEIPTS]}"
        yield Stage(pool, url, provider, console_url, [staying, scheduler, console], worker, servers)


def starter(environment: Mapping[str, str], folder: Path) -> Callable[..., AbstractContextManager[Process]]:
    """What starts one of our programs by a name for its figures and its log."""

    def start(name: str, *arguments: str) -> AbstractContextManager[Process]:
        log = folder / f"{name.replace(' ', '-')}.log"
        return product(name, *arguments, environment=environment, log=log)

    return start


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def peak(stage: Stage, number: int) -> float:
    """Texts a second from a backlog to the last report that is written down, with two workers."""
    before = stage.published
    for process in stage.processes[:1]:
        process.signal(signal.SIGSTOP)
    if stage.passing:
        stage.passing.signal(signal.SIGSTOP)
    stage.publish(number)
    for process in stage.processes:
        process.signal(signal.SIGCONT)
    began = time.monotonic()
    stage.wait_reported()
    return (stage.published - before) / (time.monotonic() - began)
