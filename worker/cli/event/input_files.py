"""Events read from files and checked as the worker will check them."""

import codecs
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import cast

import orjson

from worker.cli.terminal import Exit, stop
from worker.core.contract.event import Malformed, read
from worker.language import _


@dataclass(frozen=True, slots=True)
class Outbound:
    source: str
    body: bytes
    id: str
    routing_key: str


@dataclass(frozen=True, slots=True)
class Refused:
    source: str
    body: bytes
    reason: str
    detail: str

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}: {self.detail}"


def read_files(
    files: Iterable[str], *, account: str | None, routing_key: str | None, force: bool, now: datetime
) -> list[Outbound | Refused]:
    """Every event of these files, checked; the bytes of a single one stay as they are."""
    outbound: list[Outbound | Refused] = []
    for source, body in chain.from_iterable(map(bodies, files)):
        key = routing_key or key_of(body)
        parsed = read(body, routing_key=key, now=now)
        if force:
            outbound.append(Outbound(source, body, parsed.id or source, key))
        elif isinstance(parsed, Malformed):
            outbound.append(Refused(source, body, parsed.reason, parsed.detail))
        elif account and parsed.account != account:
            detail = _("`source` names {account}, --account is {given}.", account=parsed.account, given=account)
            outbound.append(Refused(source, body, "other_account", detail))
        else:
            outbound.append(Outbound(source, body, parsed.id, key))
    return outbound


def bodies(file: str) -> Iterator[tuple[str, bytes]]:
    try:
        whole = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise stop(f"{file}: {error.strerror}.", Exit.USAGE) from None
    if whole.startswith(codecs.BOM_UTF8):
        raise stop(_("{file}: begins with a byte order mark; save it as UTF-8 without BOM.", file=file), Exit.USAGE)
    try:
        value: object = orjson.loads(whole)
    except orjson.JSONDecodeError:
        value = None
    if isinstance(value, list):
        events = cast("list[object]", value)
        yield from ((f"{file}[{index}]", orjson.dumps(event)) for index, event in enumerate(events))
    else:
        yield file, whole


def key_of(body: bytes) -> str:
    """`<account>.<type>`, as far as the body has them."""
    try:
        value: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    match value:
        case {"source": str() as source, "type": str() as event_type}:
            return f"{source.rpartition('/')[2]}.{event_type}"
        case _:
            return ""
