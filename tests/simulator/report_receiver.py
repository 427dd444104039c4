"""A receiver of delivery reports, as TurboSMS or its simulator posts them."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

from tests.support.waiting import PATIENCE_S, wait_until

Json = dict[str, Any]


@dataclass
class Receiver:
    """A receiver with the codes that it answers in turn (the last for ever) and the time that it takes."""

    url: str = ""
    codes: list[int] = field(default_factory=lambda: [200])
    got: list[Json] = field(default_factory=list[Json])
    is_open: threading.Event = field(default_factory=threading.Event)

    def ids(self) -> list[str]:
        return [item["id"] for item in self.got]

    def statuses(self) -> list[str]:
        return [item["data"]["status"] for item in self.got]

    def wait_for(self, number: int) -> None:
        wait_until(lambda: len(self.got) >= number, f"{number} reports, {len(self.got)} so far")


@contextmanager
def receiving() -> Generator[Receiver]:
    receiver = Receiver()
    receiver.is_open.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = orjson.loads(self.rfile.read(int(self.headers["content-length"])))
            receiver.is_open.wait(PATIENCE_S)
            code = receiver.codes.pop(0) if len(receiver.codes) > 1 else receiver.codes[0]
            receiver.got.append(body)
            self.send_response(code)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its parent's name)
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 128
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Ignore a client that hung up."""

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        receiver.url = f"http://127.0.0.1:{server.server_port}/receipts"
        yield receiver
        receiver.is_open.set()
        server.shutdown()
        thread.join()
