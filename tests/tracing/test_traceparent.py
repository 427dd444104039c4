from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.crm import Json, event
from worker.core.contract.event import Event, read
from worker.tracing.traceparent import traceparent_of

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GOOD = f"00-{TRACE}-{SPAN}-01"
OTHER = f"00-{TRACE[::-1]}-{SPAN}-00"


@pytest.mark.parametrize("written", [GOOD, GOOD.encode(), f"01-{TRACE}-{SPAN}-01", f"cc-{TRACE}-{SPAN}-01-what-comes"])
def test_a_traceparent_of_any_version_is_read_as_the_first(written: object) -> None:
    assert traceparent_of(written) == GOOD


@pytest.mark.parametrize(
    "written",
    [
        *(
            "",
            "x",
            GOOD.upper(),
            GOOD + "\n",
            f" {GOOD}",
            f"{GOOD}-more",
            f"ff-{TRACE}-{SPAN}-01",
            f"0-{TRACE}-{SPAN}-01",
        ),
        *(
            f"00-{'0' * 32}-{SPAN}-01",
            f"00-{TRACE}-{'0' * 16}-01",
            f"00-{TRACE}-{SPAN}-1",
            f"cc-{TRACE}-{SPAN}-01-\x00",
        ),
        *(None, 17, True, [GOOD], {"traceparent": GOOD}, b"\xff\xfe", f"٠٠-{TRACE}-{SPAN}-01"),
    ],
)
def test_what_is_no_traceparent_is_none(written: object) -> None:
    assert traceparent_of(written) is None


@given(st.one_of(st.text(), st.binary(), st.none(), st.integers()))
def test_whatever_is_written_is_refused_without_a_word(written: object) -> None:
    assert traceparent_of(written) in {None, GOOD}


def _read(body: Json, hop: str | None = None) -> Event:
    key = f"acme.{body['type']}"
    result = read(orjson.dumps(body), routing_key=key, now=datetime(2027, 1, 1, tzinfo=UTC), hop=hop)
    assert isinstance(result, Event)
    return result


def test_an_event_belongs_to_the_trace_in_which_it_happened_before_that_of_its_message() -> None:
    body = event()

    assert _read(body).traceparent is None
    assert _read(body, hop=OTHER).traceparent == OTHER
    assert _read({**body, "traceparent": GOOD}, hop=OTHER).traceparent == GOOD
    assert _read({**body, "traceparent": "nonsense"}, hop=OTHER).traceparent == OTHER


def test_an_event_that_is_published_again_in_another_trace_is_the_same() -> None:
    body = event()
    contents = [{}, {"traceparent": GOOD}, {"traceparent": OTHER, "tracestate": "a=1"}, {"traceparent": [1]}]

    assert len({_read({**body, **traced}).content for traced in contents}) == 1
    assert _read({**body, "tenant": "1"}).content != _read(body).content
