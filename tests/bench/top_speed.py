"""How fast the stand-in for the provider can answer at all: what it can do must be far above what is measured.

`python -m tests.bench.top_speed URL MODE SECONDS` is the client, in a process of its own: bytes made beforehand, on as
many connections as keep it busy.
"""

import asyncio
import json
import sys
import time
import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit

from tests.bench.processes import speaking
from worker.turbosms.request import multi_body, send_body

CONNECTIONS = 250
#: Far more than any stand-in answers.
POSTS_PER_S, MULTI_PER_S = 20_000, 2_000
ITEMS = 20
TEXT = "Оплату за рахунком N00000001 отримано. Залишок: 1 250,00 грн"
Figures = dict[str, float]


def top_speed(delay_ms: float, seconds: float) -> Figures:
    """What a stand-in of its own does at most: POSTs with one text, and texts in POSTs of twenty, a second."""
    figures: Figures = {}
    with speaking("provider", "tests.bench.provider", "--delay-ms", str(delay_ms), environment={}) as provider:
        url = f"http://127.0.0.1:{provider.line()}"
        for mode, name, texts in (("send", "posts_per_s", 1), ("sendmulti", "multi_texts_per_s", ITEMS)):
            before = provider.cpu_s
            with speaking("client", "tests.bench.top_speed", url, mode, str(seconds), environment={}) as client:
                posts, took = json.loads(client.line())
            figures[name] = round(posts * texts / took)
            figures[f"{mode}_cpu_ms_per_post"] = round((provider.cpu_s - before) * 1000 / posts, 3)
    return figures


def requests(mode: str) -> Iterator[bytes]:
    """Requests, each under keys of its own."""
    while True:
        keys = [uuid.uuid4().hex for _ in range(ITEMS if mode == "sendmulti" else 1)]
        bodies = {key: send_body(key=key, sender="DemoShop", text=TEXT, phones=["380671234567"]) for key in keys}
        body = multi_body(bodies) if mode == "sendmulti" else bodies[keys[0]]
        yield b"POST /message/%s.json HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (mode.encode(), len(body)) + body


async def ask(url: str, made: list[bytes], seconds: float) -> tuple[int, float]:
    """Ask as much as the time allows; how often, and how long that took."""
    address = urlsplit(url)
    began = time.monotonic()
    asked = 0

    async def ask_on() -> None:
        nonlocal asked
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        while made:
            writer.write(made.pop())
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]))
            asked += 1
            # Afterwards, for on a busy machine the time may be over before anybody has asked.
            if time.monotonic() - began > seconds:
                break
        writer.close()

    await asyncio.gather(*(ask_on() for _ in range(CONNECTIONS)))
    return asked, time.monotonic() - began


def main(url: str, mode: str, seconds: str) -> None:
    """Be the client."""
    source = requests(mode)
    count = int(float(seconds) * (POSTS_PER_S if mode == "send" else MULTI_PER_S))
    made = [next(source) for _ in range(count)]
    sys.stdout.write(f"{json.dumps(asyncio.run(ask(url, made, float(seconds))))}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
