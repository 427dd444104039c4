"""The contract as an AsyncAPI 3 document: where events are published, and what each holds.

https://www.asyncapi.com/docs/reference/specification/v3.0.0 and, for RabbitMQ, version 0.3.0 of its AMQP binding.
"""

from collections.abc import Callable
from typing import Any

from worker.amqp.topology import EVENTS_EXCHANGE
from worker.core.authoring.json_schema import TITLE, definitions
from worker.core.contract.event_types import CONTENT_TYPE, TYPES, VERSION
from worker.core.contract.facts import Facts
from worker.core.triggers.catalogue import BY_EVENT

Json = dict[str, Any]
BINDING = "0.3.0"
ABOUT = f"""\
A CRM publishes CloudEvents 1.0 as JSON to the topic exchange `{EVENTS_EXCHANGE}`, persistent, with publisher confirms,
under the routing key `<account>.<type>`. `source` is `/accounts/<account>` and names the same account; `id` names the
fact, so that a repeat of the same bytes does nothing twice. What the contract does not name is kept as it is."""
EXCHANGE: Json = {"name": EVENTS_EXCHANGE, "type": "topic", "durable": True, "autoDelete": False}


def asyncapi(example: Callable[[str], Facts]) -> Json:
    return {
        "asyncapi": "3.0.0",
        "info": {"title": TITLE, "version": VERSION, "description": ABOUT},
        "defaultContentType": CONTENT_TYPE,
        "channels": {name: channel(name) for name in TYPES},
        "operations": {name: operation(name) for name in TYPES},
        "components": {
            "messages": {name: message(name, example) for name in TYPES},
            "schemas": definitions("#/components/schemas", example),
            "parameters": {"account": {"description": "The CRM installation: a-z, 0-9 and -, at most 40."}},
        },
    }


def channel(name: str) -> Json:
    return {
        "address": f"{{account}}.{name}",
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "parameters": {"account": {"$ref": "#/components/parameters/account"}},
        "bindings": {"amqp": {"is": "routingKey", "exchange": EXCHANGE, "bindingVersion": BINDING}},
    }


def operation(name: str) -> Json:
    return {
        "action": "receive",
        "channel": {"$ref": f"#/channels/{name}"},
        "messages": [{"$ref": f"#/channels/{name}/messages/{name}"}],
        "summary": summary(name),
        "bindings": {"amqp": {"deliveryMode": 2, "mandatory": True, "bindingVersion": BINDING}},
    }


def summary(name: str) -> str:
    triggers = BY_EVENT[name]
    return f"Sets off {', '.join(trigger.id for trigger in triggers)}" if triggers else "Keeps a record true"


def message(name: str, example: Callable[[str], Facts]) -> Json:
    return {
        "name": name,
        "contentType": CONTENT_TYPE,
        "summary": TYPES[name].model.__doc__,
        "payload": {"$ref": f"#/components/schemas/{name}"},
        "examples": [{"name": name.replace(".", "_"), "payload": example(name)}],
    }
