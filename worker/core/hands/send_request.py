"""A text sent by hand, or asked for over HTTP, as the event that a CRM would publish.

By hand it is an event for each person, under an id of its own; over HTTP one for all of them, under the CRM's key.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

import orjson

from worker.core.contract.event import short_hash
from worker.core.contract.inbound_message import Delivery
from worker.core.hands.people import Addressee
from worker.core.triggers.recipient_key import key_of
from worker.tracing.traceparent import traceparent_of

TYPE = "sms.send_requested"


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: a text or a custom template by name, with values for all.

    Attributes:
        at: when it may go; None is now.
        day: the account's day, on which one person gets it once.
        again: what sets a repetition apart that is wanted.
    """

    account: str
    text: str | None = None
    template: str | None = None
    is_marketing: bool = False
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    at: datetime | None = None
    day: date | None = None
    again: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """A text that a CRM asks for under a key of its own; `data` is as in the event that it would publish.

    Attributes:
        at: when it may go; None is now.
        traceparent: of the request, whatever was written there.
    """

    account: str
    key: str
    data: Mapping[str, object]
    at: datetime | None = None
    traceparent: str | None = None

    @property
    def event_id(self) -> str:
        """The key names the event, in which no id that the CRM publishes is met by mistake."""
        return f"api/{self.key}"

    @property
    def content(self) -> bytes:
        """A hash of what is asked for: it is the same whenever that is."""
        asked = {"at": self.at and self.at.astimezone(UTC), "data": self.data}
        return short_hash(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS))

    def delivery(self, *, now: datetime) -> Delivery:
        """The event as RabbitMQ would have brought it."""
        event = event_of(self.account, self.event_id, self.data, now=now)
        return replace(event, traceparent=traceparent_of(self.traceparent))


def delivery(message: Message, person: Addressee, *, salt: bytes, now: datetime) -> Delivery:
    """The event as RabbitMQ would have brought it."""
    return event_of(message.account, event_id(message, person, salt=salt), data_of(message, person, salt=salt), now=now)


def event_of(account: str, id_: str, data: Mapping[str, object], *, now: datetime) -> Delivery:
    body = {
        "specversion": "1.0",
        "id": id_,
        "source": f"/accounts/{account}",
        "type": TYPE,
        "time": now.isoformat(),
        "data": data,
    }
    return Delivery(orjson.dumps(body), f"{account}.{TYPE}", "")


def event_id(message: Message, person: Addressee, *, salt: bytes) -> str:
    """The same words for the same person on the same day are one event, however often the command is typed.

    It outlives the phone, which nobody can guess from it without the salt.
    """
    parts = [message.account, message.text or "", message.template or "", str(message.is_marketing), str(message.day)]
    parts += [message.again, person.phone, *map(str, sorted({**message.values, **person.values}.items()))]
    return f"by-hand-{key_of(short_hash(*(part.encode() for part in parts)).hex(), salt=salt).hex()}"


def data_of(message: Message, person: Addressee, *, salt: bytes) -> dict[str, object]:
    recipient: dict[str, object] = {
        "kind": "contact",
        "id": key_of(person.phone, salt=salt).hex(),
        **person.fields,
        "phonenumber": person.phone,
    }
    if person.consent is not None:
        recipient["consent"] = person.consent
    data: dict[str, object] = {"recipients": [recipient], "marketing": message.is_marketing}
    data |= {"text": message.text} if message.template is None else {"template": message.template}
    values = {**message.values, **person.values}
    return {**data, "shortcodes": values} if values else data
