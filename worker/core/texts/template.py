"""The admin's text with `{shortcodes}`: compiled once, filled in one pass, a value never read as text."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from worker.core.texts.formatting import composed, visible
from worker.core.texts.segments import LONGEST


@dataclass(frozen=True, slots=True)
class Blank:
    """One `{code}`, with a filter where it is `{code:filter}`, and words for no value where it is `{code|fallback}`."""

    code: str
    fallback: str = ""
    filter_name: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """One `[optional group]`: it vanishes whole when a blank inside stays empty."""

    parts: tuple[str | Blank, ...]


@dataclass(frozen=True, slots=True)
class Template:
    parts: tuple[str | Blank | Group, ...]
    codes: tuple[str, ...]


#: A blank (its code, filter and fallback), or a bracket.
TOKEN = re.compile(r"\{(?P<code>[a-z][a-z0-9_]*)(?::(?P<filter>[a-z]+))?(?:\|(?P<fallback>[^{}]*))?\}|[\[\]]")
ValueOf = Callable[[Blank], str | None]
#: Characters after which a text is too long however its values are cut, spelt or tidied: it is read no further.
READ_AT_MOST = 2 * LONGEST["GSM-7"]
# Marks a missing value until the punctuation around it is corrected; no text or value may hold it.
_GAP = "\0"
# A smile may begin a text or follow a space, a colon may not.
_COLON = ":(?![-()DP])"
_GAP_AT_LINE_START = re.compile(rf"^[ \0]*\0(?:[ \0,.;!?]|{_COLON})*\n?", re.MULTILINE)
_GAP_AFTER_SENTENCE = re.compile(rf"([.!?…]) *\0(?:[ \0,.;!?]|{_COLON})*")
_GAP_BEFORE_END = re.compile(rf"(?<![ ,;:])[ ,;:]*\0[ \0]*+(?=[,.;!?\n]|{_COLON}|\Z)")
_SPACES = re.compile(r" {2,}")
_SPACES_AT_LINE = re.compile(r" *\n *")
_LEADING = re.compile(rf"(?:[\s,;]|{_COLON})+")


@lru_cache(maxsize=2048)
def compile_template(text: str) -> Template:
    """Compile an admin's text.

    `{code}` is a blank, `{code:filter}` has its value put otherwise, `{code|words}` and `{code:filter|words}` have
    words for when it is empty, and `[…]` around at least one blank is a group that is left out whole when a value
    inside is empty. Groups do not nest: of `[a [{b}]` only the inner pair counts. Every other brace or bracket is
    literal text.
    """
    source = visible(text)
    parts: list[str | Blank | Group] = []
    # Each once, so that a text asks for its value once.
    blanks: dict[Blank, Blank] = {}
    opened: int | None = None
    end = 0
    for token in TOKEN.finditer(source):
        parts.append(source[end : token.start()])
        end = token.end()
        if token["code"]:
            blank = Blank(token["code"], token["fallback"] or "", token["filter"] or "")
            parts.append(blanks.setdefault(blank, blank))
        elif token[0] == "[":
            opened = len(parts)
            parts.append("[")
        else:
            _close(parts, opened)
            opened = None
    parts.append(source[end:])
    codes = dict.fromkeys(token["code"] for token in TOKEN.finditer(source) if token["code"])
    return Template(tuple(_merged(parts)), tuple(codes))


def render(template: Template, value_of: ValueOf) -> str:
    """The text for one person; `value_of` gives a blank's clean value, `""` or None when it has none.

    Where a value is missing, the space and punctuation that only it needed go too: `Вітаємо, {name}!`
    becomes `Вітаємо!`. The result is NFC, trimmed, without doubled spaces or a leading comma, and if it has lost its
    beginning the admin's next word begins with a capital. A text that grows longer than READ_AT_MOST stays as it is at
    that place: the work does not grow with what a stranger puts into values.
    """
    texts: list[str] = []
    known: dict[int, str] = {}
    length = 0
    for part in template.parts:
        text = known.get(id(part))
        if text is None:
            text = known[id(part)] = _part_text(part, value_of)
        texts.append(text)
        length += 0 if text == _GAP else len(text)
        if length > READ_AT_MOST:
            return "".join(texts).replace(_GAP, "")[: READ_AT_MOST + 1]
    text = _tidy("".join(texts))
    return text[:1].upper() + text[1:] if texts[:1] == [_GAP] and _continues_in_template(template, texts) else text


def _continues_in_template(template: Template, texts: list[str]) -> bool:
    """Whether the admin's own words follow a lost beginning, not a value."""
    first = next((part for part, text in zip(template.parts, texts, strict=True) if text != _GAP), None)
    return isinstance(first, str) and any(map(str.isalnum, first))


def missing(template: Template, value_of: ValueOf) -> tuple[str, ...]:
    """The shortcodes that leave a hole: without a value or a fallback, and in no group."""
    holes = (part.code for part in template.parts if isinstance(part, Blank) and not _filled(part, value_of))
    return tuple(dict.fromkeys(holes))


def _close(parts: list[str | Blank | Group], opened: int | None) -> None:
    inside = [] if opened is None else [part for part in parts[opened + 1 :] if not isinstance(part, Group)]
    if any(isinstance(part, Blank) for part in inside):
        parts[opened:] = [Group(tuple(inside))]
    else:
        parts.append("]")


def _merged(parts: list[str | Blank | Group]) -> Iterator[str | Blank | Group]:
    """The same parts with literal neighbours joined, so that rendering touches as few as possible."""
    for literal, run in groupby(parts, key=lambda part: isinstance(part, str)):
        if not literal:
            yield from run
        elif text := "".join(part for part in run if isinstance(part, str)):
            yield text


def _part_text(part: str | Blank | Group, value_of: ValueOf) -> str:
    if isinstance(part, str):
        return part
    return (_filled(part, value_of) or _GAP) if isinstance(part, Blank) else _group(part, value_of)


def _filled(blank: Blank, value_of: ValueOf) -> str:
    value = value_of(blank) or blank.fallback
    return value.replace(_GAP, "")


def _group(group: Group, value_of: ValueOf) -> str:
    texts: list[str] = []
    length = 0
    for part in group.parts:
        text = part if isinstance(part, str) else _filled(part, value_of)
        if not text and isinstance(part, Blank):
            return _GAP
        texts.append(text)
        length += len(text)
        if length > READ_AT_MOST:
            break
    return "".join(texts)


# Recipients of the same text follow one another.
@lru_cache(maxsize=32)
def _tidy(text: str) -> str:
    if _GAP in text:
        text = _GAP_AT_LINE_START.sub("", text)
        text = _GAP_AFTER_SENTENCE.sub(_sentence_end, text)
        text = _GAP_BEFORE_END.sub("", text).replace(_GAP, "")
    text = composed(text)
    if "  " in text:
        text = _SPACES.sub(" ", text)
    if "\n" in text:
        text = _SPACES_AT_LINE.sub("\n", text)
    text = text.strip()
    return text[leading.end() :] if (leading := _LEADING.match(text)) else text


def _sentence_end(gap: re.Match[str]) -> str:
    return f"{gap[1]} " if " " in gap[0] else gap[1]
