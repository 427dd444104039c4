"""What a measurement runs on: an empty system on private, durable servers, beside a stand-in for the provider."""

from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tests.bench.processes import Process, product, speaking
from tests.bench.servers import Servers
from tests.support.broker import delete_everything
from tests.support.crm import SECRET, add_account, row
from tests.support.waiting import wait_until
from worker.settings.environment import AMQP, DATABASE, SECRET_KEY, TURBOSMS
from worker.store.db.postgres import Pool, open_pool
from worker.store.db.temporary_database import migrated_database

ACCOUNTS = 4
PROVIDER_DELAY_MS = 20
#: A high pace, and every check and count at work: pace, segments, person's limits, same text, runaway guard.
BUSY = """
UPDATE accounts
SET
    post_mode = %s, multi_max = %s, requests_per_s = 100000, segments_per_s = 1000000, in_flight = 200,
    person_hour_max = 15, person_day_max = 40, same_text = interval '10 minutes', runaway_threshold = 100000000
"""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Where a system writes what it did; `accepted` counts the texts whose answer is written down."""

    accepted: str
    counts: Mapping[str, str] = field(default_factory=dict[str, str])


OURS = Ledger(
    "SELECT count(*) FROM notifications WHERE state IN ('accepted', 'sent', 'delivered')",
    {"events accepted": "SELECT count(*) FROM events"},
)


@dataclass(frozen=True, slots=True)
class Layout:
    """How the product runs on this machine, and what an account puts in a sendmulti."""

    workers: int = 2
    threads: int = 16
    multi_max: int = 100


class FakeProvider:
    """The stand-in for the provider, by its own paths."""

    def __init__(self, process: Process) -> None:
        self.url = f"http://127.0.0.1:{process.line()}"
        self._client = httpx.Client(base_url=self.url)

    def state(self) -> dict[str, Any]:
        return self._client.get("/_bench/state").json()

    def texts(self) -> list[tuple[str, float]]:
        return self._client.get("/_bench/texts").json()


@dataclass(slots=True)
class Stage:
    """A system that has sent nothing yet; `form` is how it reads events, `repeats` how many of them are old ones."""

    database_url: str
    pool: Pool
    provider: FakeProvider
    ours: list[Process]
    servers: Servers
    form: str = "ours"
    ledger: Ledger = OURS
    accounts: int = ACCOUNTS
    repeats: float = 0.0
    published: int = 0

    @property
    def workers(self) -> list[Process]:
        return [process for process in self.ours if process.name.startswith("worker")]

    @contextmanager
    def generator(self, count: int, *, pace: float | None = None) -> Generator[Process]:
        """A generator that has made its events and waits for a line."""
        paced = ("--pace", str(pace)) if pace else ()
        form = ("--for", self.form, "--accounts", str(self.accounts), "--repeats", str(self.repeats))
        arguments = ("--first", str(self.published), "--count", str(count), *form, *paced)
        environment = {AMQP: self.servers.amqp_url}
        with speaking("generator", "tests.bench.generator", *arguments, environment=environment) as generator:
            assert generator.line() == "ready"
            self.published += count
            yield generator

    def wait_answered(self) -> dict[str, Any]:
        """Wait until the provider has answered for everything that was published; its state then."""
        wait_until(lambda: self._texts() >= self.published, "all is sent", progress=self._texts)
        return self.provider.state()

    def _texts(self) -> int:
        return int(self.provider.state()["texts"])

    def wait_settled(self) -> None:
        """Wait until every answer is written down."""
        wait_until(lambda: row(self.pool, self.ledger.accepted)[0] >= self.published, "all is settled")

    def faults(self) -> list[str]:
        """What was not sent exactly once."""
        state, texts = self.provider.state(), self.provider.texts()
        different = len({text for text, _ in texts})
        counts = {
            "rows accepted": row(self.pool, self.ledger.accepted)[0],
            **{name: row(self.pool, statement)[0] for name, statement in self.ledger.counts.items()},
            "texts": len(texts),
            "different texts": different,
        }
        wrong = [f"{count} {name}" for name, count in counts.items() if count != self.published]
        wrong += [f"{state['repeats']} repeated requests"] if state["repeats"] else []
        return [f"{self.published} events published, but {fault}" for fault in wrong]


@contextmanager
def fake_provider() -> Generator[FakeProvider]:
    """A stand-in of its own."""
    arguments = ("--delay-ms", str(PROVIDER_DELAY_MS))
    with speaking("provider", "tests.bench.provider", *arguments, environment={}) as process:
        yield FakeProvider(process)


def busy(mode: str, layout: Layout) -> Callable[[str], None]:
    """What prepares accounts that send as fast as they can."""

    def prepare(url: str) -> None:
        with psycopg.connect(url) as connection:
            connection.execute(BUSY, (mode, layout.multi_max))

    return prepare


def empty_ledger(servers: Servers, stack: ExitStack) -> tuple[str, Pool]:
    """An empty database of our tables with the accounts of the benchmark, and empty queues, until the stack ends."""
    delete_everything(servers.amqp_url)
    url = stack.enter_context(migrated_database(servers.database_url, prefix="bench"))
    pool = stack.enter_context(open_pool(url, size=2, name="bench"))
    for number in range(ACCOUNTS):
        add_account(pool, f"bench-{number}", token=f"token-of-bench-{number}")
    return url, pool


@contextmanager
def stage_of(
    servers: Servers, name: str, layout: Layout, folder: Path, *, prepare: Callable[[str], None]
) -> Generator[Stage]:
    """A stage with its processes, ready; `prepare` gets the database's URL before they start."""
    with ExitStack() as stack:
        url, pool = empty_ledger(servers, stack)
        prepare(url)
        stand_in = stack.enter_context(fake_provider())
        environment = {
            AMQP: servers.amqp_url,
            DATABASE: url,
            SECRET_KEY: SECRET,
            TURBOSMS: stand_in.url,
        }
        roles = [("scheduler", "scheduler", ())] + [
            (f"worker-{nth + 1}", "worker", ("--threads", str(layout.threads))) for nth in range(layout.workers)
        ]
        ours = [
            stack.enter_context(product(text, role, *more, environment=environment, log=folder / f"{name}-{text}.log"))
            for text, role, more in roles
        ]
        yield Stage(url, pool, stand_in, ours, servers)
