"""What a process answers to a probe, for whoever asks and whoever answers."""

from __future__ import annotations

from dataclasses import dataclass, fields
from importlib.metadata import version
from typing import Any

import orjson

VERSION = version("perfectum-sms")


@dataclass(frozen=True, slots=True)
class Report:
    """What a process answers to a probe; the names are those of its JSON."""

    ok: bool
    role: str
    version: str
    pid: int
    host: str
    installation: str | None
    database: str | None
    faults: list[str]

    def to_json(self) -> bytes:
        return orjson.dumps(self) + b"\n"

    @classmethod
    def from_json(cls, body: bytes) -> Report | None:
        try:
            answer: dict[str, Any] = orjson.loads(body)
            return cls(**{field.name: answer[field.name] for field in fields(cls)})
        except (ValueError, TypeError, KeyError):
            return None
