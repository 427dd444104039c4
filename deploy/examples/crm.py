"""A CRM in one file: it publishes an order, hears what became of the text, and asks and sends by the API.

Takes SMS_AMQP_URL and, for the account `demo`, CRM_API_URL and CRM_API_KEY (scopes `read` and `send`). Needs pika and
httpx, as `.venv` has them.
"""

import json
import os
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pika
from pika.adapters.blocking_connection import BlockingChannel

ACCOUNT, QUEUE = "demo", "crm-demo.outcomes"
#: Ends of the way of a text, as types of outcomes name them; a CRM that waits for nothing needs none.
ENDS = {"delivered", "read", "undelivered", "skipped", "failed", "expired", "cancelled", "unconfirmed"}
PATIENCE_S = 60
#: Without a limit of our own RabbitMQ 4 drops what has come back 20 times, as to a consumer whose database is away.
QUORUM: dict[str, object] = {"x-queue-type": "quorum", "x-delivery-limit": 1_000_000}

Json = dict[str, Any]


def publish(channel: BlockingChannel, order: str) -> str:
    """Publish that the client has ordered something, and return the id of the event."""
    buyer = {"kind": "order", "id": order, "phonenumber": "067 123 45 67", "firstname": "Олена"}
    event = {
        "specversion": "1.0",
        "id": f"order-{order}-created",
        "source": f"/accounts/{ACCOUNT}",
        "type": "order.created",
        "time": datetime.now(UTC).isoformat(),
        "data": {
            "recipients": [buyer],
            "client": {"id": f"client-{order}", "company": "ТОВ «Ромашка»"},
            "order": {"id": order, "number": order, "version": 1, "status": "new"},
        },
    }
    properties = pika.BasicProperties(content_type="application/cloudevents+json", delivery_mode=2)
    channel.confirm_delivery()
    channel.basic_publish(
        "crm.events", f"{ACCOUNT}.order.created", json.dumps(event).encode(), properties, mandatory=True
    )
    return str(event["id"])


def hear(channel: BlockingChannel, event: str) -> Iterator[Json]:
    """Yield the outcomes of an event's text until it has come to an end; a repeat and a late one change nothing."""
    newest: dict[str, int] = {}
    for delivery, _properties, body in channel.consume(QUEUE, inactivity_timeout=PATIENCE_S):
        if delivery is None or body is None:
            raise SystemExit(f"Nothing heard in {PATIENCE_S} s: perfectum-sms account set {ACCOUNT} --outcomes all")
        outcome = json.loads(body)
        data = outcome["data"]
        if outcome["type"] == "event.refused" and data["event"] == event:
            raise SystemExit(f"{event} was refused: {data['reason']['en']} Dead letter {data['dead_letter']}.")
        if data.get("event") == event and data["version"] > newest.get(data["notification"], 0):
            newest[data["notification"]] = data["version"]
            yield outcome
        # Only now: what has not been acknowledged comes again.
        channel.basic_ack(delivery.delivery_tag or 0)
        if data.get("event") == event and state_of(outcome) in ENDS:
            return


def state_of(outcome: Json) -> str:
    return str(outcome["type"]).removeprefix("notification.")


def send_twice(api: httpx.Client, order: str) -> tuple[list[str], list[str]]:
    """Ask for the same text twice, as a program does that has not seen the first answer; return the ids of texts."""
    wanted = {
        "recipients": [{"kind": "order", "id": order, "phonenumber": "067 123 45 67"}],
        "text": "Ваше замовлення вже чекає на вас.",
        "client": {"id": f"client-{order}"},
    }
    answers = [
        asked(api.post("/send", json=wanted, headers={"Idempotency-Key": f"order-{order}-ready"})) for _ in range(2)
    ]
    first, second = ([text["id"] for text in answer["texts"]] for answer in answers)
    return first, second


def texts_of_client(api: httpx.Client, client: str) -> list[Json]:
    """Page through all texts of a client, the newest first."""
    texts: list[Json] = []
    parameters = {"client": client}
    while True:
        page = asked(api.get("/notifications", params=parameters))
        texts += page["items"]
        if page["next"] is None:
            return texts
        parameters["cursor"] = page["next"]


def asked(answer: httpx.Response) -> Json:
    if answer.is_error:
        raise SystemExit(f"{answer.request.url.path}: {answer.status_code} {answer.text}")
    return answer.json()


def main() -> int:
    order = uuid.uuid4().hex[:8]
    headers = {"Authorization": f"Bearer {os.environ['CRM_API_KEY']}"}
    with (
        pika.BlockingConnection(pika.URLParameters(os.environ["SMS_AMQP_URL"])) as connection,
        httpx.Client(base_url=os.environ["CRM_API_URL"], headers=headers, timeout=10) as api,
    ):
        channel = connection.channel()
        channel.queue_declare(QUEUE, durable=True, arguments=QUORUM)
        channel.queue_bind(QUEUE, "sms.outcomes", f"{ACCOUNT}.#")

        event = publish(channel, order)
        print(f"published {event}")
        for outcome in hear(channel, event):
            print(f"heard     {outcome['subject']} {state_of(outcome)}")
        first, second = send_twice(api, order)
        print(f"sent      {', '.join(first)}, and under the same key again: {', '.join(second)}")
        texts = texts_of_client(api, f"client-{order}")
        for text in texts:
            print(f"listed    {text['id']} {text['created_at']} {text['trigger']} {text['state']}: {text['text']}")
    is_right = first == second and [text["trigger"] for text in texts] == ["sms_send_requested", "order_created"]
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())
