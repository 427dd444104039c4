"""Events as each peer reads them: in its framework's own messages, to its own queue, so that nothing is between."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace

import dramatiq
import orjson

from tests.bench.events import Event

JSON = "application/json"


def for_dramatiq(event: Event) -> Event:
    """Its message names queue and actor; https://dramatiq.io/reference.html#dramatiq.Message"""
    message = dramatiq.Message[None]("peer-dramatiq", "send_sms", (orjson.loads(event.body),), {}, {})
    return replace(event, exchange="", routing_key=message.queue_name, body=message.encode(), content_type=JSON)


def for_celery(event: Event) -> Event:
    """Version 2 of its protocol; https://docs.celeryq.dev/en/stable/internals/protocol.html"""
    task = str(uuid.uuid4())
    later = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}
    return replace(
        event,
        exchange="",
        routing_key="peer-celery",
        body=orjson.dumps([[orjson.loads(event.body)], {}, later]),
        content_type=JSON,
        content_encoding="utf-8",
        headers={"lang": "py", "task": "send_sms", "id": task, "root_id": task, "retries": 0, "ignore_result": True},
        correlation_id=task,
    )


def for_faststream(event: Event) -> Event:
    """The event as it is."""
    return replace(event, exchange="", routing_key="peer-faststream", content_type=JSON)


def for_ours(event: Event) -> Event:
    """The event as a CRM publishes it."""
    return event


FORMS: Mapping[str, Callable[[Event], Event]] = {
    "ours": for_ours,
    "dramatiq": for_dramatiq,
    "celery": for_celery,
    "faststream": for_faststream,
}
