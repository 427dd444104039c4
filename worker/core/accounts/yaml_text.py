"""YAML as people write it by hand: the plain part of YAML 1.2, and the line of everything that is wrong.

`on` and `no` are words, `0671234567` and `9:00` are no numbers, a key is there once, nothing refers to anything else.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.composer import Composer, ComposerError
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode
from ruamel.yaml.representer import RoundTripRepresenter
from ruamel.yaml.resolver import VersionedResolver, implicit_resolvers
from ruamel.yaml.tag import Tag

from worker.language import _

TAG = "tag:yaml.org,2002:"
#: In characters: an account's whole configuration takes some 20,000.
LONGEST = 1_000_000
DEPTH_MAX = 20
NEVER_FOLDED = 1_000_000
#: What a scalar without quotes is, other than a word.
TYPES = (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("int", r"[-+]?(?:0|[1-9][0-9]{0,18})", "-+0123456789"),
    ("float", r"[-+]?(?:0|[1-9][0-9]{0,18})\.[0-9]{1,18}", "-+0123456789"),
)

Path = tuple[str | int, ...]
Patterns = dict[str, list[tuple[str, Any]]]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a file, and where; `line` counts from 1, 0 is the file as a whole."""

    line: int
    path: Path
    message: str

    def __str__(self) -> str:
        where = (_("line {line}", line=self.line) if self.line else "", ".".join(map(str, self.path)))
        return ": ".join(filter(None, (", ".join(filter(None, where)), self.message)))


@dataclass(frozen=True, slots=True)
class Document:
    """A file's value, which knows its lines."""

    value: Any

    def line(self, path: Path) -> int:
        """The line of the innermost part of this path that there is."""
        value, line = self.value, 1
        for step in path:
            try:
                position = value.lc.key(step) if isinstance(step, str) else value.lc.item(step)
                value, line = value[step], position[0] + 1
            except (AttributeError, KeyError, IndexError, TypeError):
                break
        return line


def untyped(value: object) -> Any:  # noqa: ANN401 (ruamel.yaml declares few of its types)
    return value


def by_first_character(rows: Iterable[tuple[str, Any, list[str]]]) -> Patterns:
    patterns: Patterns = {}
    for tag, pattern, first in rows:
        for character in first:
            patterns.setdefault(character, []).append((tag, pattern))
    return patterns


class ReadingResolver(VersionedResolver):
    """Reads scalars as YAML 1.2's core schema does, but for numbers that begin with a zero."""

    patterns = by_first_character((TAG + name, re.compile(f"^({text})$"), [*first, ""]) for name, text, first in TYPES)

    @property
    def versioned_resolver(self) -> Any:  # noqa: ANN401 (as ruamel.yaml types it)
        return self.patterns


class WritingResolver(ReadingResolver):
    """Quotes whatever a reader of YAML 1.1 or 1.2 takes for something else than a word."""

    patterns = by_first_character((tag, pattern, first) for _, tag, pattern, first in implicit_resolvers)


class PlainComposer(Composer):
    """Reads keys as words, and neither aliases nor types."""

    def compose_node(self, parent: Any, index: Any) -> Any:  # noqa: ANN401 (as ruamel.yaml types it)
        event = untyped(self).parser.peek_event()
        if event.anchor or getattr(event, "tag", None):
            problem = _("names of other parts (& and *) and types (!) are not known here: write it out")
            raise ComposerError(None, None, problem, event.start_mark)
        node = untyped(super()).compose_node(parent, index)
        if isinstance(parent, MappingNode) and index is None:
            if not isinstance(node, ScalarNode):
                raise ComposerError(None, None, _("a key must be a word"), event.start_mark)
            node.ctag = Tag(suffix=TAG + "str")
        return node


class Representer(RoundTripRepresenter):
    """Writes texts of several lines as such."""

    def represent_text(self, text: str) -> ScalarNode:
        return untyped(self).represent_scalar(TAG + "str", text, style="|" if "\n" in text else None)


untyped(Representer).add_representer(str, Representer.represent_text)


def read(text: str) -> Document | list[Fault]:
    """Read a file's value, or what is wrong with it as YAML; never raises, whatever the text."""
    if len(text) > LONGEST:
        return [Fault(0, (), _("it has {count} characters; {longest} are the limit", count=len(text), longest=LONGEST))]
    yaml = untyped(YAML())
    yaml.Resolver, yaml.Composer, yaml.max_depth = ReadingResolver, PlainComposer, DEPTH_MAX
    try:
        value: object = yaml.load(text)
    except YAMLError as error:
        return [fault_of(error)]
    if not isinstance(value, CommentedMap):
        return [Fault(1, (), _("write it as keys with values, as perfectum-sms account export does"))]
    document = Document(value)
    message = _("is empty: leave it out, or write a value")
    return [Fault(document.line(path), path, message) for path in empty(value, ())] or document


def fault_of(error: YAMLError) -> Fault:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    text = getattr(error, "problem", None) or getattr(error, "reason", None) or type(error).__name__
    return Fault(mark.line + 1 if mark else 0, (), _("it is not YAML: {text}", text=text))


def empty(value: object, path: Path) -> Iterator[Path]:
    if value is None:
        yield path
    elif isinstance(value, CommentedMap | CommentedSeq):
        for step, item in untyped(value).items() if isinstance(value, CommentedMap) else enumerate(untyped(value)):
            yield from empty(item, (*path, step))


def written(value: object) -> str:
    yaml, stream = untyped(YAML()), StringIO()
    yaml.Resolver, yaml.Representer, yaml.width = WritingResolver, Representer, NEVER_FOLDED
    yaml.dump(value, stream)
    return stream.getvalue()
