"""The table of connections counts what the code opens."""

import re
from pathlib import Path

from tests.house.test_pages import ROOT
from worker.amqp.broker import BATCH_ACTORS
from worker.amqp.topology import QUEUES
from worker.bootstrap import CONNECTIONS
from worker.steps.receipts.poll import AT_ONCE
from worker.web.api import door
from worker.web.embed import client_page
from worker.web.pages import door as pages_door
from worker.web.pages import job_thread
from worker.web.process import ACCOUNTS_AT_ONCE

PAGE = (ROOT / "deploy/connections.md").read_text()
ROW = re.compile(r"^\| `perfectum-sms ([^`]+)` \| (\d+) \| (\d+) \|$", re.MULTILINE)
POOL = re.compile(r"open_pool\(")
CALLBACKS = ACCOUNTS_AT_ONCE + 3
#: A probe of a worker has a connection of its own, and asks through another who answers there.
OPENED = {
    "worker": (CONNECTIONS + 2 * len(BATCH_ACTORS), len(QUEUES) + 1),
    "scheduler": (6 + AT_ONCE, 2),
    "console": (CALLBACKS + door.THREADS + client_page.THREADS + pages_door.WORKING + job_thread.CONNECTIONS, 0),
    "console --serve callbacks": (CALLBACKS, 0),
}


def test_each_process_opens_as_many_as_the_table_says() -> None:
    assert {process: (int(database), int(broker)) for process, database, broker in ROW.findall(PAGE)} == OPENED


def test_every_pool_of_a_process_is_counted() -> None:
    folders = ("worker/web", "schedules", "worker")
    files = {path for folder in folders for path in (ROOT / folder).rglob("*.py") if "cli" not in path.parts}
    opening = {str(path.relative_to(ROOT)) for path in files if POOL.search(path.read_text())}

    assert opening == {
        "schedules/process.py",
        "worker/bootstrap.py",
        "worker/store/db/postgres.py",
        "worker/web/api/door.py",
        "worker/web/embed/client_page.py",
        "worker/web/pages/door.py",
        "worker/web/pages/job_thread.py",
        "worker/web/process.py",
    }


def test_the_example_adds_up() -> None:
    worker, scheduler, console = (OPENED[process][0] for process in ("worker", "scheduler", "console"))
    [total] = re.findall(rf"3 × {worker} \+ 2 × {scheduler} \+ 2 × {console} \+ 10 \+ 3 = (\d+)", PAGE)

    assert int(total) == 3 * worker + 2 * scheduler + 2 * console + 10 + 3
    assert f"`{Path('deploy/compose.yaml')}` gives\n200" in PAGE
    assert "max_connections=200" in (ROOT / "deploy/compose.yaml").read_text()
