"""`python -m tests.bench.floor.loop ROWS MODE`: the same rows and POSTs by a loop without a framework, batch by batch.

It consumes, checks each event, writes its text, inserts the rows of a batch in one transaction, POSTs, updates them in
another, and acknowledges. It has no retries, no limits and no second way; only single texts are POSTed by threads.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import orjson
import pika
import psycopg

from tests.bench.floor.rows import Table, kept
from tests.bench.peers.work import POST_S, Sms, checked, sms_of
from worker.amqp.topology import EVENT_QUEUES, declare_each
from worker.core.contract.event_types import Envelope
from worker.core.triggers.catalogue import TRIGGERS
from worker.settings.environment import AMQP, DATABASE, TURBOSMS

READY = "floor.ready"
BATCH, POST = 200, 100
THREADS = 16
#: Columns that an update changes.
CHANGED = 6
SECONDS = 0.05


class Writer:
    """The statements of one table, and how far its rows are written."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.done = 0.0
        self.last: list[dict[str, Any]] = []
        self.changed = [column for column in table.columns if column not in table.keys][:CHANGED]
        columns = ", ".join(table.columns)
        rows = f"json_populate_recordset(NULL::{table.name}, %s::json)"
        into = f"INSERT INTO {table.name} ({columns}) OVERRIDING SYSTEM VALUE"
        self.insert = f"{into} SELECT {columns} FROM {rows} ON CONFLICT DO NOTHING".encode()  # noqa: S608 (our own tables)
        changes = ", ".join(f"{column} = r.{column}" for column in self.changed)
        same = " AND ".join(f"t.{key} = r.{key}" for key in table.keys)
        self.update = f"UPDATE {table.name} AS t SET {changes} FROM {rows} AS r WHERE {same}".encode()  # noqa: S608

    @property
    def updates(self) -> int:
        """How often a row is updated."""
        if self.table.is_shared:
            return 1
        return round(self.table.updated / self.table.inserted) if self.changed and self.table.keys else 0

    def insert_for(self, connection: psycopg.Connection[Any], events: int) -> None:
        """The rows of the next events."""
        first, self.done = round(self.done), self.done + events * self.table.inserted
        self.last = self.table.rows[first : round(self.done)]
        connection.execute(self.insert, (orjson.dumps(self.last).decode(),))

    def insert_all(self, connection: psycopg.Connection[Any]) -> None:
        self.last = self.table.rows
        connection.execute(self.insert, (orjson.dumps(self.last).decode(),))

    def update_last(self, connection: psycopg.Connection[Any]) -> None:
        """The rows that were inserted last."""
        wanted = (*self.table.keys, *self.changed)
        for _ in range(self.updates):
            rows = [{column: row[column] for column in wanted} for row in self.last]
            connection.execute(self.update, (orjson.dumps(rows).decode(),))


class Loop:
    """What the loop holds."""

    def __init__(self, writers: list[Writer], mode: str) -> None:
        self.writers = writers
        self.posting = self.post_all if mode == "sendmulti" else self.post_each
        self.threads = ThreadPoolExecutor(THREADS)
        self.database = psycopg.connect(os.environ[DATABASE], autocommit=True, prepare_threshold=1)
        self.provider = httpx.Client(base_url=os.environ[TURBOSMS], timeout=POST_S)
        self.texts = {
            trigger.event: trigger.texts["uk"] for trigger in TRIGGERS if "staff" not in trigger.recipient_kinds
        }
        self.waiting: list[tuple[int, bytes]] = []
        for writer in writers:
            if writer.table.is_shared:
                writer.insert_all(self.database)

    def take(self, _channel: object, method: Any, _properties: object, body: bytes) -> None:
        self.waiting.append((method.delivery_tag, body))

    def work(self, bodies: list[bytes]) -> None:
        """One batch."""
        texts = [self.sms(body) for body in bodies]
        with self.database.transaction():
            for writer in self.writers:
                if writer.table.is_per_event:
                    writer.insert_for(self.database, len(texts))
        self.posting(texts)
        with self.database.transaction():
            for writer in self.writers:
                writer.update_last(self.database)

    def post_all(self, texts: list[Sms]) -> None:
        for first in range(0, len(texts), POST):
            items = {sms.key: sms.body for sms in texts[first : first + POST]}
            assert len(self.result_of("sendmulti", items)) == len(items)

    def post_each(self, texts: list[Sms]) -> None:
        bodies = [sms.body for sms in texts]
        assert all(self.threads.map(partial(self.result_of, "send"), bodies))

    def result_of(self, method: str, content: object) -> Any:
        answer = self.provider.post(
            f"/message/{method}.json", content=orjson.dumps(content), headers={"Authorization": "Bearer token"}
        )
        return orjson.loads(answer.content)["response_result"]

    def sms(self, body: bytes) -> Sms:
        envelope = checked(Envelope.model_validate(orjson.loads(body)))
        return sms_of(envelope, self.texts[envelope.type], "DemoShop", "token")


def main(file: str, mode: str) -> None:
    """Work until killed."""
    loop = Loop([Writer(table) for table in kept(Path(file))], mode)
    connection: Any = pika.BlockingConnection(pika.URLParameters(os.environ[AMQP]))
    declare_each(connection)
    channel: Any = connection.channel()
    channel.basic_qos(prefetch_count=2 * BATCH)
    for queue in EVENT_QUEUES:
        channel.basic_consume(queue, loop.take)
    sys.stderr.write(f"{READY}\n")
    while True:
        connection.process_data_events(time_limit=SECONDS)
        while loop.waiting:
            batch, loop.waiting = loop.waiting[:BATCH], loop.waiting[BATCH:]
            loop.work([body for _, body in batch])
            channel.basic_ack(max(tag for tag, _ in batch), multiple=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
