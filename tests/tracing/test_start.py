import subprocess
import sys

from worker.tracing import spans
from worker.tracing.start import begin

#: Everything that runs, without a word about traces.
UNTRACED = """
import sys
import schedules.process, worker.cli, worker.process, worker.simulator.server, worker.web.process
from worker.tracing.start import begin
assert begin("", "worker", "1", {}) == "off"
print(*(name for name in sys.modules if name.split(".")[0] in {"opentelemetry", "google", "requests"}))
"""
WITHOUT_THE_EXTRA = """
import sys
sys.modules["opentelemetry"] = None
from worker.tracing import spans
from worker.tracing.start import begin
print(begin("http://127.0.0.1:4318", "worker", "1", {}), spans.STATE.tracing)
"""


def _printed(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()


def test_nothing_of_opentelemetry_is_imported_while_tracing_is_off() -> None:
    assert _printed(UNTRACED) == ""


def test_a_worker_without_the_extra_works_untraced() -> None:
    assert _printed(WITHOUT_THE_EXTRA) == "lacking None"


def test_tracing_is_asked_for_by_an_endpoint() -> None:
    assert begin("", "worker", "1", {}) == "off"
    assert begin("", "worker", "1", {"OTEL_EXPORTER_OTLP_ENDPOINT": ""}) == "off"
    assert begin("http://127.0.0.1:4318", "worker", "1", {"OTEL_SDK_DISABLED": "True"}) == "off"


def test_nothing_happens_in_a_span_while_tracing_is_off() -> None:
    with spans.span("POST", "client", {}) as span:
        span.note({"a": 1})
        span.link(["x"])
        span.over()

    assert (span.is_on, spans.ids(), spans.traceparent()) == (False, None, None)
    assert spans.carried(print) is print
