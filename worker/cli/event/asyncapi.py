"""The contract as an AsyncAPI 3 document: where events are published and outcomes are heard, and what each holds.

https://www.asyncapi.com/docs/reference/specification/v3.0.0 and, for RabbitMQ, version 0.3.0 of its AMQP binding.
"""

from collections.abc import Callable
from typing import Any

from worker.amqp.topology import EVENTS_EXCHANGE, OUTCOMES_EXCHANGE
from worker.core.authoring import json_schema as of_events
from worker.core.contract.event_types import CONTENT_TYPE, TYPES, VERSION
from worker.core.contract.facts import Facts
from worker.core.outcomes import json_schema as of_outcomes
from worker.core.outcomes import outcome_types
from worker.core.triggers.catalogue import BY_EVENT

Json = dict[str, Any]
Example = Callable[[str], Facts]
BINDING = "0.3.0"
SCHEMAS = "#/components/schemas"
ABOUT = f"""\
A CRM publishes CloudEvents 1.0 as JSON to the topic exchange `{EVENTS_EXCHANGE}`, persistent, with publisher confirms,
under the routing key `<account>.<type>`. `source` is `/accounts/<account>` and names the same account; `id` names the
fact, so that a repeat of the same bytes does nothing twice. What the contract does not name is kept as it is.

What became of it comes back, where the account has it switched on: as CloudEvents at the topic exchange
`{OUTCOMES_EXCHANGE}`, under `<account>.<type>`, to whatever queue the CRM binds there. It comes at least once: an
outcome that is repeated has the same `id`. Those of one notification come in order, and their `version` grows."""


def asyncapi(example: Example, outcome: Example) -> Json:
    outcomes = outcome_types.TYPES
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Perfectum SMS worker", "version": VERSION, "description": ABOUT},
        "defaultContentType": CONTENT_TYPE,
        "channels": {
            **{name: channel(name, EVENTS_EXCHANGE) for name in TYPES},
            **{name: channel(name, OUTCOMES_EXCHANGE) for name in outcomes},
        },
        "operations": {
            **{name: operation("receive", name, summary(name), is_mandatory=True) for name in TYPES},
            **{name: operation("send", name, type_.meaning.en) for name, type_ in outcomes.items()},
        },
        "components": {
            "messages": {
                **{name: message(name, type_.model.__doc__ or "", example) for name, type_ in TYPES.items()},
                **{name: message(name, type_.meaning.en, outcome) for name, type_ in outcomes.items()},
            },
            "schemas": of_events.definitions(SCHEMAS, example) | of_outcomes.definitions(SCHEMAS, outcome),
            "parameters": {"account": {"description": "The CRM installation: a-z, 0-9 and -, at most 40."}},
        },
    }


def channel(name: str, exchange: str) -> Json:
    declared = {"name": exchange, "type": "topic", "durable": True, "autoDelete": False}
    return {
        "address": f"{{account}}.{name}",
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "parameters": {"account": {"$ref": "#/components/parameters/account"}},
        "bindings": {"amqp": {"is": "routingKey", "exchange": declared, "bindingVersion": BINDING}},
    }


def operation(action: str, name: str, text: str, *, is_mandatory: bool = False) -> Json:
    """What the worker does with it; an outcome that nobody has bound a queue for is dropped."""
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{name}"},
        "messages": [{"$ref": f"#/channels/{name}/messages/{name}"}],
        "summary": text,
        "bindings": {"amqp": {"deliveryMode": 2, "mandatory": is_mandatory, "bindingVersion": BINDING}},
    }


def summary(name: str) -> str:
    triggers = BY_EVENT[name]
    return f"Sets off {', '.join(trigger.id for trigger in triggers)}" if triggers else "Keeps a record true"


def message(name: str, text: str, example: Example) -> Json:
    return {
        "name": name,
        "contentType": CONTENT_TYPE,
        "summary": text,
        "payload": {"$ref": f"{SCHEMAS}/{name}"},
        "examples": [{"name": name.replace(".", "_"), "payload": example(name)}],
    }
