"""What became of a text from one version to the next, word by word."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

#: A word, or what is between two: joined they are the text again.
PIECES = re.compile(r"\s+|[^\s]+")
#: A longer text is shown as it is: it would take as long as it is long, times that.
PIECES_MAX = 1_000


class Piece(NamedTuple):
    """Some words that stayed, were put in or were taken out."""

    kind: Literal["same", "in", "out"]
    text: str


def word_diff(before: str, after: str) -> list[Piece]:
    old, new = PIECES.findall(before), PIECES.findall(after)
    if max(len(old), len(new)) > PIECES_MAX:
        return [Piece("same", after)]
    return list(pieces(old, new))


def pieces(old: list[str], new: list[str]) -> Iterator[Piece]:
    for kind, first, last, begin, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Piece("same", "".join(new[begin:end]))
            continue
        if first < last:
            yield Piece("out", "".join(old[first:last]))
        if begin < end:
            yield Piece("in", "".join(new[begin:end]))
