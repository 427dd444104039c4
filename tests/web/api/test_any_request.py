"""Whatever is asked, right or wrong, is answered as the document says, and never with a fault of ours."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode

from tests.support.crm import delivery, event, person
from tests.support.tries import tries
from tests.web.api.conftest import Api, bearer
from tests.web.api.strict_document import ALWAYS, checks_of, operations
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake

OPERATIONS = operations()
KEY = {"Authorization": bearer("acme-phones")}


@pytest.fixture
def event_id(intake: Intake) -> str:
    """An event that led to a text, beside one that did not."""
    phones = ("067 123 45 67", None)
    bodies = [event("order.created", recipients=[person("order", phone=phone)]) for phone in phones]
    accept(intake, [delivery(body) for body in bodies])
    return bodies[0]["id"]


@pytest.mark.parametrize("label", OPERATIONS)
@pytest.mark.usefixtures("event_id")
def test_any_request_is_answered_as_the_document_says(api: Api, label: str) -> None:
    operation = OPERATIONS[label]
    cases: Any = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode))

    @settings(max_examples=tries())
    @given(case=cases)
    def is_answered(case: Any) -> None:
        response = case.call(base_url=f"{api.url}/api/v1", headers=KEY)
        case.validate_response(response, checks=checks_of(case, response))

    is_answered()


def test_what_is_there_is_answered_as_the_document_says(api: Api, event_id: str) -> None:
    month, number = api.read("/notifications", event=event_id)["items"][0]["id"].split("/")
    given_paths = {
        "GET /notifications": {},
        "GET /notifications/{month}/{number}": {"month": month, "number": number},
        "GET /events": {},
        "GET /events/{event}": {"event": event_id},
    }

    for label, path in given_paths.items():
        case = OPERATIONS[label].Case(path_parameters=path)
        response = case.call_and_validate(base_url=f"{api.url}/api/v1", headers=KEY, checks=ALWAYS)
        assert response.status_code == 200, label
