from __future__ import annotations

import socket
import subprocess
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.services.programs import needed_program
from tests.pipeline.conftest import System, wait_for_accepted
from tests.support.crm import Json, event
from tests.support.http_client import http
from tests.support.waiting import PATIENCE_S, wait_until
from worker.store.db.postgres import Pool

Publish = Callable[[Iterable[Json]], None]

CONFIGURATION = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: perfectum-sms
    static_configs: [{{targets: {targets}}}]
"""


class Prometheus:
    """A Prometheus of the distribution's, by its API."""

    def __init__(self, url: str) -> None:
        self._url = url

    def ask(self, place: str, **query: str) -> Any:
        try:
            answer = http.get(f"{self._url}/api/v1/{place}", params=query)
        except httpx.TransportError:
            return {}
        return answer.json().get("data", {}) if answer.is_success else {}

    def targets(self) -> dict[str, str]:
        """Health by address."""
        return {one["labels"]["instance"]: one["health"] for one in self.ask("targets").get("activeTargets", [])}

    def value(self, expression: str) -> float | None:
        found = self.ask("query", query=expression).get("result", [])
        return float(found[0]["value"][1]) if found else None


@pytest.fixture
def scraping(tmp_path: Path) -> Generator[Callable[[list[str]], Prometheus]]:
    program = needed_program("prometheus")
    started: list[subprocess.Popen[bytes]] = []

    def scrape(targets: list[str]) -> Prometheus:
        with socket.create_server(("127.0.0.1", 0)) as free:
            address = f"127.0.0.1:{free.getsockname()[1]}"
        configuration = tmp_path / "prometheus.yml"
        configuration.write_text(CONFIGURATION.format(targets=targets))
        options = {"config.file": configuration, "storage.tsdb.path": tmp_path / "data", "web.listen-address": address}
        command = [program, *(f"--{name}={value}" for name, value in options.items())]
        with (tmp_path / "prometheus.log").open("wb") as log:
            started.append(subprocess.Popen(command, stdout=log, stderr=log))
        return Prometheus(f"http://{address}")

    yield scrape
    for process in started:
        process.terminate()
        process.wait(PATIENCE_S)


def test_a_real_prometheus_scrapes_worker_and_scheduler(
    system: System, publish: Publish, pool: Pool, scraping: Callable[[list[str]], Prometheus]
) -> None:
    doors = [system.door(system.start(name)) for name in ("worker", "scheduler")]
    addresses = [one.removeprefix("http://") for one in doors]
    publish(event() for _ in range(3))
    wait_for_accepted(pool, 3)

    prometheus = scraping(addresses)

    wait_until(lambda: prometheus.targets() == dict.fromkeys(addresses, "up"), f"up, now {prometheus.targets()}")
    wait_until(lambda: prometheus.value('sum(sms_events_total{outcome="accepted"})') == 3, "the events")
    wait_until(lambda: prometheus.value("sum(sms_waiting_rows)") == 0, "the rows that wait")
    assert prometheus.value("count(sms_process_info)") == 2
