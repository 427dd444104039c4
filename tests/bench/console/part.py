"""Every page of the console, one after another, over a ledger of many rows: how long each takes, and what it weighs."""

import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import quantiles
from urllib.parse import urljoin

import httpx

from tests.bench.figures.report import Json
from tests.bench.history import ledger
from tests.bench.processes import Process, product
from tests.support.crm import SECRET, add_account, delivery, event, execute, person
from tests.support.waiting import PATIENCE_S
from tests.web.pages.addresses import addresses
from tests.web.pages.conftest import signed_in
from worker.settings.environment import DATABASE, LISTEN, RECEIPTS, SECRET_KEY
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.store.access.users import NewUser
from worker.store.accounts import secrets
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool, open_pool, transaction
from worker.store.db.temporary_database import migrated_database

TIMES, WARM = 40, 3
#: Whom nothing is hidden from, so that every page has the most to show.
ADMIN = NewUser("olena", "admin", ledger.ACCOUNT, sees_phones=True, spends=True, sees_prices=True)
LISTENING = re.compile(r'"callbacks\.listening".*?(http://[\d.:]+)')
#: What a browser fetches for a page.
LINKED = re.compile(r'(?:src|href)="(/assets/[^"]+)"')
SPENT = """
INSERT INTO spending (account, day, trigger, is_refund, segments, cost)
SELECT %s, now()::date - day, t.trigger, false, 10, 7.8
FROM generate_series(0, 39) AS day CROSS JOIN (SELECT DISTINCT trigger FROM triggers) AS t
"""


def console(server: str, folder: Path, *, rows: int, echo: Callable[[str], None]) -> Json:
    """Measure in a database of its own, by a console that serves pages alone."""
    with migrated_database(server, prefix="sms_bench_console") as url, open_pool(url, size=2, name="bench") as pool:
        add_account(pool, ledger.ACCOUNT)
        ledger.write(url, rows)
        ledger.enter(pool, rows, echo)
        something_of_each(pool)
        ledger.settle(url)
        _user, session = signed_in(pool, ADMIN)
        known = addresses(pool, ledger.ACCOUNT, client="17")
        log = folder / "console.log"
        environment = {DATABASE: url, SECRET_KEY: SECRET, LISTEN: "off", RECEIPTS: "127.0.0.1:0"}
        with product("console", "console", "--serve", "pages", environment=environment, log=log) as process:
            found = LISTENING.search(log.read_text())
            assert found, log.read_text()
            return measured(found[1], session, known, process, rows)


def something_of_each(pool: Pool) -> None:
    """What the ledger has not: an event as it came, a letter, and money that was spent."""
    with transaction(pool) as connection:
        salt = secrets.salt(connection, Seal([SECRET]))
    order = event("order.created", account=ledger.ACCOUNT, recipients=[person("order")])
    torn = delivery(b"{", key=f"{ledger.ACCOUNT}.order.created")
    accept(Intake(pool, ConfigurationCache(), salt), [delivery(order), torn])
    execute(pool, SPENT, ledger.ACCOUNT)


def measured(url: str, session: str, known: Mapping[str, str], process: Process, rows: int) -> Json:
    with httpx.Client(base_url=url, cookies={"session": session}, trust_env=False, timeout=PATIENCE_S) as client:
        times = {name: timed(client, path) for name, path in known.items()}
        first = weight(client, known["overview"])
    p95 = {name: round(quantiles(took, n=20)[18], 1) for name, took in times.items()}
    every = [took for page in times.values() for took in page]
    slowest = max(p95, key=lambda name: p95[name])
    return {
        "rows": rows,
        "pages": len(known),
        "p50_ms": round(quantiles(every, n=2)[0], 1),
        "slowest": slowest,
        "slowest_p95_ms": p95[slowest],
        "p95_ms_by_page": dict(sorted(p95.items(), key=lambda item: -item[1])),
        "first_page_kb": round(first / 1024, 1),
        "peak_mb": round(process.resident_mb, 1),
    }


def timed(client: httpx.Client, path: str) -> list[float]:
    """One after another; the first are left out, which read templates and plan statements."""
    times: list[float] = []
    for nth in range(WARM + TIMES):
        began = time.perf_counter()
        response = client.get(path, follow_redirects=True)
        if nth >= WARM:
            times.append((time.perf_counter() - began) * 1000)
        assert response.status_code == httpx.codes.OK, (path, response.status_code, response.text[:300])
    return times


def weight(client: httpx.Client, path: str) -> int:
    """Bytes over the wire for somebody whose browser knows nothing yet: the page and all that it asks for."""
    page = client.get(path)
    wanted = {urljoin(path, link) for link in LINKED.findall(page.text)}
    return bytes_of(client, path) + sum(bytes_of(client, link) for link in wanted)


def bytes_of(client: httpx.Client, path: str) -> int:
    with client.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as response:
        body = sum(map(len, response.iter_raw()))
        return body + sum(len(name) + len(value) + 4 for name, value in response.headers.raw)
