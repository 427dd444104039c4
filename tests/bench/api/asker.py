"""`python -m tests.bench.api.asker`: CRMs that ask for a client's page at an even pace, whatever becomes of each.

It prints `ready` once its connections are open, waits for a line on stdin, asks, and answers with one JSON line: how
long each answer took, in ms, from the moment when it was to be asked for, and how many were no good ones.
"""

import argparse
import asyncio
import gc
import os
import sys
import time
from asyncio import StreamReader, StreamWriter
from urllib.parse import urlsplit

import orjson

#: Open at once, as CRMs keep them; a request waits for one that is free.
CONNECTIONS = 32
#: Between clients that are asked for one after another.
APART = 7_919
KEY = "BENCH_KEY"


class Asker:
    """Connections to the API; what each answer took."""

    def __init__(self, host: str, port: int, key: str, clients: int) -> None:
        self._at = (host, port)
        self._key = key
        self._clients = clients
        self._free: asyncio.Queue[tuple[StreamReader, StreamWriter]] = asyncio.Queue()
        self.took_ms: list[float] = []
        self.bad = 0

    async def connect(self) -> None:
        for _ in range(CONNECTIONS):
            self._free.put_nowait(await asyncio.open_connection(*self._at))

    async def ask(self, nth: int, due: float) -> None:
        """Ask for the page of one client after another, far apart in the ledger."""
        connection = await self._free.get()
        try:
            self.bad += not await self._is_answered(nth, *connection)
        except (OSError, asyncio.IncompleteReadError):
            self.bad += 1
            connection = await asyncio.open_connection(*self._at)
        self.took_ms.append((time.monotonic() - due) * 1000)
        self._free.put_nowait(connection)

    async def _is_answered(self, nth: int, reader: StreamReader, writer: StreamWriter) -> bool:
        path = f"/api/v1/notifications?client={nth * APART % self._clients}"
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self._key}\r\n\r\n".encode())
        status, *headers = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        length = next(int(line.partition(":")[2]) for line in headers if line.startswith("content-length:"))
        body = await reader.readexactly(length)
        return " 200 " in status and bool(orjson.loads(body)["items"])

    async def ask_all(self, count: int, pace: float) -> None:
        first = time.monotonic()
        async with asyncio.TaskGroup() as asked:
            for nth in range(count):
                due = first + nth / pace
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                asked.create_task(self.ask(nth, due))


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--clients", type=int, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--pace", type=float, required=True)
    wanted = parser.parse_args()
    at = urlsplit(str(wanted.url))
    assert at.hostname
    assert at.port
    asker = Asker(at.hostname, at.port, os.environ[KEY], wanted.clients)
    await asker.connect()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    gc.disable()
    await asker.ask_all(wanted.count, wanted.pace)
    sys.stdout.write(orjson.dumps({"took_ms": asker.took_ms, "bad": asker.bad}).decode() + "\n")


if __name__ == "__main__":
    asyncio.run(main())
