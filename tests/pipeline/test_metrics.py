import socket
import subprocess
from collections.abc import Callable, Generator, Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from deploy.services.programs import needed_program
from tests.deploy.monitoring.promql import Selector, selectors
from tests.pipeline.conftest import System, states, wait_for_accepted
from tests.support.crm import Json, add_account, event, execute, person
from tests.support.http_client import http
from tests.support.leaks import secret_in
from tests.support.metrics_reader import Exposition
from tests.support.simulated_provider import Provider
from tests.support.waiting import PATIENCE_S, wait_until
from worker.amqp.topology import QUEUES
from worker.store.db.postgres import Pool
from worker.web.api.catalogue import ENDPOINTS
from worker.web.embed.client_page import OPERATION

Publish = Callable[[Iterable[Json]], None]
PublishRaw = Callable[[str, str, bytes], None]

ROOT = Path(__file__).parents[2]
ALERTS = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())["groups"]
#: `increase` does not see a series begin.
READ = [part for group in ALERTS for rule in group["rules"] for part in selectors(rule["expr"]) if part.rises]

STOPPED = "0670000009"
WAIT_FOR_THE_MORNING = """
UPDATE notifications SET state = 'postponed', phone = '+380671234567', due_at = '2099-01-01' WHERE state = 'skipped'
"""
PAUSE_ALL = """
INSERT INTO pauses (account, scope, reason, since, paused_by)
VALUES ('broke', 'account', 'money', now(), 'x'), ('broke', 'provider', 'provider_failing', now(), 'x')
"""


@pytest.fixture
def a_day(system: System, publish: Publish, publish_raw: PublishRaw, pool: Pool, provider: Provider) -> System:
    """A worker after three accepted texts, a refused, a skipped, a repeated event, and a bad event."""
    add_account(pool, "broke", token="a token that nobody knows")
    provider.stop("38" + STOPPED)
    system.start("worker")
    system.start("scheduler")
    again = event("order.created")
    publish([again, again, event("invoice.overdue", recipients=[person(phone="0671112233", firstname="<b>Іван")])])
    publish([event("proposal.comment_added", recipients=[person("proposal"), person("proposal", None, id="2")])])
    publish([event("invoice.overdue", recipients=[person(phone=STOPPED)])])
    publish_raw("crm.events", "acme.order.created", b"{")
    wait_until(
        lambda: states(pool) == {"accepted": 3, "refused": 1, "skipped": 1}, f"all is settled, now {states(pool)}"
    )
    return system


def test_a_worker_counts_what_came_of_everything(a_day: System) -> None:
    there = a_day.door(a_day.processes[0])
    wait_until(lambda: Exposition(there).of("sms_events_total", outcome="refused"), "the bad one is counted")

    seen = Exposition(there)

    assert seen.risen("sms_events_total") == {("accepted",): 4, ("repeated",): 1, ("refused",): 1}
    texts = seen.risen("sms_notifications_total")
    assert texts.pop(("urgent", "planned"), 0) <= 1, "what goes at once is not planned before"
    assert texts.pop(("normal", "planned"), 0) <= 3
    assert texts == {
        ("urgent", "sending"): 1,
        ("urgent", "accepted"): 1,
        ("normal", "skipped"): 1,
        ("normal", "sending"): 3,
        ("normal", "accepted"): 2,
        ("normal", "refused"): 1,
    }
    assert seen.risen("sms_values_adjusted_total") == {("cleaned",): 1}
    assert seen.risen("sms_attempts_total") == {("accepted",): 3, ("refused",): 1}
    assert seen.of("sms_post_seconds_count") == 4
    assert 0 < seen.of("sms_post_seconds_sum") < 60
    for name in ("sms_event_to_post_seconds", "sms_rate_wait_seconds"):
        assert [seen.of(f"{name}_count", lane=lane) for lane in ("urgent", "normal", "bulk")] == [1, 3, 0]
    assert 0 < seen.of("sms_event_to_post_seconds_sum", lane="urgent") < 60
    assert seen.of("sms_process_info", role="worker", version=version("perfectum-sms")) == 1


def test_waiting_for_the_pace_is_counted_and_timed(system: System, publish: Publish, pool: Pool) -> None:
    execute(pool, "UPDATE accounts SET requests_per_s = 2")
    there = system.door(system.start("worker"))
    publish(event("order.created", recipients=[person("order", f"067{number:07d}")]) for number in range(8))
    wait_until(lambda: states(pool) == {"accepted": 8}, "all are sent")

    seen = Exposition(there)

    assert seen.of("sms_rate_waits_total", lane="urgent") >= 6
    assert seen.of("sms_rate_wait_seconds_count", lane="urgent") >= 8
    assert seen.of("sms_rate_wait_seconds_sum", lane="urgent") >= 1
    assert seen.of("sms_event_to_post_seconds_sum", lane="urgent") >= 8


