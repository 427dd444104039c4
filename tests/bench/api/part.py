"""One client's page over a ledger of many rows, at an even pace, beside a worker that has its own."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import quantiles

import orjson

from tests.bench.api.asker import KEY
from tests.bench.figures.report import Json
from tests.bench.history import ledger
from tests.bench.measure import Spent, warm
from tests.bench.processes import Process, product, speaking
from tests.bench.servers import Servers
from tests.bench.stage import Layout, Ledger, Stage, busy, stage_of
from tests.support.crm import SECRET
from worker.settings.environment import DATABASE, LISTEN, RECEIPTS, SECRET_KEY
from worker.steps.access.api_keys import Wanted, make
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool, clock, open_pool, transaction

#: Pages and events a second.
PACE, EVENTS = 200.0, 100.0
#: Before the figures: the first pages fill caches, plans and pools.
WARM = 400
#: Without the rows that were there before.
NEW = "month > '2026-10-01'"
LEDGER = Ledger(
    f"SELECT count(*) FROM notifications WHERE {NEW} AND state IN ('accepted', 'sent', 'delivered')",  # noqa: S608 (ours)
    {"events accepted": f"SELECT count(*) FROM events WHERE {NEW}"},  # noqa: S608 (likewise)
)
LISTENING = re.compile(r'"callbacks\.listening".*?(http://[\d.:]+)')


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of requests."""

    took_ms: list[float]
    bad: int


def api(
    servers: Servers, folder: Path, *, rows: int, pages: int, echo: Callable[[str], None]
) -> tuple[Json, list[str]]:
    """Measure, on a stage of its own with one worker; the figures, and what was not sent exactly once."""
    layout = Layout(workers=1)

    def prepare(url: str) -> None:
        ledger.write(url, rows)
        with open_pool(url, size=2, name="bench") as pool:
            ledger.enter(pool, rows, echo)
        ledger.settle(url)
        busy("send", layout)(url)

    with stage_of(servers, "api", layout, folder, prepare=prepare) as stage:
        stage.ledger = LEDGER
        log, key = folder / "api-console.log", key_of(stage.pool)
        environment = {DATABASE: stage.database_url, SECRET_KEY: SECRET, LISTEN: "off", RECEIPTS: "127.0.0.1:0"}
        with product("console", "console", "--serve", "api", environment=environment, log=log) as console:
            found = LISTENING.search(log.read_text())
            assert found, log.read_text()
            warm(stage, WARM)
            ask = partial(asked, found[1], key, ledger.clients(rows))
            ask(WARM)
            return measured(stage, console, ask, pages), stage.faults()


def key_of(pool: Pool) -> str:
    with transaction(pool) as connection:
        wanted = Wanted(ledger.ACCOUNT, "bench", ["read"], rate=10_000)
        return make(connection, Seal([SECRET]), wanted, by="bench", now=clock(connection)).text


def measured(stage: Stage, console: Process, ask: Callable[[int], Asked], pages: int) -> Json:
    """Ask while events come; the generator is of the harness, and so is who asks."""
    events = round(pages / PACE * EVENTS)
    with stage.generator(events, pace=EVENTS) as generator:
        spent, console_s = Spent(stage, generator, console), console.cpu_s
        generator.send_line("go")
        result = ask(pages)
        took_s = console.cpu_s - console_s
        generator.line()
        cpu_ms, others_share = spent.per_event(pages)
        stage.wait_answered()
        stage.wait_settled()
    cuts = quantiles(result.took_ms, n=100)
    return {
        "pages": pages,
        "pages_per_s": PACE,
        "events_per_s": EVENTS,
        "p50_ms": round(cuts[49], 1),
        "p95_ms": round(cuts[94], 1),
        "p99_ms": round(cuts[98], 1),
        "max_ms": round(max(result.took_ms), 1),
        "bad": result.bad,
        "cpu_ms": round(took_s * 1000 / pages, 2),
        "beside_cpu_ms_by_process": cpu_ms,
        "others_share_of_cpu": round(others_share, 2),
        "peak_mb": round(console.resident_mb, 1),
    }


def asked(url: str, key: str, clients: int, count: int) -> Asked:
    """Let another process ask."""
    arguments = ("--url", url, "--clients", str(clients), "--count", str(count), "--pace", str(PACE))
    with speaking("asker", "tests.bench.api.asker", *arguments, environment={KEY: key}) as asker:
        assert asker.line() == "ready"
        asker.send_line("go")
        return Asked(**orjson.loads(asker.line()))
