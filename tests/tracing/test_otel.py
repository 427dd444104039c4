import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from worker.tracing import spans
from worker.tracing.otel import LINKS_MAX, Otel

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture
def exported() -> Generator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    spans.STATE.tracing = Otel(SimpleSpanProcessor(exporter), "worker", "1")
    yield exporter
    spans.end()


def test_a_span_lies_within_a_traceparent(exported: InMemorySpanExporter) -> None:
    with spans.span("process", "consumer", {"a": 1}, parent=PARENT):
        own = spans.traceparent()

    [span] = exported.get_finished_spans()
    assert own is not None
    assert own.startswith("00-4bf92f3577b34da6a3ce929d0e0e4736-")
    assert span.parent is not None
    assert span.parent.span_id == 0x00F067AA0BA902B7
    assert spans.ids() is None


def test_an_exceptions_words_are_not_kept(exported: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="380"), spans.span("process", "consumer", {}):
        raise ValueError("+380671234567")

    [span] = exported.get_finished_spans()
    assert (span.status.status_code, span.attributes) == (StatusCode.ERROR, {"error.type": "ValueError"})
    assert "380" not in span.to_json()


def _ids(_: int) -> tuple[str, str] | None:
    return spans.ids()


def test_another_thread_works_within_what_was_under_way(exported: InMemorySpanExporter) -> None:
    with ThreadPoolExecutor(4) as threads, spans.span("process", "consumer", {}):
        mine = spans.ids()
        theirs = list(threads.map(spans.carried(_ids), range(8)))

    assert theirs == [mine] * 8
    assert len(exported.get_finished_spans()) == 1


def test_links_are_kept_once_each_and_not_without_end(exported: InMemorySpanExporter) -> None:
    with spans.span("process", "consumer", {}) as span:
        span.link([PARENT, PARENT])
        span.link(f"00-{number:032x}-00f067aa0ba902b7-01" for number in range(1, 2000))

    [finished] = exported.get_finished_spans()
    assert len(finished.links) == LINKS_MAX


def test_a_span_ends_when_it_is_over_though_more_is_noted(exported: InMemorySpanExporter) -> None:
    with spans.span("POST", "client", {}) as span:
        span.over()
        before = time.time_ns()
        span.note({"later": 1})

    [finished] = exported.get_finished_spans()
    assert finished.attributes == {"later": 1}
    assert finished.end_time is not None
    assert finished.end_time <= before
