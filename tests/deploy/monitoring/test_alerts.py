"""The alert rules as promtool reads and tries them, and as our metrics, states and commands are named."""

import os
import re
import subprocess
from typing import Any

import pytest
import typer
import yaml
from typer.core import TyperGroup

from deploy.services.programs import needed_program
from tests.deploy.dockerfile import ROOT
from worker.amqp.topology import QUEUES
from worker.cli import app
from worker.core.sending.notification_states import MOVES
from worker.health import metrics

FOLDER = ROOT / "deploy/prometheus"
SUFFIXES = {"counter": "_total", "info": "_info"}
METRICS = {
    f"{family.name}{SUFFIXES.get(family.type, '')}"
    for metric in (*metrics.WORKER, *metrics.SCHEDULER, *metrics.CONSOLE)
    for family in metric.describe()
}


def _rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


RULES = _rules()
EACH = pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])


def _promtool(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        (needed_program("promtool"), *arguments),
        cwd=FOLDER,
        env={**os.environ, "GOMAXPROCS": "1", "GOGC": "400"},  # a third less work for one short run
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    "arguments",
    [("check", "config", "prometheus.yml"), ("check", "rules", "alerts.yml"), ("test", "rules", "alerts_test.yml")],
    ids=" ".join,
)
def test_promtool_agrees(arguments: tuple[str, ...]) -> None:
    code, text = _promtool(*arguments)

    assert code == 0, text


def test_every_alert_is_seen_to_fire() -> None:
    cases = yaml.safe_load((FOLDER / "alerts_test.yml").read_text())["tests"]
    expected = [
        sample["labels"] for case in cases for item in case["promql_expr_test"] for sample in item["exp_samples"]
    ]

    assert [rule["alert"] for rule in RULES if f'{{alertname="{rule["alert"]}"}}' not in expected] == []


@EACH
def test_an_alert_has_a_severity_a_summary_a_description_and_a_runbook(rule: dict[str, Any]) -> None:
    assert rule["labels"] in ({"severity": "critical"}, {"severity": "warning"})
    assert rule["annotations"].keys() == {"summary", "description", "runbook_url"}
    assert len(rule["annotations"]["description"]) > len(rule["annotations"]["summary"])


@EACH
def test_an_alert_asks_for_metrics_of_ours(rule: dict[str, Any]) -> None:
    asked = set(re.findall(r"\bsms_\w+", rule["expr"] + rule["annotations"]["description"]))

    assert {name.removesuffix("_bucket") for name in asked} <= METRICS


@EACH
def test_an_alert_asks_for_states_lanes_and_queues_that_exist(rule: dict[str, Any]) -> None:
    states = {state for match in re.findall(r'state=~?"([^"]+)"', rule["expr"]) for state in match.split("|")}
    lanes = set(re.findall(r'lane!?="([^"]+)"', rule["expr"]))
    queues = re.findall(r'queue=~"([^"]+)"', rule["expr"])

    assert states <= MOVES.keys()
    assert {f"sms.{lane}" for lane in lanes} <= set(QUEUES)
    assert all(any(re.fullmatch(pattern, queue) for queue in QUEUES) for pattern in queues)


@EACH
def test_an_alert_names_commands_that_exist(rule: dict[str, Any]) -> None:
    named = re.findall(r"`perfectum-sms ([^`]+)`", rule["annotations"]["description"])

    assert [text for text in named if not _exists(text.partition(" --")[0].split())] == []


def _exists(arguments: list[str]) -> bool:
    command = typer.main.get_command(app)
    for text in arguments:
        if not isinstance(command, TyperGroup) or text not in command.commands:
            return False
        command = command.commands[text]
    return True


def test_prometheus_watches_the_units_of_the_page_of_installing() -> None:
    page = (ROOT / "deploy/install.md").read_text()
    # A door runs only where it is wanted.
    started = re.findall(r"perfectum-sms-(\w+)@(\d)", page.partition("## With systemd")[2].partition("\n## ")[0])
    jobs = yaml.safe_load((FOLDER / "prometheus.yml").read_text())["scrape_configs"]
    watched = {target for job in jobs for config in job.get("static_configs", []) for target in config["targets"]}

    assert watched == {_listens_at(role).replace("%i", number) for role, number in started}


def _listens_at(role: str) -> str:
    unit = (ROOT / f"deploy/systemd/perfectum-sms-{role}@.service").read_text()
    return re.findall(r"SMS_LISTEN=(\S+)", unit)[0]


def test_metrics_that_pages_name_are_ours() -> None:
    pages = [page for folder in ("deploy", "worker") for page in (ROOT / folder).rglob("*.md")]
    named = {name for page in pages for name in re.findall(r"`(sms_\w+)`", page.read_text())}

    assert named
    assert named <= METRICS
