"""The admin's text with `{shortcodes}`: compiled once, filled in one pass, a value never read as text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from worker.core.wording import visible


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
    """A compiled text.

    Attributes:
        parts: literal text, blanks and optional groups, in order.
        codes: every shortcode of the text once, in order of appearance.
    """

    parts: tuple[str | Blank | Group, ...]
    codes: tuple[str, ...]


#: A blank (its code, filter and fallback), or a bracket.
TOKEN = re.compile(r"\{(?P<code>[a-z][a-z0-9_]*)(?::(?P<filter>[a-z]+))?(?:\|(?P<fallback>[^{}]*))?\}|[\[\]]")
ValueOf = Callable[[Blank], str | None]
# Stands where nothing was said, until the punctuation around it is mended; no text or value may hold it.
_GAP = "\0"
# A smile may begin a text or follow a space, a colon may not.
_COLON = ":(?![-()DP])"
_GAP_AT_LINE_START = re.compile(rf"^[ \0]*\0(?:[ \0,.;!?]|{_COLON})*\n?", re.MULTILINE)
_GAP_AFTER_SENTENCE = re.compile(rf"([.!?…]) *\0(?:[ \0,.;!?]|{_COLON})*")
_GAP_BEFORE_END = re.compile(rf"(?<![ ,;:])[ ,;:]*\0[ \0]*(?=[,.;!?\n]|{_COLON}|\Z)")
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
    opened: int | None = None
    end = 0
    for token in TOKEN.finditer(source):
        parts.append(source[end : token.start()])
        end = token.end()
        if token["code"]:
            parts.append(Blank(token["code"], token["fallback"] or "", token["filter"] or ""))
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
    beginning the admin's next word begins with a capital.
    """
    said: list[str] = []
    for part in template.parts:
        if isinstance(part, str):
            said.append(part)
        elif isinstance(part, Blank):
            said.append(_filled(part, value_of) or _GAP)
        else:
            said.append(_group(part, value_of))
    text = _tidy("".join(said))
    has_lost_its_beginning = said[:1] == [_GAP] and any(isinstance(part, str) for part in template.parts[1:2])
    return text[:1].upper() + text[1:] if has_lost_its_beginning else text


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


def _filled(blank: Blank, value_of: ValueOf) -> str:
    value = value_of(blank) or blank.fallback
    return value.replace(_GAP, "")


def _group(group: Group, value_of: ValueOf) -> str:
    said: list[str] = []
    for part in group.parts:
        text = part if isinstance(part, str) else _filled(part, value_of)
        if not text and isinstance(part, Blank):
            return _GAP
        said.append(text)
    return "".join(said)


def _tidy(text: str) -> str:
    if _GAP in text:
        text = _GAP_AT_LINE_START.sub("", text)
        text = _GAP_AFTER_SENTENCE.sub(_sentence_end, text)
        text = _GAP_BEFORE_END.sub("", text).replace(_GAP, "")
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    if "  " in text:
        text = _SPACES.sub(" ", text)
    if "\n" in text:
        text = _SPACES_AT_LINE.sub("\n", text)
    text = text.strip()
    return text[leading.end() :] if (leading := _LEADING.match(text)) else text


def _sentence_end(gap: re.Match[str]) -> str:
    return f"{gap[1]} " if " " in gap[0] else gap[1]
