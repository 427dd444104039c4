"""A balancer in front of the nodes of a cluster: it probes each in AMQP, and cuts off a node that does not answer."""

import socket
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from urllib.parse import urlsplit

from deploy.services.server import answers_amqp
from tests.support.tcp_proxy import Door

#: Between two looks at a node, and how many in a row make it dead.
LOOK_S, FALL = 0.5, 2

Target = tuple[str, int]


class Balancer(Door):
    """A door to several servers, each taking its turn while it answers."""

    def __init__(self, urls: Sequence[str]) -> None:
        super().__init__(urls[0])
        #: Those that get connections; a row may name fewer for a time.
        self.targets: list[Target] = [target_of(url) for url in urls]
        self._turns = count()
        self._missed: dict[Target, int] = {}
        self._pairs: dict[Target, list[socket.socket]] = {target: [] for target in self.targets}
        self._ending = threading.Event()
        for target in list(self.targets):
            threading.Thread(target=self._look_at, args=(target,), daemon=True).start()

    def shut(self) -> None:
        self._ending.set()
        super().shut()

    def _look_at(self, target: Target) -> None:
        while not self._ending.wait(LOOK_S):
            missed = 0 if answers_amqp(*target) else self._missed.get(target, 0) + 1
            self._missed[target] = missed
            if missed == FALL:
                cut, self._pairs[target] = self._pairs[target], []
                for connection in cut:
                    with suppress(OSError):
                        connection.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            server = self._reach(client)
            if server is None:
                client.close()
                continue
            self._sockets += [client, server]
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._forward, args=(source, sink), daemon=True).start()

    def _reach(self, client: socket.socket) -> socket.socket | None:
        alive = [target for target in self.targets if self._missed.get(target, 0) < FALL]
        for _ in alive:
            target = alive[next(self._turns) % len(alive)]
            with suppress(OSError):
                server = socket.create_connection(target)
                self._pairs[target] += [client, server]
                return server
        return None


def target_of(url: str) -> Target:
    """Where a node listens."""
    parts = urlsplit(url)
    return str(parts.hostname), int(parts.port or 0)


@contextmanager
def balancer(urls: Sequence[str]) -> Generator[Balancer]:
    """A balancer that is open."""
    made = Balancer(urls)
    try:
        made.open()
        yield made
    finally:
        made.shut()
