import io
import json
import logging
import threading
import time
from collections.abc import Callable, Generator
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.logging_state import logging_as_before
from tests.support.waiting import PATIENCE_S
from worker.logs.redaction import STORED, mask, mask_own, mask_secrets, visible
from worker.logs.setup import configure, log
from worker.store.accounts.secrets import WrongSecretError

PHONES = ("+380671234567", "0671234567", "067 123 45 67", "(067) 123-45-67", "+38 (067) 123-45-67", "067.123.45.67")
PHONE = PHONES[0]
LINE_MAX = 16_384

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def stream() -> Generator[io.StringIO]:
    stream = io.StringIO()
    with logging_as_before():
        configure("worker", "INFO", stream=stream)
        yield stream


@pytest.fixture
def lines(stream: io.StringIO) -> Lines:
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def fail(error: BaseException) -> None:
    raise error


def test_a_line_has_ecs_names_and_ids(lines: Lines) -> None:
    log.info("text.accepted", account="acme", notification="2026-11/17", trigger="order_created", state="accepted")

    [line] = lines()
    assert line["event.action"] == "text.accepted"
    assert line["message"] == "TurboSMS took text 2026-11/17 of acme (order_created)."
    assert (line["sms.account"], line["sms.notification"]) == ("acme", "2026-11/17")
    assert (line["service.name"], line["log.level"]) == ("perfectum-sms-worker", "info")
    assert line["@timestamp"].endswith("Z")


def test_log_line_never_carries_an_exceptions_message(lines: Lines, stream: io.StringIO) -> None:
    try:
        fail(ValueError(f"DETAIL: row (acme, {PHONE}, hunter2)"))
    except ValueError as error:
        log.warning("batch.returned", exc_info=error)
        logging.getLogger("library").exception("it broke")

    assert [line["error.type"] for line in lines()] == ["ValueError", "ValueError"]
    assert "test_logs.py" in lines()[0]["error.stack_trace"]
    assert not any(text in stream.getvalue() for text in ("67123", "hunter2", "error.message"))


def test_a_cause_is_logged_with_its_frames_only(lines: Lines, stream: io.StringIO) -> None:
    try:
        try:
            fail(KeyError(PHONE))
        except KeyError as error:
            raise RuntimeError(PHONE) from error
    except RuntimeError:
        log.exception("step.failed")

    assert "KeyError" in lines()[0]["error.stack_trace"]
    assert "67123" not in stream.getvalue()


def test_the_code_of_postgresql_is_logged(lines: Lines) -> None:
    log.error("write.failed", exc_info=psycopg.errors.UniqueViolation(PHONE))

    assert lines()[0]["error.code"] == "23505"


def test_our_own_exceptions_are_quoted(lines: Lines) -> None:
    log.error("secret.wrong", exc_info=WrongSecretError())

    assert lines()[0]["error.message"].startswith("SMS_SECRET_KEY does not open")


def test_personal_keys_are_dropped(stream: io.StringIO) -> None:
    log.info("notification.sent", phone=PHONE, text="Вітаємо", token="hunter2", body=b"hunter2", facts={"a": PHONE})

    assert "67123" not in stream.getvalue()
    assert "hunter2" not in stream.getvalue()
    assert "sms." not in stream.getvalue()


def test_only_the_type_of_a_structure_is_logged(lines: Lines) -> None:
    log.info("notification.sent", record={"phone": PHONE}, ids=[1, "x", {"phone": PHONE}])

    assert lines()[0]["sms.record"] == "<dict>"
    assert lines()[0]["sms.ids"] == [1, "x", "<dict>"]


@pytest.mark.parametrize("phone", PHONES)
def test_a_librarys_phones_are_masked(stream: io.StringIO, phone: str) -> None:
    logging.getLogger("library").warning("could not send to %s", phone)

    assert "123" not in stream.getvalue().partition("process.pid")[0].partition("message")[2]


