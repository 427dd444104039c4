from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.pipeline.conftest import System
from tests.support.health_client import wait_until_ready
from tests.support.waiting import PATIENCE_S

#: A process with a call that nobody answers, in a thread that Python waits for before it ends.
HELD_UP = """
import os, sys, threading
from concurrent.futures import ThreadPoolExecutor
from worker.settings.environment import load
from {module} import {run} as run

ThreadPoolExecutor(1).submit(threading.Event().wait)
sys.exit(run(load(os.environ)))
"""


@pytest.mark.parametrize(
    ("module", "run", "last"),
    [
        ("worker.process", "run_worker", "worker.stopped"),
        ("schedules.process", "run", "scheduler.stopped"),
        ("worker.web.process", "run_console", "console.stopped"),
    ],
)
def test_a_process_ends_despite_a_call_that_is_never_answered(system: System, module: str, run: str, last: str) -> None:
    environment = {**os.environ, **system.environment, "SMS_RECEIPTS_LISTEN": "127.0.0.1:0"}
    with (system.folder / "held_up.log").open("wb") as log:
        command = [sys.executable, "-c", HELD_UP.format(module=module, run=run)]
        held_up = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    system.processes.append(held_up)
    wait_until_ready(system.door(held_up))

    held_up.terminate()

    assert held_up.wait(PATIENCE_S) == 0
    assert len(system.log_lines(last)) == 1
