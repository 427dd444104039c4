"""YAML as people write it by hand: the plain part of YAML 1.2, and the line of everything that is wrong.

`on` and `no` are words, `0671234567` and `9:00` are no numbers, a key stands once, nothing refers to anything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import yaml
from yaml.composer import ComposerError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

TAG = "tag:yaml.org,2002:"
#: In characters: an account's whole configuration takes some 20,000.
LONGEST = 1_000_000
WIDE = 1_000_000

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a file, and where; `line` counts from 1, 0 is the file as a whole."""

    line: int
    path: Path
    message: str

    def __str__(self) -> str:
        where = [f"line {self.line}"] if self.line else []
        path = [".".join(map(str, self.path))] if self.path else []
        return f"{', '.join([*where, *path])}: {self.message}" if where or path else self.message


@dataclass(frozen=True, slots=True)
class Document:
    """A file's value, and its nodes, which know their lines."""

    value: object
    root: Node

    def line(self, path: Path) -> int:
        """The line of the innermost thing on this path that there is."""
        node, line = self.root, 1
        for step in path:
            inner = child(node, step)
            if inner is None:
                break
            node, line = inner
        return line


class Loader(yaml.SafeLoader):
    """Reads scalars as YAML 1.2's core schema does, and no aliases."""

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        """A node; an alias is none.

        Raises:
            ComposerError: it refers to another.
        """
        events = cast("Any", self)
        if events.check_event(yaml.AliasEvent):
            problem = "names of other parts (& and *) are not known here: write it out"
            raise ComposerError(None, None, problem, events.peek_event().start_mark)
        return super().compose_node(parent, index)


#: PyYAML says of few of its things which types they have.
READER: Any = Loader
READER.yaml_implicit_resolvers = {}
for name, pattern, first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL", "~nN"),
    ("int", r"[-+]?(?:0|[1-9][0-9]{0,18})", "-+0123456789"),
    ("float", r"[-+]?(?:0|[1-9][0-9]{0,18})\.[0-9]{1,18}", "-+0123456789"),
):
    READER.add_implicit_resolver(TAG + name, re.compile(rf"^(?:{pattern})$"), [*first])
READER.add_implicit_resolver(TAG + "null", re.compile("^$"), [""])


def read(text: str) -> Document | list[Fault]:
    """A file's value, or everything that is wrong with it as YAML; never raises, whatever the text."""
    if len(text) > LONGEST:
        return [Fault(0, (), f"it has {len(text)} characters; {LONGEST} are the limit")]
    try:
        loader = READER(text)
        root: object = loader.get_single_node()
        if not isinstance(root, MappingNode):
            return [Fault(1, (), "write it as keys with values, as perfectum-sms account export does")]
        faults = list(faults_in(root, ()))
        return faults or Document(loader.construct_document(root), root)
    except yaml.YAMLError as error:
        return [fault_of(error)]
    except (RecursionError, ValueError) as error:
        return [Fault(0, (), f"it cannot be read ({type(error).__name__})")]


def fault_of(error: yaml.YAMLError) -> Fault:
    """What the parser says, in one line."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    text = getattr(error, "problem", None) or getattr(error, "reason", None) or type(error).__name__
    return Fault(mark.line + 1 if mark else 0, (), f"it is not YAML: {text}")


def faults_in(node: Node, path: Path) -> Iterator[Fault]:
    """Keys that stand twice and values that are empty; every key is read as a word."""
    if isinstance(node, MappingNode):
        seen: set[str] = set()
        for key, value in pairs(node):
            if not isinstance(key, ScalarNode):
                yield Fault(line_of(key), path, "a key must be a word")
                continue
            key.tag = TAG + "str"
            text = cast("str", key.value)
            if text in seen:
                yield Fault(line_of(key), (*path, text), "stands here twice")
            seen.add(text)
            yield from faults_in(value, (*path, text))
    elif isinstance(node, SequenceNode):
        for nth, item in enumerate(cast("list[Node]", node.value)):
            yield from faults_in(item, (*path, nth))
    elif node.tag == TAG + "null":
        yield Fault(line_of(node), path, "is empty: leave it out, or write a value")


def pairs(node: MappingNode) -> list[tuple[Node, Node]]:
    """Keys and values."""
    return cast("list[tuple[Node, Node]]", node.value)


def line_of(node: Node) -> int:
    """Where it begins."""
    return cast("int", node.start_mark.line) + 1


def child(node: Node, step: str | int) -> tuple[Node, int] | None:
    """What lies one step inside, and its line."""
    if isinstance(node, MappingNode):
        for key, value in pairs(node):
            if key.value == step:
                return value, line_of(key)
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], line_of(node.value[step])
    return None


class Dumper(yaml.SafeDumper):
    """Writes texts of several lines as such."""


def represent_text(dumper: yaml.SafeDumper, text: str) -> ScalarNode:
    """A text; one of several lines stands as it is read."""
    writer: Any = dumper
    return writer.represent_scalar(TAG + "str", text, style="|" if "\n" in text else None)


Dumper.add_representer(str, represent_text)


def written(value: object) -> str:
    """A value as YAML, in the order it has, with letters as they are."""
    return yaml.dump(value, Dumper=Dumper, allow_unicode=True, sort_keys=False, default_flow_style=False, width=WIDE)
