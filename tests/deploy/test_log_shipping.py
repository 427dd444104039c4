"""The examples for log shippers, against lines that worker.logs.setup writes.

Vector's own language runs here, by the same compiler (vrl); of Fluent Bit and Alloy no program can be had from the
sources the suite installs from, so the fields that their examples name are looked for in the lines.
"""

import io
import json
import logging
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
import vrl_python
import yaml
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.deploy.dockerfile import ROOT
from tests.support.logging_state import logging_as_before
from worker.health.outcome_log import report
from worker.logs.setup import configure, log
from worker.steps.effects import Ended
from worker.tracing import spans
from worker.tracing.otel import Otel

FOLDER = ROOT / "deploy/logs"
LABELS = {"service": "service.name", "level": "log.level", "action": "event.action"}
#: Of many values, and found all the same: beside the line, in no index.
METADATA = {"trace_id": "trace.id"}
#: What becomes a label must have few values; ids and free texts have many.
UNBOUNDED = ("sms.", "message", "error.", "@timestamp", "process.pid")
VECTOR = yaml.safe_load((FOLDER / "vector.yaml").read_text())
FLUENT_BIT = yaml.safe_load((FOLDER / "fluent-bit.yaml").read_text())
ALLOY = (FOLDER / "config.alloy").read_text()


@pytest.fixture(scope="module")
def lines() -> list[str]:
    """A line of ours, a line with an exception, and a line of a library."""
    stream = io.StringIO()
    with logging_as_before():
        configure("worker", "INFO", stream=stream)
        spans.STATE.tracing = Otel(SimpleSpanProcessor(InMemorySpanExporter()), "worker", "1")
        with spans.span("POST", "client", {}):
            report([Ended("acme", "order_created", (date(2026, 11, 1), 17), "e-1", "accepted")])
        spans.end()
        log.error("step.failed", exc_info=ValueError("never logged"))
        logging.getLogger("library").warning("it broke")
    return stream.getvalue().splitlines()


@pytest.fixture(scope="module")
def line(lines: list[str]) -> dict[str, Any]:
    return json.loads(lines[0])


def _remapped(message: str) -> dict[str, Any]:
    event = {"message": message, "host": "here", "timestamp": "2026-11-24T00:00:00Z"}
    return vrl_python.VRLRuntime().execute(VECTOR["transforms"]["lines"]["source"], event).processed_event


def test_vector_gives_our_fields_as_labels(lines: list[str]) -> None:
    for text in lines:
        written, event = json.loads(text), _remapped(text)

        assert event["level"] == written["log.level"]
        assert event["action"] == written.get("event.action", "none")
        assert event["service"] == written["service.name"]
    assert _remapped(lines[0])["action"] == "text.accepted"


def test_vector_loses_nothing_of_a_line(lines: list[str]) -> None:
    for text in lines:
        event = _remapped(text)

        assert {**event, **json.loads(text)} == event


def test_vector_takes_the_time_at_which_a_line_was_written(lines: list[str]) -> None:
    for text in lines:
        written_at = str(_remapped(text)["timestamp"]).replace(" UTC", "+00:00")

        assert datetime.fromisoformat(written_at) == datetime.fromisoformat(json.loads(text)["@timestamp"])


@pytest.mark.parametrize("text", ["Traceback (most recent call last):", "", "[1]", "17", "null", '{"half'])
def test_vector_passes_on_what_is_no_line_of_ours(text: str) -> None:
    event = _remapped(text)

    assert (event["message"], event["level"], event["action"], event["service"]) == (text, "unknown", "none", "other")


def test_vectors_parts_are_joined() -> None:
    transforms, sinks = VECTOR["transforms"], VECTOR["sinks"]

    assert set(transforms["lines"]["inputs"]) == set(VECTOR["sources"])
    assert sinks["loki"]["inputs"] == list(transforms)
    assert sinks["loki"]["labels"] == {label: f"{{{{ {label} }}}}" for label in LABELS}
    assert sinks["loki"]["structured_metadata"] == {name: f"{{{{ {name} }}}}" for name in METADATA}


def test_vector_gives_the_trace_of_a_line_that_has_one(lines: list[str]) -> None:
    traces = [_remapped(text)["trace_id"] for text in lines]

    assert traces == [json.loads(lines[0])["trace.id"], "", ""]
    assert re.fullmatch(r"[0-9a-f]{32}", traces[0])


