"""What a file changes of an account, value by value."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

#: The last step of the path to a text.
TEXT = "text"


@dataclass(frozen=True, slots=True)
class Change:
    """One value; None stands for what is not there."""

    path: tuple[str, ...]
    was: object
    now: object

    @property
    def is_text(self) -> bool:
        return self.path[-1] == TEXT

    @property
    def name(self) -> str:
        """The value's path with dots between; a text is named as what has it."""
        return ".".join(self.path[:-1] if self.is_text else self.path)


def changes_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    was, now = dict(leaves(before)), dict(leaves(after))
    for path in dict.fromkeys([*was, *now]):
        if was.get(path) != now.get(path):
            yield Change(path, was.get(path), now.get(path))


def leaves(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    """Every value of a file with its path; a bare text has the path that it has with options."""
    if isinstance(value, Mapping):
        for key, item in cast("Mapping[str, object]", value).items():
            yield from leaves(item, (*path, key))
    elif path[-2:-1] == ("texts",):
        yield (*path, TEXT), value
    else:
        yield path, value
