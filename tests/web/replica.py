"""A console as a process of its own."""

import os
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from tests.support.waiting import wait_until

ADDRESSES = {"SMS_LISTEN": "127.0.0.1:0", "SMS_RECEIPTS_LISTEN": "127.0.0.1:0"}


@dataclass
class Replica:
    """One console process."""

    process: subprocess.Popen[bytes]
    log: Path

    def lines(self, action: str) -> list[dict[str, Any]]:
        body = [orjson.loads(line) for line in self.log.read_bytes().splitlines() if line.endswith(b"}")]
        return [line for line in body if line.get("event.action") == action]

    @property
    def receipts_at(self) -> str:
        return self.lines("callbacks.listening")[0]["sms.at"]

    @property
    def health_at(self) -> str:
        return self.lines("http.listening")[0]["sms.at"]


@contextmanager
def replica(log: Path, environment: Mapping[str, str], *options: str) -> Generator[Replica]:
    """A console that has started, with these settings and no others."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("SMS_")}
    command = [sys.executable, "-m", "worker", "console", *options]
    with log.open("wb") as out:
        process = subprocess.Popen(command, env={**others, **ADDRESSES, **environment}, stdout=out, stderr=out)
    console = Replica(process, log)
    try:
        wait_until(lambda: console.lines("console.started"), "the console has started")
        yield console
    finally:
        process.kill()
        process.wait()
