import io
import json
from collections.abc import Generator
from datetime import date

import pytest

from tests.support.logging_state import logging_as_before
from worker.core.sending.notification_states import ENDS, MOVES
from worker.health.outcome_log import NAMED, report
from worker.logs.sentences import SENTENCES
from worker.logs.setup import configure
from worker.steps.effects import Accounted, Buried, Ended, Moved

ID = (date(2026, 11, 1), 56)


@pytest.fixture
def stream() -> Generator[io.StringIO]:
    stream = io.StringIO()
    with logging_as_before():
        configure("worker", "INFO", stream=stream)
        yield stream


def fields(stream: io.StringIO) -> list[dict[str, object]]:
    names = ("event.action", "log.level", "message")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    return [{name: value for name, value in line.items() if name in names or name.startswith("sms.")} for line in lines]


def test_an_end_of_a_text_is_a_line_with_all_its_ids(stream: io.StringIO) -> None:
    report([Ended("acme", "order_created", ID, "e-1", "refused", "invalid_phone"), Moved("urgent", "refused", 1)])

    assert fields(stream) == [
        {
            "log.level": "info",
            "message": "TurboSMS refused text 2026-11/56 of acme (order_created): invalid_phone.",
            "event.action": "text.refused",
            "sms.account": "acme",
            "sms.trigger": "order_created",
            "sms.event_id": "e-1",
            "sms.notification": "2026-11/56",
            "sms.state": "refused",
            "sms.reason": "invalid_phone",
        }
    ]


def test_an_event_is_a_line_with_its_texts(stream: io.StringIO) -> None:
    report([Accounted("acme", "e-1", "order.created", "planned", (ID,) * 30)])

    [line] = fields(stream)
    assert line["message"] == "Event e-1 of acme (order.created) led to 30 texts."
    assert line["sms.notifications"] == ["2026-11/56"] * NAMED


def test_a_dead_letter_is_a_warning(stream: io.StringIO) -> None:
    report([Buried("job", "failing", "acme", "e-1", None, ID)])

    [line] = fields(stream)
    assert (line["log.level"], line["event.action"]) == ("warning", "dead_letter.job")
    assert line["message"] == "Text 2026-11/56 of acme needs a person: failing. See perfectum-sms dead list."
    assert line["sms.notification"] == "2026-11/56"


def test_a_name_where_an_id_or_a_type_belongs_is_not_logged(stream: io.StringIO) -> None:
    report([Buried("event", "schema", "acme", "Дем'янюк", "Олена", None)])
    report([Accounted("acme", "Дем'янюк", "order.created", "planned", (ID,)), Buried("event", "x", "acme", "e", "t")])

    assert [(line["sms.event_id"], line["sms.type"]) for line in fields(stream)] == [
        ("***", None),
        ("***", "order.created"),
        ("e", None),
    ]


def test_a_text_that_nobody_reports_on_has_a_line_of_its_own(stream: io.StringIO) -> None:
    report([Ended("acme", "x", ID, None, "sent", "no_receipt")])

    assert fields(stream)[0]["event.action"] == "text.unreported"


def test_every_end_has_a_sentence() -> None:
    assert MOVES.keys() >= ENDS
    assert {f"text.{state}" for state in ENDS} <= SENTENCES.keys()
