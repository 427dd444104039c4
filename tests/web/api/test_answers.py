"""Good answers of what people do are those that the document shows, field by field."""

from typing import Any

import pytest

from tests.support.crm import delivery, event, execute
from tests.web.api.conftest import Api, bearer
from tests.web.api.strict_document import ALWAYS, operations
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake

OPERATIONS = operations()
KEY = {"Authorization": bearer("acme-phones")}
SEND = {"recipients": [{"kind": "contact", "id": "17", "phonenumber": "067 123 45 67"}], "text": "Вітаємо!"}
VIBER = {"ttl": 600, "button": {"caption": "Взяти", "link": "https://acme.ua/"}}
AUTUMN = {"text": "{contact_firstname}!", "section": "clients", "viber": VIBER}
LANE, PHONE, TRIGGER, NAME = {"id": "hand/lane/bulk"}, {"phone": "0671234567"}, {"trigger": "contact_birthday"}, "name"
PAUSE = "INSERT INTO pauses (account, scope, reason, since, paused_by) VALUES ('acme', 'account', 'money', now(), 'x')"
READ = {"If-Match": "*"}
#: Calls in an order in which each finds something, and their statuses.
CALLS: list[tuple[str, int, dict[str, Any]]] = [
    ("POST /send", 202, {"body": SEND, "headers": {"Idempotency-Key": "one"}}),
    ("POST /send", 202, {"body": SEND, "headers": {"Idempotency-Key": "one"}}),
    ("GET /triggers", 200, {}),
    ("GET /triggers/{trigger}", 200, {"path_parameters": TRIGGER}),
    ("PATCH /triggers/{trigger}", 428, {"path_parameters": TRIGGER, "body": {"daily_segments": 5}}),
    ("PATCH /triggers/{trigger}", 200, {"path_parameters": TRIGGER, "body": {"daily_segments": 5}, "headers": READ}),
    ("PUT /templates/{name}", 201, {"path_parameters": {NAME: "Осінь"}, "body": AUTUMN}),
    ("PUT /templates/{name}", 428, {"path_parameters": {NAME: "Осінь"}, "body": AUTUMN}),
    ("PUT /templates/{name}", 200, {"path_parameters": {NAME: "Осінь"}, "body": AUTUMN, "headers": READ}),
    ("GET /templates", 200, {}),
    ("GET /templates/{name}", 200, {"path_parameters": {NAME: "Осінь"}}),
    ("GET /template-versions/{name}", 200, {"path_parameters": {NAME: "Осінь"}}),
    ("GET /shortcodes", 200, {"query": {"trigger": "booking_confirmed"}}),
    ("POST /preview", 200, {"body": {"name": "order_created"}}),
    ("POST /lint", 200, {"body": {"name": "order_created", "text": "{nobody}"}}),
    ("PUT /stop-list/{phone}", 201, {"path_parameters": PHONE, "body": {}}),
    ("GET /stop-list", 200, {"query": {"phones": "true"}}),
    ("GET /stop-list/{phone}", 200, {"path_parameters": PHONE}),
    ("DELETE /stop-list/{phone}", 204, {"path_parameters": PHONE}),
    ("POST /pauses", 201, {"body": {"lane": "bulk", "note": "x"}}),
    ("GET /pauses", 200, {}),
    ("DELETE /pauses/{id}", 200, {"path_parameters": LANE}),
    ("GET /stats", 200, {}),
    ("GET /stats/texts", 200, {"query": {"by": ["trigger", "day"]}}),
    ("GET /stats/costs", 200, {"query": {"by": "month"}}),
]


def test_good_answers_are_as_the_document_says(api: Api, intake: Intake, subtests: pytest.Subtests) -> None:
    accept(intake, [delivery(event("order.created"))])
    execute(intake.pool, PAUSE)

    for label, status, asked in CALLS:
        with subtests.test(label):
            case = OPERATIONS[label].Case(**asked, media_type="application/json" if "body" in asked else None)
            response = case.call_and_validate(base_url=f"{api.url}/api/v1", headers=KEY, checks=ALWAYS)
            assert response.status_code == status, response.text
