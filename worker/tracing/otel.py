"""Spans by OpenTelemetry's SDK, exported over OTLP/HTTP by a thread of its own."""

import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import TypeVar

from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanContext, SpanKind, StatusCode, TraceFlags

from worker.tracing.spans import Facts, Kind

T = TypeVar("T")
PATH = "/v1/traces"
KINDS = {"consumer": SpanKind.CONSUMER, "client": SpanKind.CLIENT}
#: A batch has at most 400 events, each with a trace of its own and that of its message; the SDK would keep 128.
LINKS_MAX = 1_000
#: A process that ends waits at most so long for its last spans to be taken.
END_S = 1.0


def exporting(endpoint: str, service: str, version: str) -> "Otel":
    """Export to an endpoint as `http://127.0.0.1:4318`; without one to that of the standard's variables."""
    exporter = OTLPSpanExporter(endpoint=endpoint + PATH if endpoint else None)
    return Otel(BatchSpanProcessor(exporter), service, version)


class Otel:
    def __init__(self, processor: SpanProcessor, service: str, version: str) -> None:
        resource = Resource.create({"service.name": f"perfectum-sms-{service}", "service.version": version})
        self._provider = TracerProvider(
            resource=resource, shutdown_on_exit=False, span_limits=SpanLimits(max_links=LINKS_MAX)
        )
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("perfectum-sms", version)

    @contextmanager
    def span(self, name: str, kind: Kind, facts: Facts, parent: str | None) -> "Generator[OtelSpan]":
        within = trace.set_span_in_context(trace.NonRecordingSpan(context_of(parent))) if parent else None
        raw = self._tracer.start_span(name, context=within, kind=KINDS[kind], attributes=facts)
        span = OtelSpan(raw)
        try:
            # An exception's words may quote a row, and a row has a phone.
            with trace.use_span(raw, record_exception=False, set_status_on_exception=False):
                yield span
        except BaseException as error:
            raw.set_attribute("error.type", type(error).__qualname__)
            raw.set_status(StatusCode.ERROR)
            raise
        finally:
            raw.end(span.ended_at)

    def current(self) -> "OtelSpan":
        return OtelSpan(trace.get_current_span())

    def traceparent(self) -> str | None:
        now = trace.get_current_span().get_span_context()
        if not now.is_valid:
            return None
        return f"00-{now.trace_id:032x}-{now.span_id:016x}-{now.trace_flags:02x}"

    def ids(self) -> tuple[str, str] | None:
        now = trace.get_current_span().get_span_context()
        return (f"{now.trace_id:032x}", f"{now.span_id:016x}") if now.is_valid else None

    def carried(self, work: Callable[..., T]) -> Callable[..., T]:
        here = contexts.get_current()

        def within(*arguments: object) -> T:
            token = contexts.attach(here)
            try:
                return work(*arguments)
            finally:
                contexts.detach(token)

        return within

    def end(self) -> None:
        self._provider.force_flush(int(END_S * 1000))


class OtelSpan:
    is_on = True

    def __init__(self, span: trace.Span) -> None:
        self._span = span
        self._linked = set[str]()
        self.ended_at: int | None = None

    def note(self, facts: Facts) -> None:
        self._span.set_attributes(facts)

    def link(self, traceparents: Iterable[str]) -> None:
        for traceparent in traceparents:
            if traceparent not in self._linked and len(self._linked) < LINKS_MAX:
                self._linked.add(traceparent)
                self._span.add_link(context_of(traceparent))

    def over(self) -> None:
        self.ended_at = time.time_ns()


def context_of(traceparent: str) -> SpanContext:
    """The span that a traceparent of `worker.tracing.traceparent` names."""
    _, trace_id, span_id, flags = traceparent.split("-")
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=TraceFlags(int(flags, 16)))
