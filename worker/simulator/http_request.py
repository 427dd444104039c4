"""A provider request read from HTTP: method, token, content, and the structure of a send body before it is checked."""

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
    """What the client asks; `method` as `message/send`, empty when the format is not one the provider has."""

    method: str
    token: str | Refused
    content: Content | Refused


def read_call(path: str, query: bytes, headers: Mapping[bytes, bytes], body: bytes) -> Call:
    """The call that an HTTP request makes, names of headers in lower case (https://turbosms.ua/en/api.html)."""
    given = _fields(query) if query else {}
    type_ = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if len(path) + len(query) > _LONGEST_URL:
        content: Content | Refused = Refused(300)
    elif body:
        content = _content(type_, body)
    else:
        content = {name: value for name, value in given.items() if name != "token"} or Refused(104)
    form = content if type_ == _FORM and not isinstance(content, Refused) else {}
    token = _token(headers.get(b"authorization"), given.get("token") or form.get("token"))
    return Call(_method(path), token, content)


def as_object(value: object) -> Content | None:
    return cast("Content", value) if isinstance(value, dict) else None


def as_array(value: object) -> list[object] | None:
    return cast("list[object]", value) if isinstance(value, list) else None


@lru_cache(maxsize=64)
def _method(path: str) -> str:
    name, dot, suffix = path.strip("/").partition(".")
    return name if not dot or suffix == "json" else ""


def _content(type_: bytes, body: bytes) -> Content | Refused:
    if type_ == _FORM:
        return _fields(body) or Refused(104)
    return _json(body) if type_ == b"application/json" else Refused(104)


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
    *branches, leaf = [head, *_BRACKETS.findall(f"[{rest}" if rest else "")]
    for step in branches:
        key = step or str(len(tree))
        branch = as_object(tree.get(key)) or {}
        tree[key] = branch
        tree = branch
    tree[leaf or str(len(tree))] = value


def _with_arrays(value: object) -> object:
    branch = as_object(value)
    if branch is None:
        return value
    if all(name == str(index) for index, name in enumerate(branch)):
        return [_with_arrays(item) for item in branch.values()]
    return {name: _with_arrays(item) for name, item in branch.items()}


_MOST_RECIPIENTS = 5000


@dataclass(frozen=True, slots=True)
class Order:
    """What a send body asks for, for SMS, Viber or both: the fields of a channel and the start time of any type."""

    key: str | None
    recipients: tuple[str, ...]
    start_time: object
    sms: Content | None
    viber: Content | None


def read_order(content: Content, key_cap: int) -> Order | Refused:
    """The order in a body, or the code of its wrong structure: 300, 202 or 405."""
    key = content.get("sequence_id")
    contents = {name: as_object(content[name]) for name in ("sms", "viber") if name in content}
    parts = {name: own for name, own in contents.items() if own is not None}
    if not parts or len(parts) < len(contents) or not (key is None or is_key(key, key_cap)):
        return Refused(300)
    recipients = _recipients(_common("recipients", content, parts))
    if isinstance(recipients, Refused):
        return recipients
    shared: Content = {name: content.get(name) for name in ("sender", "text")}
    return Order(
        key=cast("str | None", key),
        recipients=recipients,
        start_time=_common("start_time", content, parts),
        sms=shared | parts["sms"] if "sms" in parts else None,
        viber=shared | parts["viber"] if "viber" in parts else None,
    )


def is_key(key: object, cap: int) -> bool:
    return isinstance(key, str) and 0 < len(key) <= cap


def bodies_in(method: str, content: Content) -> tuple[Content, ...]:
    """The send bodies in a request: itself, or the labelled ones of `message/sendmulti`."""
    if method != "message/sendmulti":
        return (content,)
    return tuple(body for body in map(as_object, content.values()) if body is not None)


def texts_of(content: Content) -> tuple[str, ...]:
    """Every text in a send body, sound or not."""
    channels = (content, as_object(content.get("sms")) or {}, as_object(content.get("viber")) or {})
    texts = (channel.get("text") for channel in channels)
    return tuple(text for text in texts if isinstance(text, str))


def phones_of(content: Content) -> tuple[str, ...]:
    """Every recipient in a send body, sound or not."""
    parts = {name: as_object(content.get(name)) or {} for name in ("sms", "viber")}
    given = as_array(_common("recipients", content, parts)) or []
    return tuple(phone for phone in given if isinstance(phone, str))


def _common(name: str, content: Content, parts: Mapping[str, Content]) -> object:
    """A field of a channel, which counts more, or of the body."""
    return next((own[name] for own in parts.values() if name in own), content.get(name))


def _recipients(given: object) -> tuple[str, ...] | Refused:
    if not given:
        return Refused(202)
    phones = as_array(given)
    if phones is None or not all(isinstance(phone, str) for phone in phones):
        return Refused(300)
    if len(phones) > _MOST_RECIPIENTS:
        return Refused(405)
    return tuple(cast("list[str]", phones))
