"""A door with TLS to a server without, whose certificate can be changed: good, or wrong in one way."""

import asyncio
import ipaddress
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

HERE = "127.0.0.1"
DAY = timedelta(days=1)

#: A certificate and its key.
Files = tuple[Path, Path]


@dataclass(frozen=True, slots=True)
class Authority:
    """Who signs certificates; `file` is its own, for those who are to trust it."""

    key: ec.EllipticCurvePrivateKey
    name: x509.Name
    file: Path


def authority(folder: Path) -> Authority:
    """A new certificate in this folder."""
    key, name = ec.generate_private_key(ec.SECP256R1()), named("tests")
    file = folder / "authority.pem"
    is_authority = x509.BasicConstraints(ca=True, path_length=None)
    made = begun(name, key, issuer=name, ends_in=DAY).add_extension(is_authority, critical=True).sign(key, SHA256())
    file.write_bytes(made.public_bytes(Encoding.PEM))
    return Authority(key, name, file)


def certificate(
    folder: Path, signer: Authority | None, *, name: str, host: str = HERE, ends_in: timedelta = DAY
) -> Files:
    """A server's certificate and its key, as files; without a signer it signs itself."""
    key, ours = ec.generate_private_key(ec.SECP256R1()), named("provider")
    alternatives = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))])
    builder = begun(ours, key, issuer=signer.name if signer else ours, ends_in=ends_in)
    made = builder.add_extension(alternatives, critical=False).sign(signer.key if signer else key, SHA256())
    files = folder / f"{name}.pem", folder / f"{name}.key"
    files[0].write_bytes(made.public_bytes(Encoding.PEM))
    files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


def begun(
    name: x509.Name, key: ec.EllipticCurvePrivateKey, *, issuer: x509.Name, ends_in: timedelta
) -> x509.CertificateBuilder:
    """What every certificate has."""
    now = datetime.now(UTC)  # noqa: TID251 (certificates are about the wall clock)
    builder = x509.CertificateBuilder(issuer, name, key.public_key(), x509.random_serial_number())
    return builder.not_valid_before(now - 2 * DAY).not_valid_after(now + ends_in)


def named(text: str) -> x509.Name:
    """A name of a single label."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class TlsDoor:
    """Passes on what comes over TLS; connections that cannot be made with its certificate are not."""

    def __init__(self, url: str, files: Files) -> None:
        self._server = urlsplit(url)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(*files)
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        serving = asyncio.start_server(self._pass, HERE, 0, ssl=self._context)
        self._listener = asyncio.run_coroutine_threadsafe(serving, self._loop).result()

    @property
    def url(self) -> str:
        """The server's URL through this door."""
        return f"https://{HERE}:{self._listener.sockets[0].getsockname()[1]}"

    def show(self, files: Files) -> None:
        """Have another certificate from now on; who is connected must connect anew."""
        self._context.load_cert_chain(*files)
        self._loop.call_soon_threadsafe(self._cut)

    def close(self) -> None:
        """Shut it."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        self._listener.close()
        self._cut()
        passing = asyncio.all_tasks() - {asyncio.current_task()}
        for task in passing:
            task.cancel()
        await asyncio.gather(*passing, return_exceptions=True)

    def _cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection(self._server.hostname, self._server.port)
        writers = {writer, up_writer}
        self._writers |= writers
        await asyncio.gather(forward(reader, up_writer), forward(up_reader, writer))
        self._writers -= writers


async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass bytes between the two, to the end of either."""
    with suppress(OSError):
        while piece := await reader.read(65_536):
            writer.write(piece)
            await writer.drain()
    writer.close()


@contextmanager
def tls_door(url: str, files: Files) -> Generator[TlsDoor]:
    """A door that is open while the block runs."""
    made = TlsDoor(url, files)
    try:
        yield made
    finally:
        made.close()
