"""Traces of real workers, as a collector gets them over OTLP/HTTP."""

import socket
from collections.abc import Callable, Generator, Sequence

import orjson
import pytest

from tests.pipeline.conftest import System, wait_for_accepted
from tests.pipeline.tracing.collector import Collector, Span, collecting
from tests.support.crm import Json, event, person, routing_key, rows
from tests.support.leaks import secret_in
from tests.support.waiting import PATIENCE_S, wait_until
from worker.amqp.publisher import Outgoing, Publisher
from worker.amqp.topology import EVENTS_EXCHANGE
from worker.store.db.postgres import Pool

HAPPENED, HOP = "4bf92f3577b34da6a3ce929d0e0e4736", "0af7651916cd43dd8448eb211c80319c"
#: Export soon, so that nobody waits for it.
SOON = {"OTEL_BSP_SCHEDULE_DELAY": "50"}
Send = Callable[[Sequence[tuple[Json, str | None]]], None]


def traceparent(trace: str) -> str:
    return f"00-{trace}-00f067aa0ba902b7-01"


@pytest.fixture
def collector() -> Generator[Collector]:
    with collecting() as collector:
        yield collector


@pytest.fixture
def send(amqp_url: str) -> Generator[Send]:
    """Publish events, each within a hop."""
    publisher = Publisher(amqp_url)

    def confirmed(events: Sequence[tuple[Json, str | None]]) -> None:
        messages = [
            Outgoing(EVENTS_EXCHANGE, routing_key(event), orjson.dumps(event), traceparent=hop) for event, hop in events
        ]
        assert publisher.publish(messages, patience_s=PATIENCE_S).result(PATIENCE_S) == len(messages)

    yield confirmed
    publisher.close()


def posts(collector: Collector, count: int) -> list[Span]:
    wait_until(lambda: len(collector.spans("POST")) == count, f"{count} POSTs, now {collector.spans()}")
    return collector.spans("POST")


def test_a_batch_is_linked_to_the_traces_of_its_events_and_a_post_is_within_it(
    system: System, send: Send, pool: Pool, collector: Collector
) -> None:
    system.start("worker", SMS_OTEL_ENDPOINT=collector.url, **SOON)

    send([({**event("order.created"), "traceparent": traceparent(HAPPENED)}, traceparent(HOP))])
    wait_for_accepted(pool, 1)

    [post] = posts(collector, 1)
    [batch] = collector.spans("process crm.events")
    assert (batch.service, batch.kind, batch.parent) == ("perfectum-sms-worker", "SPAN_KIND_CONSUMER", "")
    assert batch.links == {HAPPENED, HOP}
    assert batch.facts == {
        "messaging.system": "rabbitmq",
        "messaging.operation.type": "process",
        "messaging.destination.name": "crm.events.urgent",
        "messaging.batch.message_count": 1,
    }
    assert (post.kind, post.trace, post.links) == ("SPAN_KIND_CLIENT", batch.trace, {HAPPENED})
    assert post.parent in {span.id for span in collector.spans("process")}
    assert len(str(post.facts.pop("sms.attempt"))) == 32
    assert post.facts == {
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "sms.account": "acme",
        "sms.lane": "urgent",
        "sms.lease": 1,
        "sms.texts": 1,
        "sms.outcome": "accepted",
    }
    assert 0 < post.seconds < PATIENCE_S


def test_a_trace_goes_on_in_the_worker_that_gets_the_nudge(
    system: System, send: Send, pool: Pool, collector: Collector
) -> None:
    traced = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, **SOON}
    system.start("worker", "--queues", "crm.events,crm.events.urgent", **traced)
    system.start("worker", "--queues", "sms.urgent,sms.normal,sms.bulk", **traced)

    send([(event("invoice.overdue"), traceparent(HOP))])
    wait_for_accepted(pool, 1)

    [post] = posts(collector, 1)
    wait_until(lambda: len(collector.spans("process")) == 2, "both sides")
    batch, nudge = sorted(collector.spans("process"), key=lambda span: bool(span.parent))
    assert (nudge.trace, nudge.parent) == (batch.trace, batch.id)
    assert (post.trace, post.parent, post.links) == (batch.trace, nudge.id, {HOP})
    assert rows(pool, "SELECT traceparent FROM events") == [(traceparent(HOP),)]


def test_log_lines_have_the_ids_of_their_span(system: System, send: Send, pool: Pool, collector: Collector) -> None:
    system.start("worker", SMS_OTEL_ENDPOINT=collector.url, **SOON)
    send([(event(), None)])
    wait_for_accepted(pool, 1)

    [post] = posts(collector, 1)

    [planned], [accepted] = system.log_lines("event.planned"), system.log_lines("text.accepted")
    assert planned["trace.id"] == accepted["trace.id"] == post.trace
    assert {span.id: span.name for span in collector.spans()}[planned["span.id"]] == "process crm.events"
    assert accepted["span.id"] == post.id
    assert "trace.id" not in system.log_lines("worker.started")[0]


def test_a_malformed_traceparent_is_ignored_and_its_event_accepted(
    system: System, send: Send, pool: Pool, collector: Collector
) -> None:
    system.start("worker", SMS_OTEL_ENDPOINT=collector.url, **SOON)

    send(
        [
            ({**event(), "traceparent": {"a": [1]}}, "x" * 10_000),
            ({**event(), "traceparent": f"00-{'0' * 32}-00f067aa0ba902b7-01"}, ""),
            ({**event(), "traceparent": 17, "tracestate": None}, traceparent(HAPPENED).upper()),
        ]
    )
    wait_for_accepted(pool, 3)

    assert {link for span in [*posts(collector, 3), *collector.spans("process")] for link in span.links} == set()
    assert rows(pool, "SELECT count(*) FROM dead_letters") == [(0,)]


def test_spans_hold_no_phone_text_or_token(system: System, send: Send, pool: Pool, collector: Collector) -> None:
    system.start("worker", SMS_OTEL_ENDPOINT=collector.url, **SOON)
    send([(event("order.created"), None), (event(recipients=[person(phone="0671112233")]), None)])
    wait_for_accepted(pool, 2)

    posts(collector, 2)

    assert secret_in(b" ".join(collector.bodies).decode(errors="replace")) is None


@pytest.fixture(params=["away", "silent"])
def broken_collector(request: pytest.FixtureRequest) -> Generator[str]:
    """The address of one that refuses connections, or of one that takes them and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        if request.param == "silent":
            yield address
    if request.param == "away":
        yield address


def test_texts_go_and_a_worker_ends_though_no_collector_answers(
    system: System, send: Send, pool: Pool, broken_collector: str
) -> None:
    system.start("worker", SMS_OTEL_ENDPOINT=broken_collector, **SOON)

    send([(event(), traceparent(HOP))])
    wait_for_accepted(pool, 1)

    assert system.stop() == [0]


def test_nothing_is_traced_where_nobody_asks(system: System, send: Send, pool: Pool, collector: Collector) -> None:
    asked = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, **SOON}
    system.start("worker", OTEL_SDK_DISABLED="true", **asked)
    send([(event(), traceparent(HOP))])
    wait_for_accepted(pool, 1)

    assert system.stop() == [0]

    assert collector.bodies == []
    assert system.log_lines("tracing.started") == []
