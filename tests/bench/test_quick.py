import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.bench.peers.environment import interpreter
from tests.support.broker import turn_at
from tests.support.waiting import PATIENCE_S
from worker.settings.environment import AMQP, DATABASE

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
PEERS = ("dramatiq", "celery_prefork", "celery_threads", "faststream")
FIGURES = (
    *("ratio.events", "ratio.cpu", "ratio_single.events", "ratio_single.cpu", "floor.cpu_ratio"),
    "floor_single.cpu_ratio",
    *(f"peers.{name}.{figure}" for name in PEERS for figure in ("events_per_s", "cpu_ms_per_event")),
    *("latency.beside_busy_core.p99_ms", "latency.cpu_ms_per_event_with_servers", "rows.inserted_per_event"),
    *("sendmulti.events_per_s", "sendmulti.cpu_ms_per_event", "send.events_per_s", "send.cpu_ms_per_event"),
    *("latency.p50_ms", "latency.p99_ms", "memory.peak_mb", "provider.posts_per_s", "provider.multi_texts_per_s"),
    *("burst.seconds", "burst.claims_per_text", "burst.cpu_ms_per_text"),
    *("outcomes.worker_cpu_ms_on", "outcomes.worker_cpu_ms_off", "outcomes.cpu_ms_with_servers_on"),
    *("history.page_p95_ms", "history.search_p95_ms", "history.export_rows_per_s", "history.export_peak_mb"),
    *("api.p50_ms", "api.p95_ms", "api.cpu_ms"),
    *("console.slowest_p95_ms", "console.first_page_kb", "console.peak_mb"),
    *("accounts.at_10.peak_mb", "scheduler.posted_seconds", "scheduler.cpu_ms_per_occurrence"),
    *("scheduler.occurrences_per_s", "scheduler.urgent_p95_ms", "scheduler.idle_tick_ms", "scheduler.peak_mb"),
)
NOT_FIGURES = ("date", "machine.processor", "versions.python", "versions.rabbitmq", "versions.postgresql")


@pytest.fixture(scope="module")
def report(services: tuple[str, str], broker_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    interpreter()
    folder = tmp_path_factory.mktemp("bench")
    environment = {**os.environ, AMQP: broker_url, DATABASE: services[1]}
    whole: dict[str, Any] = {"faults": []}
    for parts in ("comparison", "latency,burst,outcomes,scheduler,history,api,console,accounts"):
        file = folder / f"{parts}.json"
        command = [sys.executable, "-m", "tests.bench", "--quick", "--workers", "1", "--only", parts]
        with turn_at(broker_url):
            ran = subprocess.run(
                [*command, "--report", str(file)],
                cwd=ROOT,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
                timeout=PATIENCE_S,
            )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        report = orjson.loads(file.read_bytes())
        whole |= {**report, "faults": whole["faults"] + report["faults"]}
    return whole


def test_every_figure_of_a_benchmark_is_reported(report: dict[str, Any]) -> None:
    assert all(at(report, name) > 0 for name in FIGURES)
    assert all(at(report, name) for name in NOT_FIGURES)
    assert isinstance(at(report, "memory.flat"), bool)


def test_a_benchmark_sends_every_text_once(report: dict[str, Any]) -> None:
    assert report["faults"] == []


def at(report: dict[str, Any], name: str) -> Any:
    value: Any = report
    for text in name.split("."):
        value = value[text]
    return value
