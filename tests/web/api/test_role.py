"""Whatever the API does, the role of the console may do, which owns nothing and deletes next to nothing."""

from typing import Any

from tests.support.crm import delivery, event, row
from tests.support.databases import own_roles
from tests.web.api.conftest import served
from worker.steps.ingest.ingest import accept
from worker.steps.ingest.plan import Intake
from worker.web.api.catalogue import ENDPOINTS

PERSON = """
INSERT INTO pauses (account, scope, reason, since, paused_by)
SELECT account, 'person/' || encode(recipient_key, 'hex'), 'runaway', now(), 'worker' FROM notifications
RETURNING scope
"""
SEND = {"recipients": [{"kind": "contact", "id": "17", "phonenumber": "067 123 45 67"}], "text": "Вітаємо!"}
#: A call of each endpoint that changes anything, in an order in which each finds something to change.
CHANGES: list[tuple[str, str, str, Any]] = [
    ("POST", "/send", "/send", SEND),
    ("PATCH", "/triggers/{trigger}", "/triggers/contact_birthday", {"enabled": False, "daily_segments": 5}),
    ("PUT", "/templates/{name:path}", "/templates/Осінь", {"text": "Осінь", "section": "clients"}),
    ("PUT", "/templates/{name:path}", "/templates/order_created?locale=en", {"text": "received"}),
    ("POST", "/preview", "/preview", {"name": "order_created"}),
    ("POST", "/lint", "/lint", {}),
    ("POST", "/pauses", "/pauses", {"lane": "bulk"}),
    ("DELETE", "/pauses/{id:path}", "/pauses/hand/lane/bulk", None),
    ("PUT", "/stop-list/{phone:path}", "/stop-list/067 123 45 67", {}),
    ("DELETE", "/stop-list/{phone:path}", "/stop-list/067 123 45 67", None),
]
HEADERS = {"POST": {"Idempotency-Key": "one"}, "PATCH": {"If-Match": "*"}}
READ = ("/notifications?search=Вітаємо", "/events", "/triggers", "/templates", "/shortcodes", "/stop-list", "/pauses")
FIGURES = ("/stats", "/stats/texts", "/stats/costs")


def test_each_endpoint_that_changes_anything_is_called_here() -> None:
    changing = {(each.method, each.path) for each in ENDPOINTS if each.method != "GET"}

    assert {(method, path) for method, path, *_ in CHANGES} == changing


def test_the_role_of_the_console_may_do_whatever_the_api_does(database_url: str, intake: Intake) -> None:
    accept(intake, [delivery(event("order.created"))])
    person = row(intake.pool, PERSON)[0]
    with own_roles(database_url) as urls, served(urls.web) as api:
        changed = {
            f"{method} {path}": api.ask(method, path, json=body, headers=HEADERS.get(method, {})).status_code
            for method, _, path, body in [*CHANGES, ("DELETE", "", f"/pauses/{person}", None)]
        }
        read = {path: api.ask("GET", path).status_code for path in (*READ, *FIGURES)}

    assert {call: status for call, status in {**changed, **read}.items() if status not in {200, 201, 202, 204}} == {}
