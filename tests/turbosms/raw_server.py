"""A raw HTTP server for tests: it answers byte for byte what a test scripts, and keeps the requests."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.waiting import PATIENCE_S

DROP_S = 0.05

Script = Callable[[socket.socket], object]
"""What the server does once a request has come; the connection is closed when it returns False."""


@dataclass
class Server:
    """A raw HTTP server that keeps every request it read and answers as scripted."""

    script: Script
    tls: ssl.SSLContext | None = None
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    closed: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        with suppress(OSError), ThreadPoolExecutor(8) as threads:
            while True:
                connection, _ = self.listener.accept()
                self.connections += 1
                threads.submit(self.talk, connection)

    def talk(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            with connection:
                self.answer(connection)
            self.closed.release()

    def answer(self, connection: socket.socket) -> None:
        while request := read_request(connection):
            self.requests.append(request)
            if self.script(connection) is False:
                return


def read_request(connection: socket.socket) -> bytes:
    result = b""
    while not (result.endswith(b"\r\n\r\n") and b"Content-Length" not in result) and not result.endswith(b"}}"):
        if not (more := connection.recv(65_536)):
            return b""
        result += more
    return result


@contextmanager
def serving(script: Script, tls: ssl.SSLContext | None = None) -> Generator[Server]:
    server = Server(script, tls)
    thread = threading.Thread(target=server.serve)
    thread.start()
    yield server
    server.listener.shutdown(socket.SHUT_RDWR)
    server.listener.close()
    thread.join(PATIENCE_S)


def answer(payload: bytes, then: Script | None = None) -> Script:
    def script(connection: socket.socket) -> object:
        connection.sendall(payload)
        return then(connection) if then else None

    return script


def drip(payload: bytes) -> Script:
    """Sends the payload at once, then a byte every 50 ms for as long as anybody waits or till nobody listens."""

    def script(connection: socket.socket) -> bool:
        connection.sendall(payload)
        for _ in range(int(PATIENCE_S / DROP_S)):
            connection.sendall(b"1")
            time.sleep(DROP_S)
        return False

    return script


def reset(connection: socket.socket) -> bool:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    return False


def close(_: socket.socket) -> bool:
    return False


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime(2026, 1, 1)  # noqa: DTZ001 - the builder compares what it is given without a zone
    host = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now)
    builder = builder.not_valid_after(now + timedelta(days=36_500))
    certificate = builder.add_extension(host, critical=False).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.pem").write_bytes(private + certificate.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context
