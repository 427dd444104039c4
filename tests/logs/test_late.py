import json
import subprocess
import sys

#: A command that logs nothing, then a library that warns, and a crash.
COMMAND = """
import logging, sys
from worker.cli import configure_logs
from worker.logs import late
late.announce(configure_logs, "WARNING")
print("structlog" in sys.modules)
logging.getLogger("pika").info("nothing")
logging.getLogger("library").warning("phone 067 123 45 67")
print("structlog" in sys.modules)
raise ValueError("+380671234567")
"""


def test_logs_are_made_for_the_first_line_and_for_a_crash() -> None:
    done = subprocess.run([sys.executable, "-c", COMMAND], capture_output=True, text=True, check=False)

    warned, crashed = map(json.loads, done.stderr.splitlines())
    assert done.stdout.split() == ["False", "True"]
    assert (warned["log.level"], crashed["message"], crashed["error.type"]) == (
        "warning",
        "Process crashed.",
        "ValueError",
    )
    assert "1234567" not in done.stderr.replace(" ", "")
