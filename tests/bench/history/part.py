"""The part `history`: pages and searches at all hit rates over a ledger of many rows, then exports by the command."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from statistics import quantiles

from tests.bench.figures.report import Json
from tests.bench.history import ledger
from tests.support.crm import SECRET, add_account
from worker.core.history.filters import Filter, Subject
from worker.core.sending.nudge import NotificationId
from worker.settings.environment import DATABASE, SECRET_KEY
from worker.store.db.postgres import Connection, open_pool
from worker.store.db.session import LOOKUPS, Session
from worker.store.db.temporary_database import migrated_database
from worker.store.history.entries import page

LIMIT, TIMES = 30, 20
#: What is asked for, by the share of rows that have it.
PAGES: Mapping[str, Filter] = {
    "0": Filter(account=ledger.ACCOUNT, triggers=("meeting_reminder",)),
    "1/100,000": Filter(account=ledger.ACCOUNT, states=("refused",)),
    "1/100": Filter(account=ledger.ACCOUNT, triggers=("contact_birthday",)),
    "1/2": Filter(account=ledger.ACCOUNT, triggers=("order_created",)),
    "a client": Filter(account=ledger.ACCOUNT, client="17"),
    "a person": Filter(account=ledger.ACCOUNT, recipient=Subject("contact", "17")),
    "all": Filter(account=ledger.ACCOUNT),
}
SEARCHES: Mapping[str, Filter] = {
    "0": Filter(account=ledger.ACCOUNT, text="зебра"),
    "1/100,000": Filter(account=ledger.ACCOUNT, text="єхидна"),
    "1/100": Filter(account=ledger.ACCOUNT, text="ВІТАЄМО"),
    "1/2": Filter(account=ledger.ACCOUNT, text="замовлення"),
    "a name": Filter(account=ledger.ACCOUNT, text="софія шевчук"),
    "a phone": Filter(account=ledger.ACCOUNT, text="067 007 77 77"),
}


def history(server: str, rows: int, exported: int, echo: Callable[[str], None]) -> Json:
    """Measure all of it in a database of its own."""
    with migrated_database(server, prefix="sms_bench_history") as url, open_pool(url, size=2, name="bench") as pool:
        add_account(pool, ledger.ACCOUNT)
        ledger.write(url, rows)
        entered_per_s = ledger.enter(pool, rows, echo)
        ledger.settle(url)
        with Session.connect(url, settings=LOOKUPS, prepare_threshold=1) as connection:
            pages = {name: timed(connection, wanted, rows) for name, wanted in PAGES.items()}
            searches = {name: timed(connection, wanted, rows) for name, wanted in SEARCHES.items()}
        sheets = {ending: export(url, exported, ending) for ending in ("csv", "xlsx")}
        few = export(url, exported // 10, "xlsx")
    return {
        "rows": rows,
        "page_p95_ms": p95([took for times in pages.values() for took in times]),
        "search_p95_ms": p95([took for times in searches.values() for took in times]),
        "page_p95_ms_by_rate": {name: p95(times) for name, times in pages.items()},
        "search_p95_ms_by_rate": {name: p95(times) for name, times in searches.items()},
        "entered_per_s": round(entered_per_s),
        "export_rows": exported,
        "export_rows_per_s": sheets["csv"]["rows_per_s"],
        "xlsx_rows_per_s": sheets["xlsx"]["rows_per_s"],
        "export_peak_mb": max(sheet["peak_mb"] for sheet in sheets.values()),
        "export_growth_mb": round(sheets["xlsx"]["peak_mb"] - few["peak_mb"], 1),
    }


def timed(connection: Connection, wanted: Filter, rows: int) -> list[float]:
    """The first page, and one that goes on in the middle, by turns; in ms, the first of all left out."""
    middle: NotificationId = (date(2026, 10, 1), rows // 2)
    times: list[float] = []
    for nth in range(TIMES + 1):
        began = time.perf_counter()
        page(connection, wanted, limit=LIMIT, after=middle if nth % 2 else None)
        times.append((time.perf_counter() - began) * 1000)
        connection.commit()
    return times[1:]


def p95(times: Sequence[float]) -> float:
    return round(quantiles(times, n=20)[-1], 1)


def export(url: str, rows: int, ending: str) -> dict[str, float]:
    """So many of the oldest rows by the command, its start included, and the most memory that it took."""
    until = ledger.START + rows * ledger.APART
    with tempfile.TemporaryDirectory(prefix="sms-bench-") as folder:
        file = Path(folder, f"letters.{ending}")
        options = ("--account", ledger.ACCOUNT, "--until", until.isoformat(" "), "--out", str(file))
        environment = {**os.environ, DATABASE: url, SECRET_KEY: SECRET}
        began = time.monotonic()
        command = [sys.executable, "-m", "worker", "history", "export", *options]
        ran = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(ran.pid, 0)
        took = time.monotonic() - began
        assert os.waitstatus_to_exitcode(status) == 0
        assert file.stat().st_size > rows
    return {"rows_per_s": round(rows / took), "peak_mb": round(used.ru_maxrss / 1024, 1)}
