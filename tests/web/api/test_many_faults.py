"""A body in which everything is wrong costs little to refuse, and its refusal is short."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from tests.web.api.conftest import Api
from worker.web.api.problems import ERRORS_MAX
from worker.web.api.reading import COUNTED_MAX
from worker.web.api.service import BODY_MAX

PERSON = {"kind": "contact", "id": "17", "phonenumber": "067 123 45 67"}
#: What is asked, with as many faults as a number says.
ASKED: dict[str, tuple[str, str, Callable[[int], dict[str, Any]]]] = {
    "a list": ("PATCH", "/triggers/booking_reminder", lambda many: {"settings": {"before": [None] * many}}),
    "names": ("PATCH", "/triggers/booking_reminder", lambda many: {f"{nth:x}": 1 for nth in range(many)}),
    "settings": (
        "PATCH",
        "/triggers/booking_reminder",
        lambda many: {"settings": {f"{nth:x}": [{}] for nth in range(many)}},
    ),
    "people": ("POST", "/send", lambda many: {"text": "x", "recipients": [{}] * many}),
    "a person": ("POST", "/send", lambda many: {"text": "x", "recipients": [{f"{nth:x}": 1 for nth in range(many)}]}),
    "values": (
        "POST",
        "/send",
        lambda many: {"recipients": [PERSON], "shortcodes": {f"{nth:x}": 1 for nth in range(many)}},
    ),
}


def largest(made: Any) -> bytes:
    """The most of it that a body may hold."""
    content, many = b"", 10_000
    while len(longer := orjson.dumps(made(many))) <= BODY_MAX:
        content, many = longer, many + 5_000
    return content


@pytest.mark.parametrize(("method", "path", "made"), ASKED.values(), ids=ASKED)
def test_a_body_full_of_faults_is_refused_in_few_words(api: Api, method: str, path: str, made: Any) -> None:
    headers = {"Content-Type": "application/json", "Idempotency-Key": "x"}
    response = api.ask(method, path, content=largest(made), headers=headers)

    body = response.json()
    assert (response.status_code, body["type"]) == (400, "urn:perfectum-sms:problem:invalid")
    assert 0 < len(body["errors"]) <= ERRORS_MAX
    assert (len(response.content) < 10_000, len(body["detail"]) < 1_000) == (True, True)


def test_the_first_wrong_fields_are_named_and_the_rest_counted(api: Api) -> None:
    wrong = {f"x{nth}": 1 for nth in range(ERRORS_MAX + 7)}

    body = api.ask("PATCH", "/triggers/booking_reminder", json=wrong).json()

    assert [error["field"] for error in body["errors"]] == list(wrong)[:ERRORS_MAX]
    assert (body["more"], body["detail"].endswith("x4: is not known here; and 52 more")) == (7, True)


def test_above_so_many_faults_none_is_sought(api: Api) -> None:
    wrong = {f"x{nth}": 1 for nth in range(COUNTED_MAX + 1)}

    body = api.ask("PATCH", "/triggers/booking_reminder", json=wrong).json()

    assert body["errors"] == [{"field": "body", "problem": "has more than 5000 faults, too many to name them"}]


def test_a_name_that_a_client_made_up_is_cut(api: Api) -> None:
    body = api.ask("PATCH", "/triggers/booking_reminder", json={"x" * 100_000: 1}).json()

    assert body["errors"] == [{"field": "x" * 200, "problem": "is not known here"}]


def test_settings_of_a_change_are_so_many_at_most(api: Api) -> None:
    for settings, named in (
        ({"before": ["1h"] * 51}, "settings.before"),
        ({f"x{n}": 1 for n in range(21)}, "settings"),
    ):
        errors = api.ask("PATCH", "/triggers/booking_reminder", json={"settings": settings}).json()["errors"]

        assert [error["field"] for error in errors] == [named]
