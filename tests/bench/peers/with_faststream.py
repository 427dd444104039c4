"""`python -m tests.bench.peers.with_faststream`: the work as an asynchronous subscriber, on uvloop."""

# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUntypedFunctionDecorator=false
# FastStream and uvloop are in build/peers alone, not where types are checked.
import os
import sys
from contextlib import asynccontextmanager
from typing import Any

import httpx
import psycopg
import uvloop
from faststream import AckPolicy, FastStream
from faststream.rabbit import Channel, RabbitBroker, RabbitQueue
from psycopg_pool import AsyncConnectionPool

from tests.bench.peers import work
from worker.core.contract.event_types import Envelope

QUEUE = "peer-faststream"
CALLS = int(os.environ[work.CALLS])
broker: Any = RabbitBroker(os.environ[work.AMQP], default_channel=Channel(prefetch_count=CALLS), logger=None)
database: AsyncConnectionPool[psycopg.AsyncConnection[Any]] = AsyncConnectionPool(
    os.environ[work.DATABASE], min_size=CALLS, max_size=CALLS, kwargs={"autocommit": True}, open=False
)
provider = httpx.AsyncClient(
    base_url=os.environ[work.PROVIDER], timeout=work.POST_S, limits=httpx.Limits(max_connections=CALLS)
)


@asynccontextmanager
async def lifespan():  # noqa: ANN201 (its type needs FastStream's)
    async with database, provider:
        yield


app: Any = FastStream(broker, lifespan=lifespan)


@broker.subscriber(RabbitQueue(QUEUE, durable=True), ack_policy=AckPolicy.NACK_ON_ERROR)
async def send_sms(event: Envelope) -> None:
    envelope = work.checked(event)
    async with database.connection() as connection:
        found = await (await connection.execute(work.TEMPLATE, (envelope.account, envelope.type))).fetchone()
        assert found
        sms = work.sms_of(envelope, *found)
        if not (await connection.execute(work.CLAIM, sms.claim)).rowcount:
            return
    response = await provider.post("/message/send.json", json=sms.body, headers=sms.headers)
    async with database.connection() as connection:
        await connection.execute(work.RECORD, (work.message_id(response), sms.account, sms.event_id))


@app.after_startup
async def say_ready() -> None:
    sys.stderr.write(f"{work.READY}\n")


if __name__ == "__main__":
    uvloop.run(app.run())
