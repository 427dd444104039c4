"""What a CRM publishes, and how it is set up, for tests that need a believable one."""

import uuid
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import orjson

from worker.cli.event.examples import PHONE, example
from worker.core.accounts.settings import AccountSettings
from worker.core.clock.quiet_hours import Window
from worker.core.contract.event_types import TYPES
from worker.core.contract.inbound_message import Delivery
from worker.core.triggers.catalogue import TRIGGERS
from worker.store.accounts.accounts import add
from worker.store.accounts.sealed_places import token_of
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool, transaction

SECRET = "a key that opens only test secrets"
TOKEN = "token-of-acme-5f3a9b"
SALT = b"salt of tests"

Json = dict[str, Any]

#: Tests that are not about pace and limits run into none.
UNLIMITED = """
UPDATE accounts
SET
    requests_per_s = 1000, in_flight = 50, person_hour_max = 30000, person_day_max = 30000,
    same_text = interval '0', runaway_threshold = 1000000
WHERE id = %(account)s
"""


def add_account(pool: Pool, account: str = "acme", *, opens: int = 0, closes: int = 1440, token: str = TOKEN) -> None:
    settings = AccountSettings(name="ТОВ Ромашка", sms_sender="DemoShop", window=Window(opens, closes))
    with transaction(pool) as connection:
        add(connection, account, Seal([SECRET]).close(token.encode(), token_of(account)), settings, TRIGGERS)
        connection.execute(UNLIMITED, {"account": account})


def person(kind: str = "contact", phone: str | None = "067 123 45 67", **more: object) -> Json:
    return {"kind": kind, "id": "17", "phonenumber": phone, "firstname": "Олена", "lastname": "Дем'янюк", **more}


def event(event_type: str = "invoice.payment_recorded", *, account: str = "acme", **data: object) -> Json:
    return {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": f"/accounts/{account}",
        "type": event_type,
        "time": datetime.now(UTC).isoformat(),  # noqa: TID251 (a CRM has a clock of its own)
        "data": {**DATA[event_type](), **data},
    }


def order() -> Json:
    number = uuid.uuid4().hex[:8]
    return {"recipients": [person("order")], "order": {"id": number, "number": number, "version": 1}}


def booking() -> Json:
    start = datetime.now(UTC) + timedelta(days=2)  # noqa: TID251 (a CRM has a clock of its own)
    number = uuid.uuid4().hex[:8]
    return {"recipients": [person("booking")], "booking": {"id": number, "start": start.isoformat(), "branch": "Центр"}}


def invoice() -> Json:
    due = {"amount": "1250.00", "currency": "UAH"}
    return {"id": uuid.uuid4().hex[:8], "number": "INV-901", "status": "unpaid", "version": 4, "amount_due": due}


def payment() -> Json:
    return {"id": uuid.uuid4().hex[:8], "total": {"amount": "1250.00", "currency": "UAH"}}


def comment(author: str) -> Json:
    return {"id": uuid.uuid4().hex[:8], "author": author}


def example_of(event_type: str) -> Json:
    body = example(event_type, account="acme", phone=PHONE, now=datetime.now(UTC))  # noqa: TID251 (a CRM has a clock of its own)
    return dict(orjson.loads(orjson.dumps(body["data"])))


DATA = {event_type: partial(example_of, event_type) for event_type in TYPES} | {
    "invoice.payment_recorded": lambda: {
        "recipients": [person()],
        "invoice": {**invoice(), "number": f"INV-{uuid.uuid4().hex[:6]}"},
        "payment": payment(),
    },
    "invoice.overdue": lambda: {"recipients": [person()], "invoice": invoice()},
    "proposal.comment_added": lambda: {
        "recipients": [person("proposal"), person("staff", "0501112233")],
        "proposal": {"id": "5", "number": "КП-5"},
        "comment": comment("staff"),
    },
    "order.created": order,
    "order.approved": order,
    "order.cancelled": order,
    "booking.submitted": booking,
    "booking.confirmed": booking,
}


def contact_event(event_type: str, *, minutes: float, **fields: object) -> Json:
    """An event about contact 17, so many minutes from now."""
    at = datetime.now(UTC) + timedelta(minutes=minutes)  # noqa: TID251 (a CRM has a clock of its own)
    return {**event(event_type, contact={"id": "17", **fields}, recipients=[]), "time": at.isoformat()}


def routing_key(body: Json) -> str:
    return f"{body['source'].removeprefix('/accounts/')}.{body['type']}"


def delivery(body: Json | bytes, *, key: str | None = None, returns: int = 0) -> Delivery:
    if isinstance(body, bytes):
        return Delivery(body, key or "acme.anything", "crm.events", returns)
    return Delivery(orjson.dumps(body), key or routing_key(body), "crm.events", returns)


def rows(pool: Pool, sql: str, *values: object) -> list[tuple[Any, ...]]:
    with pool.connection() as connection:
        return connection.execute(sql.encode(), values or None).fetchall()


def row(pool: Pool, sql: str, *values: object) -> tuple[Any, ...]:
    results = rows(pool, sql, *values)
    assert len(results) == 1, results
    return results[0]


def execute(pool: Pool, sql: str, *values: object) -> None:
    with pool.connection() as connection:
        connection.execute(sql.encode(), values or None)


GIVEN = """
SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""


def given_columns(pool: Pool, table: str) -> str:
    """The columns that are inserted: PostgreSQL computes the others."""
    return row(pool, GIVEN, table)[0]
