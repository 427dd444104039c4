"""What a peer does with one event: validate, write the text, claim, POST, record.

Validation, phones, texts and segments are those of `worker/core`, which are libraries here: pydantic's models of the
contract, and pure functions. All else is as the documentation of psycopg and httpx shows it.
"""

import hashlib
import logging
import os
import threading
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
import psycopg
from psycopg_pool import ConnectionPool

from worker.core.contract.data import Data, Person
from worker.core.contract.event_types import TYPES, Envelope
from worker.core.contract.phone import normalise
from worker.core.texts.render import write
from worker.core.texts.shortcodes import Values

#: In the environment of each peer: the servers, the provider, and how many calls a process has in work at once.
AMQP, DATABASE, PROVIDER, CALLS = "PEER_AMQP_URL", "PEER_DATABASE_URL", "PEER_PROVIDER_URL", "PEER_CALLS"
#: A line of this in its log for each process that works.
READY = "peer.ready"
TEMPLATE = """
SELECT t.text, a.sender, a.token FROM templates AS t INNER JOIN accounts AS a ON a.id = t.account
WHERE t.account = %s AND t.event_type = %s
"""
CLAIM = """
INSERT INTO messages (account, event_id, phone, text, segments, key) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (account, event_id) DO NOTHING
"""
RECORD = """
UPDATE messages SET status = 'accepted', provider_id = %s, sent_at = now() WHERE account = %s AND event_id = %s
"""
POST_S = 10.0
# A line for each POST costs more than claiming it.
logging.getLogger("httpx").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Sms:
    """What is to be sent, and to whom."""

    account: str
    event_id: str
    key: str
    phone: str
    text: str
    segments: int
    sender: str
    token: str

    @property
    def claim(self) -> tuple[object, ...]:
        return self.account, self.event_id, self.phone, self.text, self.segments, self.key

    @property
    def body(self) -> dict[str, Any]:
        return {
            "sequence_id": self.key,
            "recipients": [self.phone.removeprefix("+")],
            "sms": {"sender": self.sender, "text": self.text},
        }

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def checked(envelope: Envelope) -> Envelope:
    """The event, if its `data` is what its type asks for."""
    TYPES[envelope.type].model.model_validate(envelope.data)
    return envelope


def sms_of(envelope: Envelope, text: str, sender: str, token: str) -> Sms:
    """The text of a checked event."""
    person: dict[str, Any] = envelope.data["recipients"][0]
    phone = normalise(person["phonenumber"])
    assert isinstance(phone, str)
    written = write(text, Values(Data(envelope.data), Person(person), "uk", "Europe/Kyiv"))
    account = envelope.account
    key = hashlib.sha256(f"{account}/{envelope.id}".encode()).hexdigest()[:32]
    return Sms(account, envelope.id, key, phone, written.text, written.segments.count, sender, token)


def message_id(response: httpx.Response) -> str:
    """The provider's id of a message that it took."""
    (row,) = response.raise_for_status().json()["response_result"]
    return row["message_id"]


@dataclass(frozen=True, slots=True)
class Connections:
    """What the calls of a process share."""

    database: ConnectionPool[psycopg.Connection[Any]]
    provider: httpx.Client


@cache
def opened() -> Connections:
    calls, limits = int(os.environ[CALLS]), httpx.Limits(max_connections=int(os.environ[CALLS]))
    return Connections(
        ConnectionPool(os.environ[DATABASE], min_size=calls, max_size=calls, kwargs={"autocommit": True}, open=True),
        httpx.Client(base_url=os.environ[PROVIDER], timeout=POST_S, limits=limits),
    )


OPENING = threading.Lock()


def connections() -> Connections:
    """Those of this process, opened by the first call: frameworks fork after they have read this file."""
    with OPENING:
        return opened()


def send_sms(event: dict[str, Any]) -> None:
    """One event, once; the framework acknowledges when this returns."""
    shared = connections()
    envelope = checked(Envelope.model_validate(event))
    with shared.database.connection() as connection:
        found = connection.execute(TEMPLATE, (envelope.account, envelope.type)).fetchone()
        assert found
        sms = sms_of(envelope, *found)
        if not connection.execute(CLAIM, sms.claim).rowcount:
            return
    response = shared.provider.post("/message/send.json", json=sms.body, headers=sms.headers)
    with shared.database.connection() as connection:
        connection.execute(RECORD, (message_id(response), sms.account, sms.event_id))
