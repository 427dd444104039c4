"""`python -m tests.soak.provider`: the benchmark's TurboSMS for hours: it remembers little, and reports each delivery.

It counts different texts by their marks, forgets old keys, and posts `Delivered` to the console that `/_bench/reports`
named, a second or more after the text.
"""

import argparse
import asyncio
import re
import sys
import time
from asyncio import StreamReader, StreamWriter
from collections import deque
from collections.abc import Sequence
from hashlib import sha1

import orjson

from tests.bench.measure import MARK
from tests.bench.provider import Door, Json, Log

#: Keys and their answers that are remembered: some minutes of them, longer than anybody tries anew.
KEYS = 200_000
#: Between a text and its report, and how many reports are under way at once.
DELAY_S, CONNECTIONS = 1.0, 32
#: Before a report that was refused is tried again, and how often.
AGAIN_S, TRIES = 3.0, 100
TARGET = re.compile(rb"^/_bench/reports\?port=(\d+)&secret=([\w-]+)$")


class Texts(list[tuple[str, float]]):
    """How many texts there were, and which: in place of the texts themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 0
        self.marks: set[int] = set()

    def append(self, item: tuple[str, float], /) -> None:
        self.number += 1
        if found := MARK.search(item[0]):
            self.marks.add(int(found[0][1:]))

    def __len__(self) -> int:
        return self.number


class Answers(dict[str, list[Json]]):
    """The newest keys with their answers; each new one is also to be reported."""

    def __init__(self) -> None:
        super().__init__()
        self.due: deque[tuple[float, str, int]] = deque()

    def __setitem__(self, key: str, rows: list[Json]) -> None:
        super().__setitem__(key, rows)
        if len(self) > KEYS:
            del self[next(iter(self))]
        self.due += [(time.monotonic() + DELAY_S, str(row["message_id"]), 0) for row in rows]


class Reporter:
    """Connections to the console, that post what is due."""

    def __init__(self, due: deque[tuple[float, str, int]]) -> None:
        self.taken = self.refused = self.given_up = 0
        self.accounts: dict[str, str] = {}
        self._due = due
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self, port: int, secret: str) -> None:
        """Report to there from now on."""
        self._tasks = [asyncio.create_task(self._post_all(port, secret)) for _ in range(CONNECTIONS)]

    async def _post_all(self, port: int, secret: str) -> None:
        connection: tuple[StreamReader, StreamWriter] | None = None
        while True:
            if not self._due or self._due[0][0] > time.monotonic():
                await asyncio.sleep(0.05)
                continue
            _, message_id, tries = self._due.popleft()
            try:
                connection = connection or await asyncio.open_connection("127.0.0.1", port)
                is_taken = await posted(connection, self.accounts[message_id], message_id, secret)
            except (OSError, asyncio.IncompleteReadError):
                connection, is_taken = None, False
            self._settle(message_id, tries, is_taken=is_taken)

    def _settle(self, message_id: str, tries: int, *, is_taken: bool) -> None:
        self.taken += is_taken
        self.refused += not is_taken
        if is_taken or tries >= TRIES:
            self.given_up += not is_taken
            del self.accounts[message_id]
        else:
            self._due.append((time.monotonic() + AGAIN_S, message_id, tries + 1))


async def posted(connection: tuple[StreamReader, StreamWriter], account: str, message_id: str, secret: str) -> bool:
    """One report, as TurboSMS signs it; whether it was taken."""
    reader, writer = connection
    event_id = f"{message_id}-1"
    signature = sha1(f"{secret}{event_id}".encode()).hexdigest()  # noqa: S324 (the provider's choice)
    at = time.strftime("%Y-%m-%d %H:%M:%S")
    data = {"message_id": message_id, "status": "Delivered", "dlr_date": at}
    body = orjson.dumps({"id": event_id, "signature": signature, "type": "dlr", "try": 1, "data": data})
    head = f"POST /turbosms/{account}/receipts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    status, *headers = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
    lengths = [int(line.partition(":")[2]) for line in headers if line.startswith("content-length:")]
    await reader.readexactly(lengths[0] if lengths else 0)
    return status.split(" ")[1].startswith("2")


class SoakDoor(Door):
    """The benchmark's, with what the soak asks; it knows a message's account by its text's mark."""

    def __init__(self, log: Log, delay_s: float, reporter: Reporter, accounts: int) -> None:
        super().__init__(log, delay_s)
        self._reporter, self._accounts, self._of = reporter, accounts, log

    def _asked(self, path: bytes, body: bytes) -> None:
        if found := TARGET.match(path):
            self._reporter.begin(int(found[1]), found[2].decode())
            self._write(b"null")
        elif path == b"/_bench/soak":
            self._write(orjson.dumps(state_of(self._of, self._reporter)))
        else:
            self._notice(path, body)
            super()._asked(path, body)

    def _notice(self, path: bytes, body: bytes) -> None:
        """Remember whose messages these will be."""
        if not path.startswith(b"/message/send"):
            return
        content: Json = orjson.loads(body or b"{}")
        for item in [content] if "sequence_id" in content else content.values():
            found = MARK.search(item["sms"]["text"])
            key: str = item["sequence_id"]
            if found and key not in self._of.keys:
                account = f"bench-{int(found[0][1:]) % self._accounts}"
                for nth in range(len(item["recipients"])):
                    message_id = f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{nth:012x}"
                    self._reporter.accounts[message_id] = account


def state_of(log: Log, reporter: Reporter) -> Json:
    """What the soak asks."""
    texts = log.texts
    assert isinstance(texts, Texts)
    return {
        "texts": texts.number,
        "different": len(texts.marks),
        "repeated_requests": log.repeats,
        "reports_taken": reporter.taken,
        "reports_refused": reporter.refused,
        "reports_given_up": reporter.given_up,
    }


async def serve(delay_s: float, accounts: int) -> None:
    """Listen on a free port, print it, and answer for ever."""
    answers = Answers()
    log = Log(texts=Texts(), keys=answers)
    reporter = Reporter(answers.due)
    loop = asyncio.get_running_loop()
    door = lambda: SoakDoor(log, delay_s, reporter, accounts)  # noqa: E731
    server = await loop.create_server(door, "127.0.0.1", 0, backlog=1024)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


def main(arguments: Sequence[str]) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.provider", description=__doc__)
    parser.add_argument("--delay-ms", type=float, default=20.0)
    parser.add_argument("--accounts", type=int, required=True)
    asked = parser.parse_args(arguments)
    asyncio.run(serve(asked.delay_ms / 1000, asked.accounts))


if __name__ == "__main__":
    main(sys.argv[1:])
