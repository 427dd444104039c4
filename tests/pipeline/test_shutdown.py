import pytest

from tests.pipeline.conftest import System
from tests.support.health_client import wait_until_ready
from tests.support.waiting import PATIENCE_S

#: A call that nobody answers, in a thread that Python waits for before it ends.
NO_ANSWER = """
import threading
from concurrent.futures import ThreadPoolExecutor

ThreadPoolExecutor(1).submit(threading.Event().wait)
"""


@pytest.mark.parametrize(
    ("command", "last"),
    [("worker", "worker.stopped"), ("scheduler", "scheduler.stopped"), ("console", "console.stopped")],
)
def test_a_process_ends_despite_a_call_that_is_never_answered(system: System, command: str, last: str) -> None:
    held_up = system.start(command, SMS_RECEIPTS_LISTEN="127.0.0.1:0", TESTS_FIRST=NO_ANSWER)
    wait_until_ready(system.door(held_up))

    held_up.terminate()

    assert held_up.wait(PATIENCE_S) == 0
    assert len(system.log_lines(last)) == 1
