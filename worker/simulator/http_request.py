"""A provider request read off HTTP: method, token and content, whichever of the three forms it came in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import cast
from urllib.parse import parse_qsl

import orjson

from worker.simulator.answers import Refused

_LONGEST_URL = 2000
_FORM = b"application/x-www-form-urlencoded"
_BRACKETS = re.compile(r"\[([^\]]*)\]")

Content = dict[str, object]


@dataclass(frozen=True, slots=True)
class Call:
    """What the client asks.

    Attributes:
        method: as `message/send`; empty when the format is not one the provider has.
        token: the caller's, or the code that its absence or shape is answered with.
        content: the data, or the code that its absence or shape is answered with.
    """

    method: str
    token: str | Refused
    content: Content | Refused


@dataclass(frozen=True, slots=True)
class Arrival:
    """An HTTP request, names of headers in lower case."""

    path: str
    query: bytes
    headers: Mapping[bytes, bytes]
    body: bytes


def read_call(arrival: Arrival) -> Call:
    """The call that an HTTP request makes (https://turbosms.ua/en/api.html)."""
    query = _fields(arrival.query) if arrival.query else {}
    content = _content(arrival, query)
    form = {} if isinstance(content, Refused) or _kind(arrival) != _FORM else content
    token = _token(arrival.headers.get(b"authorization"), query.get("token") or form.get("token"))
    return Call(_method(arrival.path), token, content)


def as_object(value: object) -> Content | None:
    """The value if it is a JSON object."""
    return cast("Content", value) if isinstance(value, dict) else None


def as_array(value: object) -> list[object] | None:
    """The value if it is a JSON array."""
    return cast("list[object]", value) if isinstance(value, list) else None


@lru_cache(maxsize=64)
def _method(path: str) -> str:
    name, dot, suffix = path.strip("/").partition(".")
    return name if not dot or suffix == "json" else ""


def _content(arrival: Arrival, query: Content) -> Content | Refused:
    if len(arrival.path) + len(arrival.query) > _LONGEST_URL:
        return Refused(300)
    if not arrival.body:
        given = {name: value for name, value in query.items() if name != "token"}
        return given or Refused(104)
    match _kind(arrival):
        case b"application/json":
            return _json(arrival.body)
        case kind if kind == _FORM:
            return _fields(arrival.body) or Refused(104)
        case _:
            return Refused(104)


def _kind(arrival: Arrival) -> bytes:
    return arrival.headers.get(b"content-type", b"").partition(b";")[0].strip().lower()


def _json(body: bytes) -> Content | Refused:
    if b"\n" in body.strip():
        return Refused(502)
    try:
        value: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        return Refused(502)
    content = as_object(value)
    return Refused(300) if content is None else content or Refused(104)


def _token(header: bytes | None, given: object) -> str | Refused:
    if header is not None:
        return _header_token(header)
    return given if isinstance(given, str) and given else Refused(103)


@lru_cache(maxsize=256)
def _header_token(header: bytes) -> str | Refused:
    match header.decode("latin-1").split():
        case [] | [_]:
            return Refused(103)
        case [scheme, token] if scheme.lower() in {"bearer", "basic"}:
            return token
        case _:
            return Refused(301)


def _fields(encoded: bytes) -> Content:
    """Fields named as `sms[text]` and `recipients[0]`, nested as their names say."""
    tree: Content = {}
    try:
        pairs = parse_qsl(encoded.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError:
        return tree
    for name, value in pairs:
        _plant(tree, name, value)
    return {name: _with_arrays(value) for name, value in tree.items()}


def _plant(tree: Content, name: str, value: str) -> None:
    head, _, rest = name.partition("[")
    steps = [head, *_BRACKETS.findall(f"[{rest}" if rest else "")]
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        place = step or str(len(tree))
        if following is None:
            tree[place] = value
            return
        branch = as_object(tree.get(place)) or {}
        tree[place] = branch
        tree = branch


def _with_arrays(value: object) -> object:
    branch = as_object(value)
    if branch is None:
        return value
    if all(name == str(place) for place, name in enumerate(branch)):
        return [_with_arrays(item) for item in branch.values()]
    return {name: _with_arrays(item) for name, item in branch.items()}
