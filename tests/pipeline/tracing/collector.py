"""A collector of traces on this machine: takes OTLP over HTTP and keeps the spans."""

import threading
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1 import trace_pb2


@dataclass(frozen=True, slots=True)
class Span:
    service: str
    name: str
    kind: str
    trace: str
    id: str
    parent: str
    #: Traces that it is linked to.
    links: frozenset[str]
    facts: dict[str, str | int]
    seconds: float


@dataclass
class Collector:
    url: str = ""
    bodies: list[bytes] = field(default_factory=list[bytes])

    def spans(self, name: str = "") -> list[Span]:
        return [span for body in list(self.bodies) for span in read(body) if span.name.startswith(name)]


def read(body: bytes) -> Iterable[Span]:
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        service = str(facts_of(resource.resource.attributes)["service.name"])
        for scope in resource.scope_spans:
            yield from (span_of(service, span) for span in scope.spans)


def span_of(service: str, span: trace_pb2.Span) -> Span:
    return Span(
        service,
        span.name,
        trace_pb2.Span.SpanKind.Name(span.kind),
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex(),
        frozenset(link.trace_id.hex() for link in span.links),
        facts_of(span.attributes),
        (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
    )


def facts_of(attributes: Iterable[KeyValue]) -> dict[str, str | int]:
    return {item.key: item.value.string_value or item.value.int_value for item in attributes}


@contextmanager
def collecting() -> Generator[Collector]:
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class calls it so)
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collector.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield collector
        finally:
            server.shutdown()
            thread.join()
