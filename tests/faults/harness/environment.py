"""What a row of the matrix gets: an empty system of its own on the session's servers, and the checker at the end."""

import re
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from tests.faults.harness.events import Events, Publication
from tests.faults.harness.fleet import Fleet, fleet_of
from tests.faults.harness.generator import Generator as Load
from tests.faults.harness.row import Result
from tests.faults.harness.servers import Servers
from tests.faults.harness.source import Source
from tests.faults.harness.timeouts import DUPLICATE_WINDOW_S, WAITS, merged
from tests.faults.verdict import outputs
from tests.faults.verdict.checker import SHOWN, judge, recovery_s
from tests.faults.verdict.evidence import Evidence, collect
from tests.faults.verdict.wait_for_rest import Rest, wait_for_rest
from tests.support.broker import delete_everything
from tests.support.crm import SECRET, add_account, execute
from tests.support.simulated_provider import Provider
from tests.support.waiting import PATIENCE_S
from worker.simulator.ledger import Account
from worker.simulator.server import running
from worker.store.db.postgres import Pool, open_pool
from worker.store.db.temporary_database import scratch_database

ACCOUNTS = ("acme", "beta", "gamma")
#: What a process may need, unless a row sets it.
PEAK_KB = 256 * 1024


@dataclass(slots=True)
class Stage:
    """An empty system: accounts, a provider that has sent nothing, queues that do not exist yet.

    Attributes:
        row: its id; with the seed it makes everything that is drawn.
        provider: the oracle; its tokens are those of `token_of`.
        other_broker_url: of the RabbitMQ that a row has of its own.
        most_kb: the memory that a process may need.
        lost_keys: of attempts in a database that is gone, which the checker alone may know.
    """

    row: str
    seed: int
    servers: Servers
    folder: Path
    database_url: str
    pool: Pool
    provider: Provider
    random: Random
    events: Events
    loads: list[Source]
    other_broker_url: str = ""
    most_kb: int = PEAK_KB
    lost_keys: frozenset[str] = frozenset()

    @property
    def amqp_url(self) -> str:
        return self.other_broker_url or self.servers.pair.amqp_url

    @contextmanager
    def fleet(
        self,
        *,
        workers: int = 2,
        threads: int = 8,
        schedulers: int = 1,
        armed: str = "worker",
        failpoints: str = "",
        waits: str = "",
        amqp_url: str = "",
        database_url: str = "",
        turbosms_url: str = "",
        is_awaited: bool = True,
    ) -> Generator[Fleet]:
        """Processes, ready unless nobody waits; `armed` reach failpoints, `waits` changes some of WAITS.

        URLs lead round by a proxy.
        """
        environment = {
            "SMS_AMQP_URL": amqp_url or self.amqp_url,
            "SMS_DATABASE_URL": database_url or self.database_url,
            "SMS_SECRET_KEY": SECRET,
            "SMS_TURBOSMS_URL": turbosms_url or self.provider.url,
            "FAULTS_THREADS": str(threads),
        }
        nursery = self.servers.nursery(merged(WAITS, waits))
        seed = f"{self.seed}/{self.row}"
        roles: dict[str, Any] = {"workers": workers, "schedulers": schedulers, "armed": armed}
        with fleet_of(nursery, self.folder, environment, failpoints=failpoints, seed=seed, **roles) as fleet:
            if is_awaited:
                fleet.wait_ready()
            yield fleet

    def publish(
        self, publications: Iterable[Publication], *, pace: float | None = None, ahead: int | None = None
    ) -> Load:
        """Publish in the background; what is confirmed is checked at the end.

        Args:
            publications: they may be endless; then the row calls `finish`.
            pace: events a second; as fast as possible if not given.
            ahead: wait while the provider lags behind by more events than this.
        """

        def may_go(confirmed: int) -> bool:
            return ahead is None or confirmed < self.provider.state()["created"] + ahead

        load = Load(self.amqp_url, publications, pace=pace, may_go=may_go)
        self.loads.append(load)
        return load

    @property
    def confirmed(self) -> list[Publication]:
        """Everything that RabbitMQ has confirmed."""
        return [confirmed.publication for load in self.loads for confirmed in list(load.confirmed)]

    def rest(self) -> Rest:
        """Wait until nothing is left to be done."""
        for load in self.loads:
            load.wait()
        return wait_for_rest(self.pool, self.amqp_url, self.confirmed)

    def evidence(self) -> Evidence:
        """Everything that the checker joins."""
        evidence = collect(self.pool, self.provider, self.amqp_url, self.confirmed)
        return replace(evidence, attempts={**dict.fromkeys(self.lost_keys, False), **evidence.attempts})

    def result(
        self,
        fleet: Fleet,
        *,
        runs: int,
        since: float | None = None,
        ended: Sequence[float] = (),
        bound: Callable[[Pool], int] | None = None,
        **more: object,
    ) -> Result:
        """Wait for rest, end the fleet, check everything.

        Args:
            fleet: whose processes are judged by their exit codes, their memory and their logs.
            runs: how often the fault was made.
            since: a moment of `time.time()` from which recovery is the time to rest.
            ended: or when each fault ended: then recovery is the longest time to the next message that the provider
                took.
            bound: counts at rest how many doubled messages the row allows, where the provider forgets keys.
            **more: fields of Result that the row knows better, such as `figures`.
        """
        rest = self.rest()
        fleet.wait_for_retries()
        rest = replace(self.rest(), at=rest.at)
        fleet.stop()
        evidence = self.evidence()
        verdict = judge(evidence)
        most = bound(self.pool) if bound else None
        faults = [*verdict.summary_lines(most), *self.misbehaviour(fleet)]
        if not rest.came:
            faults.append(f"not at rest after {PATIENCE_S:g} s: {rest.left}")
        result = Result(
            runs=runs,
            events=len(evidence.confirmed),
            lost=len(verdict.lost),
            doubled=len(verdict.doubled),
            wrong=len(verdict.wrong),
            faults=tuple(faults),
            bound=most,
        )
        if since is not None:
            result = replace(result, recovery_s=max(0.0, rest.at - since), recovery="at rest")
        elif ended:
            result = replace(result, recovery_s=recovery_s(evidence.messages, ended), recovery="the next message")
        return replace(result, **more)  # type: ignore[arg-type] # fields of Result

    def misbehaviour(self, fleet: Fleet) -> list[str]:
        """Processes that ended unasked, needed too much memory, or logged too much."""
        phones = {phone for publication in self.confirmed for phone in publication.phones}
        secrets = [SECRET, *map(token_of, ACCOUNTS)]
        stops = [f"{end.slot} ended with {end.code}" for end in fleet.stops]
        if fleet.peak_kb > self.most_kb:
            stops.append(f"a process needed {fleet.peak_kb // 1024} MB")
        return stops + list(outputs.faults(self.folder, phones, secrets))[:SHOWN]

    def set_accounts(self, column: str, value: object) -> None:
        """Set something of every account, as `post_mode`."""
        assert re.fullmatch(r"[a-z_]+", column)
        execute(self.pool, f"UPDATE accounts SET {column} = %s", value)  # noqa: S608 (our own name)