def test_fluent_bit_finds_the_time_of_a_line(line: dict[str, Any]) -> None:
    [parser] = [parser for parser in FLUENT_BIT["parsers"] if parser["name"] == "perfectum-sms"]
    read = datetime.strptime(line[parser["time_key"]], parser["time_format"].replace("%L", "%f")).replace(tzinfo=UTC)

    assert read == datetime.fromisoformat(line["@timestamp"])


def test_fluent_bit_reads_every_input_with_our_parser() -> None:
    pipeline = FLUENT_BIT["pipeline"]
    parsed = {item["match"] for item in pipeline["filters"] if item["name"] == "parser"}

    assert parsed == {item["tag"] for item in pipeline["inputs"]}
    assert {item["parser"] for item in pipeline["filters"] if item["name"] == "parser"} == {"perfectum-sms"}


def test_fluent_bit_copies_fields_that_a_line_has_to_its_labels(line: dict[str, Any]) -> None:
    filters, [output] = FLUENT_BIT["pipeline"]["filters"], FLUENT_BIT["pipeline"]["outputs"]
    copies = [item["copy"].split() for item in filters if item["name"] == "modify"]
    copied = {label: field for field, label in copies}
    labels = dict(re.findall(r"(\w+)=\$(\w+)", output["labels"]))

    assert copied == LABELS | METADATA
    assert set(copied.values()) <= line.keys()
    assert labels == {label: label for label in LABELS}
    assert output["structured_metadata"] == ", ".join(f"{name}=${name}" for name in METADATA)


def _alloy_block(name: str) -> dict[str, str]:
    [body] = re.findall(rf"{re.escape(name)} {{(.*?)\n  }}", ALLOY, re.DOTALL)
    return {key: json.loads(value) for key, value in re.findall(r'(\w+)\s*= ("(?:[^"\\]|\\.)*")', body)}


def test_alloy_extracts_fields_that_a_line_has(line: dict[str, Any]) -> None:
    # A quoted identifier of JMESPath is a JSON string: https://jmespath.org/specification.html
    fields = {key: json.loads(expression) for key, expression in _alloy_block("stage.json").items()}

    assert fields == {"timestamp": "@timestamp", **LABELS, **METADATA}
    assert set(fields.values()) <= line.keys()


def test_alloy_labels_and_dates_by_what_it_extracted(line: dict[str, Any]) -> None:
    assert _alloy_block("stage.labels") == dict.fromkeys(LABELS, "")
    assert _alloy_block("stage.structured_metadata") == dict.fromkeys(METADATA, "")
    assert _alloy_block("stage.timestamp") == {"source": "timestamp", "format": "RFC3339Nano"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", line["@timestamp"])


def test_alloys_parts_are_joined() -> None:
    declared = {f"{type_}.{label}" for type_, label in re.findall(r'^([a-z.]+) "(\w+)" {', ALLOY, re.MULTILINE)}
    used = set(re.findall(r"([a-z.]+\.\w+)\.(?:receiver|targets)\b", ALLOY))

    assert used
    assert used <= declared
    assert ALLOY.count("{") == ALLOY.count("}")


def test_what_the_examples_name_beside_labels_is_in_a_line(line: dict[str, Any]) -> None:
    for name in ("vector.yaml", "fluent-bit.yaml", "config.alloy"):
        named = set(re.findall(r"(?<![\w-])sms\.\w+", (FOLDER / name).read_text()))

        assert {"sms.event_id", "sms.notification"} <= named <= line.keys()


def test_no_label_has_values_without_end() -> None:
    assert not any(field.startswith(UNBOUNDED) for field in LABELS.values())


def test_the_journal_is_asked_for_what_the_units_write_to_it() -> None:
    units = [unit.read_text() for unit in (ROOT / "deploy/systemd").glob("*.service")]
    [written] = {name for unit in units for name in re.findall(r"^SyslogIdentifier=(.+)$", unit, re.MULTILINE)}
    wanted = f"SYSLOG_IDENTIFIER={written}"

    assert VECTOR["sources"]["journal"]["include_matches"] == {"SYSLOG_IDENTIFIER": [written]}
    assert FLUENT_BIT["pipeline"]["inputs"][0]["systemd_filter"] == wanted
    assert f'matches    = "{wanted}"' in ALLOY


def test_containers_to_log_are_chosen_by_the_compose_project() -> None:
    project = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())["name"]
    wanted = f"com.docker.compose.project={project}"

    assert VECTOR["sources"]["containers"]["include_labels"] == [wanted]
    assert f'values = ["{wanted}"]' in ALLOY