@pytest.mark.parametrize(
    "text",
    [
        "amqp://user:hunter2@host/",
        "user:hunter2@host",
        "Authorization: Bearer hunter2",
        "token=hunter2",
        '{"token": "hunter2"}',
        "password='hunter2'",
    ],
)
def test_a_librarys_secrets_are_masked(lines: Lines, text: str) -> None:
    logging.getLogger("library").warning(text)

    assert "hunter2" not in lines()[0]["message"]


@pytest.mark.parametrize("text", ["10.20.130.240:5672", "2026-11-23 10:15:00,123", "in 0.123456789 s", "tag 123456"])
def test_addresses_and_dates_are_not_masked(text: str) -> None:
    assert mask(text) == text


def test_a_sentence_says_what_is_masked_as_such(lines: Lines) -> None:
    log.info("event.planned", account="acme", event_id="order/0671234567", type="order.created", count=1)

    assert lines()[0]["message"] == "Event order/*** of acme (order.created) led to 1 texts."


def test_ids_of_ours_are_not_masked() -> None:
    ids = ("8f0c2f1e-0001-4000-8000-380671234567", "3f380671234567aa3f380671234567aa", "901")

    assert [mask_own(item) for item in ids] == list(ids)
    assert mask_own(PHONE) == "***"


@given(st.text(max_size=40))
def test_masking_is_quick_and_the_same(text: str) -> None:
    for given_text in (text, f"{text}0671234567", f"{text} token=hunter2"):
        slow = mask_secrets(given_text)

        assert mask_own(given_text) == STORED.sub("***", slow)


@given(st.text(), st.text())
def test_any_text_stays_one_json_object_of_bounded_length(name: str, value: str) -> None:
    stream = io.StringIO()
    with logging_as_before():
        configure("worker", "INFO", stream=stream)

        log.info(name, value=value * 50, many=[value * 50] * 50)
        logging.getLogger("library").warning("%s", value * 5000)

    written = stream.getvalue().split("\n")
    assert [len(line) <= LINE_MAX and type(json.loads(line)) for line in written[:-1]] == [dict, dict]
    assert written[-1] == ""
    assert all(32 <= ord(char) < 127 for line in written for char in line)


def test_chatter_of_libraries_is_left_out(lines: Lines) -> None:
    logging.getLogger("pika.adapters.blocking_connection").error("Connection workflow failed")
    logging.getLogger("httpx").info("HTTP Request: POST")
    logging.getLogger("dramatiq.worker.ConsumerThread(crm.events)").critical(
        "Consumer encountered a connection error: %s", "gone"
    )
    logging.getLogger("pika.channel").warning("Received remote Channel.Close")
    logging.getLogger("pika.channel").error("something of its own")

    assert [line["message"] for line in lines()] == ["something of its own"]


def test_the_level_is_obeyed(lines: Lines) -> None:
    log.debug("step.begun")
    logging.getLogger("library").debug("details")

    assert lines() == []


def test_a_thread_that_crashes_is_logged_without_its_message(lines: Lines, stream: io.StringIO) -> None:
    thread = threading.Thread(target=fail, args=(ValueError(PHONE),))
    thread.start()
    thread.join()

    assert lines()[0]["event.action"] == "thread.crashed"
    assert "67123" not in stream.getvalue()


@given(st.text())
def test_a_visible_text_cannot_control_a_terminal(text: str) -> None:
    shown = visible(text + "\x1b[31m\x9b\u202e\r")

    assert not set(shown) & set("\x1b\x9b\u202e\r\x07\x08")


@pytest.mark.parametrize("piece", ["a", "a:", "token", "0 ", "-", "a.b%", "://", "1", "://a", "0671", "a: "])
def test_masking_a_long_sentence_costs_its_length(piece: str) -> None:
    started = time.process_time()

    mask(piece * (400_000 // len(piece)))

    assert time.process_time() - started < PATIENCE_S  # and hours where it costs the square