def token_of(account: str) -> str:
    """The TurboSMS token of an account here."""
    return f"token-of-{account}-5f3a9b"


@contextmanager
def stage_of(row: str, *, seed: int, servers: Servers, folder: Path) -> Generator[Stage]:
    """A stage for a row: empty, without the rest of other rows."""
    servers.revive()
    delete_everything(servers.pair.amqp_url)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.log"):
        old.unlink()
    random = Random(f"{seed}/{row}")  # noqa: S311 (a replayable fault needs no secrecy)
    accounts = tuple(
        Account(token=token_of(account), name=account, senders=frozenset({"DemoShop"}), balance=Decimal(10**9))
        for account in ACCOUNTS
    )
    with (
        scratch_database(servers.pair.database_url, prefix="faults", template=servers.template) as database_url,
        open_pool(database_url, size=4, name="faults") as pool,
        running(accounts=accounts) as simulator,
    ):
        for account in ACCOUNTS:
            add_account(pool, account, token=token_of(account))
        provider = Provider(simulator.url)
        provider.settings(duplicate_window_s=DUPLICATE_WINDOW_S)
        events = Events(random, ACCOUNTS)
        stage = Stage(row, seed, servers, folder, database_url, pool, provider, random, events, [])
        try:
            yield stage
        finally:
            servers.revive()
            for load in stage.loads:
                load.abandon()


def moment() -> float:
    """Now, as faults note when they ended."""
    return time.time()
