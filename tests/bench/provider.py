"""`python -m tests.bench.provider`: TurboSMS as a benchmark needs it, in a process of its own.

It answers `message/send` and `message/sendmulti` as worker/simulator does when nothing goes wrong, but many
times faster: it reads HTTP/1.1 itself, judges nothing, and writes each answer once its delay is over. A key that comes
again is answered with 507 and the first result. Its own paths begin with `/_bench/`.
"""

import argparse
import asyncio
import gc
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from worker.turbosms.codes import code_of

Json = dict[str, Any]

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"
OK, REPEATED, UNKNOWN_METHOD = 0, 507, 300


@dataclass(slots=True)
class Log:
    """What came, since the last reset: moments of the steady clock of this machine, which all processes share."""

    posts: int = 0
    repeats: int = 0
    last_answer_at: float = 0.0
    texts: list[tuple[str, float]] = field(default_factory=list[tuple[str, float]])
    keys: dict[str, list[Json]] = field(default_factory=dict[str, list[Json]])


class Door(asyncio.Protocol):
    """A connection: requests in sequence, each answered `delay_s` after its last byte."""

    def __init__(self, log: Log, delay_s: float) -> None:
        self._log = log
        self._delay_s = delay_s
        self._loop = asyncio.get_running_loop()
        self._bytes = b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._bytes = self._bytes + data if self._bytes else data
        while (end := self._bytes.find(HEAD_END)) >= 0:
            head = self._bytes[:end]
            last = end + len(HEAD_END) + length_of(head)
            if len(self._bytes) < last:
                return
            body, self._bytes = self._bytes[end + len(HEAD_END) : last], self._bytes[last:]
            self._asked(head.split(b" ", 2)[1], body)

    def _asked(self, path: bytes, body: bytes) -> None:
        if path.startswith(b"/_bench/"):
            self._write(orjson.dumps(reports_of(self._log, path)))
            return
        answer = answered(self._log, path, orjson.loads(body or b"null"), at=time.monotonic())
        self._loop.call_later(self._delay_s, self._answer, orjson.dumps(answer))

    def _answer(self, body: bytes) -> None:
        self._log.last_answer_at = time.monotonic()
        self._write(body)

    def _write(self, body: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
        self._transport.write(head + body)


def length_of(head: bytes) -> int:
    """The length of a request's body, from its head."""
    start = head.lower().find(LENGTH)
    return int(head[start + len(LENGTH) :].split(b"\r\n", 1)[0]) if start >= 0 else 0


def answered(log: Log, path: bytes, content: Json, *, at: float) -> Json:
    """Do what a POST asks, and give its answer."""
    log.posts += 1
    match path:
        case b"/message/send.json":
            return sent(log, content, at=at)
        case b"/message/sendmulti.json":
            return envelope(OK, {label: sent(log, item, at=at) for label, item in content.items()})
        case _:
            return envelope(UNKNOWN_METHOD, None)


def sent(log: Log, content: Json, *, at: float) -> Json:
    """One send body: each of its phones gets its text, once under its key."""
    key: str = content["sequence_id"]
    if (first := log.keys.get(key)) is not None:
        log.repeats += 1
        return envelope(REPEATED, first)
    rows: list[Json] = []
    text: str = content["sms"]["text"]
    for nth, phone in enumerate(content["recipients"]):
        log.texts.append((f"{phone} {text}", at))
        message_id = f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{nth:012x}"
        rows.append({"phone": phone, "response_code": 0, "message_id": message_id, "response_status": "OK"})
    log.keys[key] = rows
    return envelope(OK, rows)


def envelope(code: int, result: object) -> Json:
    """What TurboSMS wraps every answer in."""
    return {"response_code": code, "response_status": code_of(code).name, "response_result": result}


def reports_of(log: Log, path: bytes) -> object:
    """What the harness asks."""
    match path:
        case b"/_bench/state":
            at = {"at": log.last_answer_at, "cpu_s": time.process_time()}
            return {"posts": log.posts, "texts": len(log.texts), "repeats": log.repeats, **at}
        case b"/_bench/texts":
            return log.texts
        case b"/_bench/reset":
            log.posts = log.repeats = 0
            log.texts, log.keys = [], {}
            return None
        case _:
            return "no such word"


async def serve(delay_s: float) -> None:
    """Listen on a free port, print it, and answer for ever."""
    log = Log()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Door(log, delay_s), "127.0.0.1", 0, backlog=1024)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


def main(arguments: Sequence[str]) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.provider", description=__doc__)
    parser.add_argument("--delay-ms", type=float, default=20.0)
    asked = parser.parse_args(arguments)
    # What it logs lives to the end: looking through it for garbage would only delay answers.
    gc.disable()
    asyncio.run(serve(asked.delay_ms / 1000))


if __name__ == "__main__":
    main(sys.argv[1:])