def test_a_scheduler_exposes_rows_pauses_queues_and_balances(a_day: System, pool: Pool) -> None:
    there = a_day.door(a_day.processes[1])
    execute(pool, WAIT_FOR_THE_MORNING)
    execute(pool, PAUSE_ALL)
    wait_until(lambda: Exposition(there).risen("sms_accounts_paused"), "the scheduler has looked")

    seen = Exposition(there)

    assert seen.risen("sms_waiting_rows") == {("normal", "postponed"): 1}
    assert seen.of("sms_oldest_row_age_seconds", lane="normal") == 0
    assert seen.risen("sms_accounts_paused") == {("money",): 1}
    assert seen.of("sms_circuit_breakers_open") == 1
    assert seen.risen("sms_dead_letters") == {("hour",): 1}
    assert {queue: seen.of("sms_queue_messages", queue=queue) for queue in QUEUES} == dict.fromkeys(QUEUES, 0)
    assert 0 <= seen.of("sms_scheduler_lag_seconds", task="release") < 60
    assert seen.of("sms_process_info", role="scheduler", version=version("perfectum-sms")) == 1
    wait_until(lambda: Exposition(there).risen("sms_balance"), "TurboSMS is asked for money")
    assert 999_000 < Exposition(there).of("sms_balance", account="acme") <= 1_000_000
    assert [line["sms.account"] for line in a_day.log_lines("balance.unknown")] == ["broke"]


def test_queues_are_shown_as_deep_as_they_are(system: System, publish: Publish) -> None:
    there = system.door(system.start("scheduler"))
    publish(event() for _ in range(7))

    wait_until(lambda: Exposition(there).series.get(("sms_queue_messages", (("queue", "crm.events"),))) == 7, "seven")


def test_a_row_that_the_sweeper_plans_or_ends_is_counted_by_it(a_day: System, pool: Pool) -> None:
    there = a_day.door(a_day.processes[1])
    again = "UPDATE notifications SET state = 'postponed', reason = 'paced', due_at = now() WHERE state = 'refused'"
    execute(pool, again)

    wait_until(
        lambda: Exposition(there).risen("sms_notifications_total") == {("normal", "planned"): 1}, "it is counted"
    )


def test_no_label_has_personal_data_and_series_are_bounded(a_day: System) -> None:
    there = [a_day.door(process) for process in a_day.processes]
    wait_until(lambda: Exposition(there[1]).risen("sms_balance"), "everything was looked at")

    for seen in map(Exposition, there):
        assert secret_in(seen.text) is None
        assert len(seen.series) < 300
        values = {value for _, labels in seen.series for name, value in labels if name != "le"}
        assert all(len(value) <= 30 for value in values), values
        assert not any(value.isdigit() for value in values), values


def test_worker_and_scheduler_together_expose_every_metric(a_day: System) -> None:
    promised = {
        *("sms_events_total", "sms_notifications_total", "sms_attempts_total", "sms_event_to_post_seconds_bucket"),
        *("sms_rate_waits_total", "sms_rate_wait_seconds_bucket", "sms_post_seconds_bucket", "sms_process_info"),
        *("sms_queue_messages", "sms_waiting_rows", "sms_oldest_row_age_seconds", "sms_circuit_breakers_open"),
        *("sms_dead_letters", "sms_scheduler_lag_seconds", "sms_balance"),
    }
    there = [a_day.door(process) for process in a_day.processes]

    wait_until(lambda: promised <= Exposition(there[0]).names | Exposition(there[1]).names, "every metric")

    assert not any(name.endswith("_created") for name in Exposition(there[0]).names)


def _alternatives(selector: Selector) -> Iterable[Selector]:
    """The selector once for each value that a matcher names."""
    matchers = selector.matchers
    for label, operator, value in matchers:
        if operator == "=~" and "|" in value:
            others = tuple(item for item in matchers if item[0] != label)
            return [Selector(selector.name, (*others, (label, "=", name)), rises=True) for name in value.split("|")]
    return [selector]


def test_whatever_alerts_wait_for_is_zero_before_it_happens(system: System) -> None:
    started = [
        system.start("worker"),
        system.start("scheduler"),
        system.start("console", SMS_RECEIPTS_LISTEN="127.0.0.1:0"),
    ]
    doors = [system.door(process) for process in started]
    wait_until(lambda: system.log_lines("console.started"), "the console has opened its doors")

    zeros = {key for door in doors for key, value in Exposition(door).series.items() if value == 0}

    wanted = [alternative for selector in READ for alternative in _alternatives(selector)]
    assert len(wanted) > 10
    assert [
        selector
        for selector in wanted
        if not any(name == selector.name and selector.takes(dict(labels)) for name, labels in zeros)
    ] == []
    failing = {dict(labels)["operation"] for name, labels in zeros if name == "sms_api_requests_total"}
    assert failing == {*(endpoint.name for endpoint in ENDPOINTS), OPERATION}


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

    def ask(self, address: str, **query: str) -> Any:
        try:
            answer = http.get(f"{self._url}/api/v1/{address}", params=query)
        except httpx.TransportError:
            return {}
        return answer.json().get("data", {}) if answer.is_success else {}

    def targets(self) -> dict[str, str]:
        """Health by address."""
        return {item["labels"]["instance"]: item["health"] for item in self.ask("targets").get("activeTargets", [])}

    def value(self, expression: str) -> float | None:
        result = self.ask("query", query=expression).get("result", [])
        return float(result[0]["value"][1]) if result else None


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
    addresses = [door.removeprefix("http://") for door in doors]
    publish(event() for _ in range(3))
    wait_for_accepted(pool, 3)

    prometheus = scraping(addresses)

    wait_until(lambda: prometheus.targets() == dict.fromkeys(addresses, "up"), f"up, now {prometheus.targets()}")
    wait_until(lambda: prometheus.value('sum(sms_events_total{outcome="accepted"})') == 3, "the events")
    wait_until(lambda: prometheus.value("sum(sms_waiting_rows)") == 0, "the rows that wait")
    assert prometheus.value("count(sms_process_info)") == 2
